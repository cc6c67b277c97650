# What cannot be a target is said before a packet leaves.
$ ntsh tls 127.0.0.1:70000
! ntsh: tls: port 70000 does not exist*
? 2
$ ntsh tls
! ...
? 2
# Nobody listens on port 1.
$ ntsh tls 127.0.0.1:1
! ntsh: tls: 127.0.0.1:1 refused*
? 1
$ ntsh --json tls 127.0.0.1:1
j .error.code == "ECONNREFUSED"
j .result.host == "127.0.0.1:1"
? 1
