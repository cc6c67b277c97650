# The loopback interface is everywhere.
$ ntsh iface
> name*state*kind*MTU*addresses*
> ...
> lo *loopback*
> ...
> *carry packets*

$ ntsh --json iface list
j .result.interfaces[0].name == "lo"
j .result.interfaces[0].kind == "loopback"
j .result.interfaces[0].mac == "00:00:00:00:00:00"
j .result.total >= 1
j .status == 0

$ ntsh --json iface kind loopback
j .result.total == 1
j .result.interfaces[0].name == "lo"

$ ntsh --json iface kind nosuchkind
j .result.total == 0

# What is wrong with the words.
$ ntsh iface lst
! ntsh: iface: *list*
? 2
