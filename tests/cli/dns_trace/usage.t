# what the words may be
$ ntsh dns trace
! ntsh: dns trace: NAME is missing*
? 2
$ ntsh dns trace a..b
! ntsh: dns trace: *
? 2
$ ntsh dns trace example.lab WRONG
! ntsh: dns trace: *WRONG*
? 2
$ ntsh dns trace example.lab --root /nonexistent
! ntsh: dns trace: the hints file /nonexistent cannot be read*
? 3
$ echo 'nothing here' > hints; ntsh dns trace example.lab --root hints
! ntsh: dns trace: no address of a root server is in it; a hints file has lines like *
? 2

# a root that nobody serves is told at once
$ echo 'ns.root. 3600 IN A 127.9.9.9' > hints; ntsh --json dns trace example.lab --root hints --no-resolver --wait 300ms --tries 1
? 1
j .result.outcome ~ port closed
j .result.zones.0.name == "."
j .result.zones.0.servers.0.address == "127.9.9.9"
j .result.zones.0.good == 0
