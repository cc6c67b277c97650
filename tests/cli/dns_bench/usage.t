$ ntsh dns bench
! ntsh: dns bench: *
? 2
$ ntsh dns bench a..b @127.0.0.1
! ntsh: dns bench: "a..b" has an empty label;*
? 2
$ ntsh --json dns bench example.lab @127.0.0.1:1 -n 5
? 1
j .result.servers.0.refused == 5
j .result.servers.0.answered == 0
j .result.servers.0.loss_percent == 0
j .result.servers.0.median_ms == null
