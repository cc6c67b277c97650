$ ntsh dns watch
! ntsh: dns watch: *
? 2
$ ntsh dns watch example.lab @127.0.0.1 -i 1ms
! ntsh: dns watch: -i 1ms is out of range;*
? 2
$ ntsh dns watch example.lab A @127.0.0.1:1 -c 2 -i 100ms
> when *
> * 127.0.0.1:1 *first *PORT-REFUSED *
>
> example.lab changed 0 times in 2 rounds
? 1
