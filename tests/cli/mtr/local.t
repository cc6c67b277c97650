$ ntsh --json mtr --report -n -c 3 -i 20ms 127.0.0.1
j .status == 0
j .result.method == "ICMP"
j .result.reached == true
j .result.hops.0.hop == 1
j .result.hops.0.address == "127.0.0.1"
j .result.hops.0.sent == 3
j .result.hops.0.answered == 3
j .result.hops.0.loss_percent == 0
j .result.findings.0.kind == "end"

# In a pipe: no live screen.
$ ntsh mtr -n -c 2 -i 20ms ::1
> to ::1 by ICMP, from ::1, 2 rounds
> HOP*ROUTER*LOSS*
> *1*::1*0 %*2*
>
> ::1 answers at hop 1: 0 % lost, median *
