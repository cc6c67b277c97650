# Several targets, a prefix, a range: each host once.
$ ntsh --json ping 127.0.0.0/30 127.0.1.1-3 ::1
j .status == 0
j .result.hosts_total == 8
j .result.hosts_alive == 8
j .result.hosts_silent == 0
j .result.hosts.7.address == "::1"
j .result.hosts.4.address == "127.0.1.1"
j .result.hosts.0.rtt_ms > 0
j .result.hosts.0.sent == 1

$ ntsh ping 127.0.0.1 127.0.0.2
> ADDRESS*STATE*RTT*
> 127.0.0.1*alive*
> 127.0.0.2*alive*
>
> 2 of 2 hosts answer, in *

# Rounds.
$ ntsh --json ping -c 3 -i 5ms 127.0.0.1 127.0.0.2
j .result.hosts.1.sent == 3
j .result.hosts.1.answered == 3
j .result.hosts.1.loss_percent == 0

$ ntsh --json ping --path -c 3 -i 20ms -n 127.0.0.1
j .status == 0
j .result.path.reached == true
j .result.path.hops.0.answered == 3

$ ntsh ping --tcp 80 127.0.0.1 127.0.0.2
! ntsh: ping: --tcp takes one target; name one host
? 2

$ ntsh ping 10.0.0.0/8
! ntsh: ping: 16777216 hosts are too many at once*
? 2

$ ntsh ping 10.0.0.0/40
! ntsh: ping: *
? 2
