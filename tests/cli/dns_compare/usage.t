# what the words may be
$ ntsh dns compare
! ntsh: dns compare: *
? 2
$ ntsh dns compare a..b @127.0.0.1
! ntsh: dns compare: "a..b" has an empty label;*
? 2
$ ntsh dns compare example.lab WRONG @127.0.0.1
! ntsh: dns compare: *
? 2
$ ntsh dns compare example.lab @127.0.0.1:99999
! ntsh: dns compare: '@127.0.0.1:99999' is no server;*
? 2

# nobody there
$ ntsh --json dns compare example.lab A @127.0.0.1:1 @127.0.0.1:2 +timeout=60s
? 1
j .result.verdict == "nothing"
j .result.servers.0.status == "PORT-REFUSED"
j .result.servers.1.role == "given"
