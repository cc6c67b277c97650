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
$ ntsh dns dig example.lab AXFR @127.0.0.1
! ntsh: dns dig: zone transfers (AXFR) are no single question;*
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
$ ntsh dns dig bücher.lab @127.0.0.1
! ntsh: dns dig: * is an international name; write it in its ASCII form: xn--...
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
