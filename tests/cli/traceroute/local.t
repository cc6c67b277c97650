# The loopback is one hop away: a port where nobody listens says so, an echo is answered.
$ ntsh --json traceroute -n 127.0.0.1
j .status == 0
j .result.method == "UDP"
j .result.port == 33434
j .result.end == "reached"
j .result.end_hop == 1
j .result.hops.0.address == "127.0.0.1"
j .result.hops.0.answered == 3
j .result.hops.0.routers.0.kind == "reached"
j .result.findings.0.kind == "end"

$ ntsh traceroute -n 127.0.0.1
> to 127.0.0.1 by UDP port 33434, from 127.0.0.1
> *HOP*ROUTER*
> *1*127.0.0.1*3*3*
> ...
> 127.0.0.1 answers at hop 1 after *

$ ntsh --json traceroute -n -T -p 1 ::1
j .status == 0
j .result.method == "TCP"
j .result.end == "reached"
