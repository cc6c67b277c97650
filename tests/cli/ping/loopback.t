$ ntsh ping -c 3 -i 10ms 127.0.0.1
> ...
> seq 1  *  from 127.0.0.1
> seq 2  *  from 127.0.0.1
> seq 3  *  from 127.0.0.1
> ...
> *3 of 3, 0 % lost
> ...
> 127.0.0.1 answers, and steadily*

$ ntsh --json ping -c 3 -i 10ms ::1
j .status == 0
j .result.address == "::1"
j .result.sent == 3
j .result.received == 3
j .result.lost == 0
j .result.loss_percent == 0
j .result.verdict == "steady"
j .result.rtt_ms.p99 > 0
j .result.probes.2.seq == 3
j .result.probes.2.outcome == "reply"

# Unattended: five.
$ ntsh ping -i 5ms 127.0.0.1 | grep -c '^seq'
> 5

# A refused handshake is an answer.
$ ntsh --json ping --tcp 1 -c 2 -i 10ms 127.0.0.1
j .result.method == "TCP"
j .result.port == 1
j .result.received == 2

$ ntsh --json ping -f -c 200 -p ff00 127.0.0.1
j .result.received == 200
j .result.lost == 0

$ ntsh --json ping -A -c 3 -D -t 9 -Q 16 ::1
j .result.received == 3

# Nobody listens there: that is an answer.
$ ntsh --json ping --udp 9 -c 3 -i 5ms 127.0.0.1
j .result.method == "UDP"
j .result.port == 9
j .result.received == 3
j .result.clock == "kernel"
