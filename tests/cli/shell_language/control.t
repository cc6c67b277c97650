# repeat, watch, foreach.
$ ntsh -c 'repeat 3 echo x'
> x
> x
> x
$ ntsh -c 'repeat 2 every 50ms echo x | tr x y'
> y
> y
$ ntsh -c 'foreach h in a "b c" $HOME do echo -$h-' > out; head -2 out
> -a-
> -b c-
$ ntsh -c 'set l 1 2; foreach a in $l do foreach b in x y do echo $a$b > out'; cat out
> 1x
> 1y
> 2x
> 2y
# all are visited, the worst status stays
$ ntsh -c 'foreach s in 3 0 1 do !exit $s'
? 3
$ ntsh -c 'repeat 2 !exit 1'
? 1
# a wrong word stays wrong
$ ntsh -c 'repeat 3 sleep x' 2>&1 | wc -l
> *3
$ ntsh -c 'repeat 0 echo x'
! ntsh: -c:1: *
! ...
? 2
$ ntsh -c 'repeat x echo x'
! ntsh: -c:1: *x*
!   repeat x echo x
!          ^
? 2
$ ntsh -c 'repeat 2 every 3apples echo x'
! ntsh: -c:1: *3apples*
!   repeat 2 every 3apples echo x
!                  ^
? 2
$ ntsh -t 250ms -c 'watch 100ms echo x'
> x
> x
> x
$ test $(ntsh -t 200ms -c 'repeat 100000 every 50ms echo x' | wc -l) -le 6 && echo ended
> ended
$ ntsh -h | grep -c -- --keep-going; ntsh -c 'foreach -h' | head -1
> 1
> foreach NAME in WORD... [parallel N] do COMMAND
