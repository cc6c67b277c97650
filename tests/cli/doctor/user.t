@needs root setpriv
# An ordinary user gets an answer, and the command that would give more.
$ setpriv --reuid=65534 --regid=65534 --clear-groups $NTSH --json doctor
j .result.abilities.1.id == "raw_socket"
j .result.abilities.1.state == "no"
j .result.abilities.1.grant ~ ^setcap cap_net_raw.ep .*ntsh$
j .result.abilities.3.state == "yes"
