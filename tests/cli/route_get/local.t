# This machine is always reachable.
$ ntsh route get 127.0.0.1
> 127.0.0.1 is this machine: packets to it never leave it
> ...

$ ntsh --json route get 127.0.0.1
j .result.interface == "lo"
j .result.way == "local"
j .result.destination == "127.0.0.1"
j .result.route.type == "local"
j .result.route.table == "local"
j .result.gateway == null
j .result.mtu > 1000
j .status == 0

# What is wrong with the words.
$ ntsh route get
! ntsh: route get: *
? 2

$ ntsh route get 127.0.0.1 oif nosuchif0
! ntsh: route get: *nosuchif0*
? 2

$ ntsh route get 127.0.0.1 from nonsense
! ntsh: route get: *nonsense*
? 2
