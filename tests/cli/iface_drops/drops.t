$ ntsh --json iface drops lo --for 20ms
j .result.places[0].place == "card"
j .result.places[6].place == "socket"
j .result.counters[0].name == "rx_errors"
j .result.interval_ms >= 20

$ ntsh iface drops nosuchif0
! ntsh: iface drops: *nosuchif0*
? 2

$ ntsh iface drops lo --for 0
! ntsh: iface drops: *
? 2
