# Every bad word gets one clear line that says what is wrong, and status 2.
$ ntsh frobnicate
! ntsh: *frobnicate*
? 2
$ ntsh pnig 127.0.0.1
! ntsh: *pnig*ping*
? 2
$ ntsh --frobnicate ping 127.0.0.1
! ntsh: *--frobnicate*
? 2
$ ntsh ping
! ntsh: ping: *
? 2
$ ntsh ping -c -1 127.0.0.1
! ntsh: ping: *
? 2
$ ntsh ping -c banana 127.0.0.1
! ntsh: ping: *banana*
? 2
$ ntsh ping -c 99999999999999999999 127.0.0.1
! ntsh: ping: *
? 2
$ ntsh ping -i -1 127.0.0.1
! ntsh: ping: *
? 2
$ ntsh ping -I nosuchif0 -c 1 127.0.0.1
! ntsh: ping: *nosuchif0*
? 2
$ ntsh ping --cuont 3 127.0.0.1
! ntsh: ping: *--cuont*--count*
? 2
$ ntsh diagnose 127.0.0.1:70000
! ntsh: diagnose: *70000*
? 2
$ ntsh diagnose 127.0.0.1:0
! ntsh: diagnose: *
? 2
$ ntsh diagnose 'http://127.0.0.1/a b'
! ntsh: diagnose: *
? 2
$ ntsh diagnose 'ftp://127.0.0.1/'
! ntsh: diagnose: *ftp*
? 2
$ ntsh http 'http://127.0.0.1:70000/'
! ntsh: http: *70000*
? 2
$ ntsh http 'http://'
! ntsh: http: *
? 2
$ ntsh http /etc/hostname
! ntsh: http: *
? 2
$ ntsh tls 127.0.0.1:70000
! ntsh: tls: *70000*
? 2
$ ntsh dns dig 'a..b' @127.0.0.1
! ntsh: dns dig: *
? 2
$ ntsh dns dig example A @127.0.0.1:70000
! ntsh: dns dig: *70000*
? 2
$ ntsh dns dig example A @127.0.0.1:
! ntsh: dns dig: *
? 2
$ ntsh dns dig example -t NOSUCHTYPE @127.0.0.1
! ntsh: dns dig: *NOSUCHTYPE*
? 2
$ ntsh diagnose -- -
! ntsh: diagnose: *
? 2
