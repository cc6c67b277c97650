# The options before the command.
$ ntsh --version
> ntsh *
$ ntsh -h
> *
> ...
$ ntsh -4 -6 echo x
! ntsh: *-6*
? 2
$ ntsh -x
! ntsh: *-x*
? 2
$ ntsh -t soon echo x
! ntsh: *soon*
? 2
$ ntsh -n nosuchnamespace_here echo x
! ntsh: *
? 3
$ ntsh -t 100ms sleep 5s
? 0
$ ntsh --color sometimes echo x
! ntsh: *sometimes*
? 2
$ ntsh -qf nosuchfile
! ntsh: "nosuchfile" cannot be read: *
? 3
$ ntsh -- echo x
> x
