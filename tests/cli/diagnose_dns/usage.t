# what the words may be
$ ntsh diagnose dns
! ntsh: diagnose dns: NAME is missing*
? 2
$ ntsh diagnose dns a..b
! ntsh: diagnose dns: *
? 2
$ ntsh diagnose dns www.lab --root
! ntsh: diagnose dns: *
? 2
$ ntsh diagnose dns 192.0.2.1
! ntsh: diagnose dns: 192.0.2.1 is an address: nothing has to be looked up; *
? 2
