$ ntsh speed
! ntsh: speed: *
? 2

$ ntsh speed -P 99 127.0.0.1
! ntsh: speed: *99*
? 2

$ ntsh speed --up --down 127.0.0.1
! ntsh: speed: *
? 2

$ ntsh speed -t 1s 127.0.0.1:1
> ...
! ntsh: speed: *refused*iperf3 -s*
? 1
