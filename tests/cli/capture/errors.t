$ ntsh capture tcp prot 80
! ntsh: capture: the filter is wrong at 'prot'; *
!   tcp prot 80
!       ^
? 2

$ ntsh capture 'tcp port 80 and (host 192.0.2.1 or hst 5)'
! ntsh: capture: the filter is wrong at 'hst'*
!   tcp port 80 and (host 192.0.2.1 or hst 5)
!                                      ^
? 2

$ ntsh capture host
! ntsh: capture: the filter ends too early; *
!   host
!       ^
? 2

$ ntsh capture -r nosuchfile
! ntsh: capture: nosuchfile cannot be read: No such file or directory
? 3

$ echo hello world > text; ntsh capture -r text
! ntsh: capture: text is no capture file; *
? 3

$ : > empty; ntsh capture -r empty
! ntsh: capture: empty is empty: not even a file header
? 3

$ ntsh capture -r text -i lo
! ntsh: capture: * exclude each other; *
? 2

$ ntsh capture -C 1M
! ntsh: capture: -C, -G and -W are about files that are written; add -w FILE
? 2

$ ntsh capture -w f -W 3
! ntsh: capture: -W wants to know when a file ends; add -C SIZE or -G D
? 2

$ ntsh capture -w f -C 100
! ntsh: capture: *100* is out of range; *
? 2

$ ntsh --json capture -w - 2>/dev/null | grep -o 'both want standard output'
> both want standard output

# A file with a header only, in the other byte order, is a capture without packets. It is not written over while it is read.
$ printf '\241\262\303\324\0\002\0\004\0\0\0\0\0\0\0\0\0\004\0\0\0\0\0\001' > none.pcap; ntsh capture -r none.pcap
> 0 of 0 packets, 0 B
$ ntsh capture -r none.pcap -w none.pcap
! ntsh: capture: none.pcap is being read: it cannot be written over; give another name
? 2
$ (cat none.pcap; printf '\0\0\0\001\0\0\0\001\177\377\377\377\0\0\0\001') > bad.pcap; ntsh capture -r bad.pcap
! ntsh: capture: the file is damaged at byte 24, behind 0 packets: a packet of 2147483647 bytes; *
? 3

# A pipe that says nothing is waited for; the end comes from outside.
$ (cat none.pcap; sleep 5) | ntsh -t 300ms capture -r -
> 0 of 0 packets, 0 B
>   note     stopped by the timeout (-t)

$ [ -e /dev/full ] || exit 3; (cat none.pcap; printf '\0\0\0\001\0\0\0\001\0\0\0\001\0\0\0\001x') | ntsh capture -r - -w /dev/full
> 1 of 1 packets, 1 B
! ntsh: capture: /dev/full cannot be written: No space left on device; *
? 3
