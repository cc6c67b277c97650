$ ntsh iface stats lo --for 50ms
> interface*state*
> lo *
> ...

$ ntsh --json iface stats lo --for 50ms
j .result.interfaces[0].name == "lo"
j .result.interfaces[0].counters[0].name == "rx_packets"
j .result.interfaces[0].counters[4].name == "rx_errors"
j .result.interval_ms >= 50
j .result.moving == 0

$ ntsh iface stats lo --for 0
! ntsh: iface stats: *
? 2
