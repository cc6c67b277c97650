$ ntsh dns reverse
! ntsh: dns reverse: *
? 2
$ ntsh dns reverse www.example.lab @127.0.0.1
! ntsh: dns reverse: 'www.example.lab' is no address and no prefix; write 192.0.2.1, 192.0.2.0/24 or 2001:db8::1
? 2
$ ntsh dns reverse 10.0.0.0/8 @127.0.0.1
! ntsh: dns reverse: 10.0.0.0/8: more than 65536 addresses; ask for a part of it
? 2
$ ntsh dns reverse 192.0.2.0/33 @127.0.0.1
! ntsh: dns reverse: '192.0.2.0/33' is no address and no prefix;*
? 2
$ ntsh --json dns reverse 192.0.2.0/29 2001:db8::/126 @127.0.0.1:1
? 1
j .result.asked == 10
j .result.failed == 10
j .result.addresses.0.address == "192.0.2.1"
j .result.addresses.0.status == "PORT-REFUSED"
j .result.addresses.-1.address == "2001:db8::3"
