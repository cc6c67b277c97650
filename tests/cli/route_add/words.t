# What is wrong with the words.
$ ntsh route add
! ntsh: route add: *is missing; *
? 2

$ ntsh route add 10.0.0.0/8
! ntsh: route add: where the packets are to go is missing; *
? 2

$ ntsh route add 10.0.0.0/99 via 127.0.0.1
! ntsh: route add: '10.0.0.0/99' is no address block; *
? 2

$ ntsh route add 10.0.0.0/8 via nowhere
! ntsh: route add: via 'nowhere' makes no sense; *
? 2

$ ntsh route add 10.0.0.0/8 thru 127.0.0.1
! ntsh: route add: 'thru' is no word of a route; *
? 2

$ ntsh route add 10.0.0.0/8 dev nosuchif0
! ntsh: route add: dev 'nosuchif0' makes no sense; *
? 2

# Without a terminal nothing is done until --yes says so.
$ ntsh route add blackhole 192.0.2.0/29 metric 4242
> would add: blackhole 192.0.2.0/29 metric 4242
> ...
> *nothing was changed: -y (--yes) does it

@needs root netns
$ unshare -n ntsh route add -y blackhole 192.0.2.0/29
> added: blackhole 192.0.2.0/29
> *undo*ntsh route del --yes blackhole 192.0.2.0/29
