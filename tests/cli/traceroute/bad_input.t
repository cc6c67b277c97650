$ ntsh traceroute
! ntsh: traceroute: *
? 2

$ ntsh traceroute -I -T 127.0.0.1
! ntsh: traceroute: *
? 2

$ ntsh traceroute -m 0 127.0.0.1
! ntsh: traceroute: *
? 2

$ ntsh traceroute -f 9 -m 4 127.0.0.1
! ntsh: traceroute: the last hop (4) comes before the first (9)*
? 2
