# what the words may be
$ ntsh dns dig
! ntsh: dns dig: NAME is missing*
? 2
$ ntsh dns dig a..b @127.0.0.1
! ntsh: dns dig: "a..b" has an empty label;*
? 2
$ ntsh dns dig 0123456789012345678901234567890123456789012345678901234567890123.lab @127.0.0.1
! ntsh: dns dig: * has a label of more than 63 octets;*
? 2
$ ntsh dns dig example.lab AXFR A @127.0.0.1
! ntsh: dns dig: zone transfers cannot be asked for together with other types;*
? 2
$ ntsh dns dig example.lab +subnet=10.0.0.0/40 @127.0.0.1
! ntsh: dns dig: +subnet: '10.0.0.0/40' is no network;*
? 2
$ ntsh dns dig example.lab +cookie=xyz @127.0.0.1
! ntsh: dns dig: +cookie: 'xyz' is not hex*
? 2
$ ntsh dns dig example.lab +ednsopt=nothing:00 @127.0.0.1
! ntsh: dns dig: +ednsopt: 'nothing' is no EDNS option;*
? 2
$ ntsh dns dig example.lab +tls +https @127.0.0.1
! ntsh: dns dig: *
? 2
$ ntsh dns dig -f /nonexistent @127.0.0.1
! ntsh: dns dig: the names in /nonexistent cannot be read: *
? 2
$ printf 'a.lab\nb..lab\n' > names; ntsh dns dig -f names @127.0.0.1
! ntsh: dns dig: names, line 2: "b..lab" has an empty label;*
? 2
$ ntsh dns dig example.lab -t WRONG @127.0.0.1
! ntsh: dns dig: *WRONG*
? 2
$ ntsh dns dig example.lab -c XX @127.0.0.1
! ntsh: dns dig: 'XX' is no DNS class;*
? 2
$ ntsh dns dig example.lab +bufsize=100 @127.0.0.1
! ntsh: dns dig: +bufsize*
? 2

# a port where nobody listens is told at once
$ ntsh dns dig example.lab A @127.0.0.1:1 +timeout=60s
> ...
! ntsh: dns dig: 127.0.0.1:1 refuses UDP: nobody listens on that port; *
? 1
$ ntsh --json dns dig example.lab A @127.0.0.1:1 +tcp
? 1
j .result.status == "PORT-REFUSED"
j .result.questions.0.transport == "TCP"
j .error.code == "ECONNREFUSED"
j .status == 1
