# what the words may be
$ ntsh dns resolver a..b
! ntsh: dns resolver: *
? 2
$ ntsh dns resolver one two
! ntsh: dns resolver: *two*
? 2

# an address is one, whatever resolv.conf says
$ ntsh --json dns resolver 127.0.0.1
j .result.outcome == "found"
j .result.source == "literal"
j .result.addresses.0 == "127.0.0.1"
