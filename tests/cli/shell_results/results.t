# Values of earlier results by number.
$ ntsh -c 'route get 127.0.0.1 > /dev/null; route get 127.0.0.2 > /dev/null
  echo $1.destination ${2.destination} ${-1.destination} "$1.interface." $2.route.type'
> 127.0.0.1 127.0.0.2 127.0.0.2 lo. local
$ ntsh -q -c 'route get 127.0.0.1 > /dev/null; route get 127.0.0.2 > /dev/null; expect mtu == $1.mtu'
> ok  mtu == 65536: 65536
$ ntsh -c 'route get 127.0.0.1 > /dev/null; results'
> number  status  command
>      1       0  route get 127.0.0.1
$ ntsh -c 'results'
> nothing was measured yet
$ ntsh --json -c 'route get 127.0.0.1 > f; results' | tail -1
j .result.results[0].kept == true
# a parameter with something behind it stays one
$ echo 'echo $1.example ${1}.example "$1."' > p.nt; ntsh -f p.nt www
> www.example www.example www.
$ ntsh -c 'route get 127.0.0.1 > /dev/null; echo $1.nope'
! ntsh: -c:1: $1.nope is not set; "results" numbers what there is*
! ...
? 2
$ ntsh -c 'ping -c 3 -i 10ms 127.0.0.1 > /dev/null; foreach r in $1.probes[].seq do echo $r'
> 1
> 2
> 3
$ ntsh -c 'echo ${-1.x}'
! ntsh: -c:1: $-1.x is not set*
! ...
? 2
