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

$ ntsh ping -p xyz 127.0.0.1
! ntsh: ping: 'xyz' is no pattern; *
? 2

$ ntsh ping -f -A 127.0.0.1
! ntsh: ping: *
? 2
