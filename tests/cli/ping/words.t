$ ntsh ping
! ntsh: ping: *
? 2

$ ntsh ping -c -1 127.0.0.1
! ntsh: ping: *
? 2

$ ntsh ping -i 0 127.0.0.1
! ntsh: ping: *
? 2

$ ntsh ping --tcp 70000 127.0.0.1
! ntsh: ping: *70000*
? 2

$ ntsh ping -I nosuchif0 127.0.0.1
! ntsh: ping: *nosuchif0*
? 2
