$ ntsh --json mtu -n -s 1500 127.0.0.1
j .status == 0
j .result.mtu == 1500
j .result.reached == true
j .result.verdict == "full"
j .result.hops.0.mtu == 1500

$ ntsh mtu -n -s 1400 ::1
> HOP*ROUTER*MTU*
> *1*::1*1400
>
> packets of 1400 bytes get to ::1 and back
