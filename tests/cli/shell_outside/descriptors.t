@needs devfull
# Output and input that are not there.
$ ntsh echo a >&-
! ntsh: *
? 3
$ ntsh echo a > /dev/full
! ntsh: *
? 3
$ ntsh -c 'echo a > /dev/full'
! ntsh: -c:1: *
? 3
$ ntsh -j echo a > /dev/full
! ntsh: *
? 3
$ ntsh <&-
! ntsh: standard input:1: it cannot be read: Bad file descriptor
? 3
$ ntsh echo a 2>&-
> a
$ ntsh frob 2>&-
? 2
$ ntsh echo a <&- >out 2>err; cat out err
> a
$ ntsh -c 'echo a; echo b' 2>/dev/full
> a
> b
# FIFOs: waited for when read, an error when nobody reads
$ mkfifo fin fout; (sleep 0.2; echo 'echo from a fifo') > fin & ntsh -q -f fin; ntsh -c 'echo x > fout'
> from a fifo
! ntsh: -c:1: "fout" cannot be written: *
! ...
? 3
