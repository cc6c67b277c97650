# what the words may be
$ ntsh dns check
! ntsh: dns check: NAME is missing*
? 2
$ ntsh dns check a..b
! ntsh: dns check: *
? 2
$ echo 'nothing' > hints; ntsh dns check example.lab --root hints
! ntsh: dns check: no address of a root server is in it; *
? 2

# a root that nobody serves
$ echo 'ns.root. 3600 IN A 127.9.9.9' > hints; ntsh dns check example.lab --root hints --wait 100ms
! ntsh: dns check: no zone could be found for example.lab*
? 1
