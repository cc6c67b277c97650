$ ntsh --json iface watch lo --interval 20ms --count 2
j .result.looks == 2
j .result.changes == 0

$ ntsh iface watch lo --interval 20ms --count 2
> ...
> 2 looks: 0 changes, *

$ ntsh iface watch --interval 1ms
! ntsh: iface watch: *
? 2
