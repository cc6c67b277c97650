$ ntsh mtr
! ntsh: mtr: *
? 2

$ ntsh mtr -i 1ms 127.0.0.1
! ntsh: mtr: *
? 2

$ ntsh mtr -T -u 127.0.0.1
! ntsh: mtr: *
? 2
