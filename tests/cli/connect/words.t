$ ntsh connect
! ntsh: connect: *HOST:PORT*
? 2

$ ntsh connect localhost
! ntsh: connect: *names no port*
? 2

$ ntsh connect 127.0.0.1:99999
! ntsh: connect: *99999*
? 2

$ ntsh connect 127.0.0.1:20-30
! ntsh: connect: *more than one port*
? 2

$ ntsh connect 127.0.0.1 22 what
! ntsh: connect: *third word*
? 2

$ ntsh connect --listen 9 127.0.0.1:9
! ntsh: connect: --listen takes no target*
? 2

$ ntsh connect --listen 9000 --watch
! ntsh: connect: *
? 2
