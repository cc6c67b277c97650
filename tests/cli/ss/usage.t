# What the filter does not understand: where, and what to write instead.
$ $NTSH ss state nonsense
! ntsh: ss: no such state at 'nonsense' in the filter; *established, syn-sent*
? 2
$ $NTSH ss state establishd
! ntsh: ss: no such state at 'establishd' in the filter; did you mean established?
? 2
$ $NTSH ss state
! ntsh: ss: a state is missing at its end in the filter; *
? 2
$ $NTSH ss 'sport = :99999'
! ntsh: ss: '99999' is no port; a number up to 65535, or a name in /etc/services
? 2
$ $NTSH ss '( sport = :22'
! ntsh: ss: a ) is missing at its end in the filter; each ( needs its )
? 2
$ $NTSH ss 'port = 22'
! ntsh: ss: no condition at 'port' in the filter; a condition begins with *
? 2
$ $NTSH ss 'src > 10.0.0.1'
! ntsh: ss: no such comparison at '>' in the filter; *
? 2
$ $NTSH ss dst 10.0.0.0/40
! ntsh: ss: '40' is no prefix length; IPv4 has 0 to 32 bits
? 2
$ $NTSH ss dev nosuch0
! ntsh: ss: there is no interface nosuch0 here; ntsh iface list
? 2
$ $NTSH ss -N nosuchnamespace
! ntsh: ss: *nosuchnamespace*
? 3
