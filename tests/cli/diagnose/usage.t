# What is no target gets one line and status 2.
$ ntsh diagnose
! ntsh: diagnose: *
? 2

$ ntsh diagnose http://
! ntsh: diagnose: *
? 2

$ ntsh diagnose 'http://a b/'
! ntsh: diagnose: *
? 2

$ ntsh diagnose localhost:70000
! ntsh: diagnose: no such port: '70000'*
? 2

$ ntsh diagnose 'two words'
! ntsh: diagnose: this is no host*
? 2

$ ntsh diagnose 1:2:3:4
! ntsh: diagnose: this is no address*
? 2
