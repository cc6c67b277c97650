$ ntsh doctor | cat
> *READY*
> ...

$ ntsh --json doctor
j .result.tried > 20
j .result.abilities.0.id == "ping_socket"
j .result.abilities.3.id == "timestamps"
j .result.abilities.3.state == "yes"
j .result.abilities.4.state == "yes"
j .result.broken == null
j .status == 0
