# What cannot be read is said in one line; what is no capture as well.
$ ntsh capture flows /nonexistent
! ntsh: capture flows: *
? 3
$ echo hello > f; ntsh capture flows f
! ntsh: capture flows: *
? 3
$ ntsh capture flows -a -m 3 f
! ntsh: capture flows: *exclude each other*
? 2
# an empty capture has no conversations, and is no error
$ printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' > e.pcap; ntsh capture flows e.pcap
> ...
> 0 conversations*
$ ntsh --json capture flows e.pcap
j .result.count == 0
j .result.cut == false
$ ntsh diagnose capture e.pcap
> CANNOT TELL   there are no packets in it
> ...
? 1
