# foreach ... parallel: whole and in the order of the words, whatever comes first; bounded; ended by Ctrl-C and -t.
$ ntsh -c 'foreach d in 0.3 0.01 0.1 0.01 parallel 3 do !sh -c "sleep $d; echo $d"'
> 0.3
> 0.01
> 0.1
> 0.01
$ timeout 3 ntsh -c 'foreach d in 1 1 1 1 1 1 1 1 parallel 8 do sleep $d' && echo at once
> at once
# a run that prints much waits for its turn in bounded memory
$ ntsh -c 'foreach n in 1 2 3 parallel 3 do !head -c 3000000 /dev/zero | tr "\0" $n' | fold -w 3000000 | cut -c1-3
> 111
> 222
> 333
$ ntsh -c 'foreach s in 0 3 1 parallel 2 do !exit $s'
? 3
$ ntsh -c 'foreach a in 127.0.0.1 127.0.0.2 127.0.0.3 parallel 2 do route get $a' 2>&1 >/dev/null
> ntsh: 3 commands: all good
$ ntsh --json -c 'foreach a in 127.0.0.1 127.0.0.2 parallel 2 do route get $a' 2>/dev/null | grep -c '^{"command":"route get".*}$'
> 2
$ ntsh -c 'foreach a in 1 parallel 0 do echo $a'
! ntsh: -c:1: foreach: number 0 is out of range; a number is 1 to 256
! ...
? 2
$ ntsh -c 'foreach a in x parallel do echo $a'
> x
> parallel
$ ntsh -t 200ms -c 'foreach d in 9 9 9 parallel 2 do sleep $d' && echo ended
> ended
$ timeout -s INT 0.5 ntsh -c 'foreach d in 9 9 9 parallel 2 do sleep $d'; echo $?; sleep 0.2; pgrep -fc 'foreach d in 9 9 9' || true
> 124
> *
