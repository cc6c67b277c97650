$ ntsh mtu
! ntsh: mtu: *
? 2

$ ntsh mtu -s 20 127.0.0.1
! ntsh: mtu: *
? 2
