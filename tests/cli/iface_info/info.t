$ ntsh iface info lo
> GOOD*lo is up and no fault is to be seen*
>
> ...
>   kind *loopback
> ...
>   address *127.0.0.1/8, host
> ...

$ ntsh --json iface info lo
j .result.name == "lo"
j .result.kind == "loopback"
j .result.health == "good"
j .result.addresses[0].address == "127.0.0.1"
j .result.addresses[0].prefix_length == 8
j .result.mtu >= 1280
j .result.rings.rx == null
j .result.link.speed_bps == null
j .status == 0

$ ntsh iface info
! ntsh: iface info: *
? 2

$ ntsh iface info nosuchif0
! ntsh: iface info: *nosuchif0*
? 2
