# A batch ends at the first status that is not 0; with -k it goes on. The status is the worst seen.
$ printf 'echo a\n!exit 1\necho never\n' > f; ntsh -f f
> a
! ntsh: 2 commands: not all good, worst status 1, ended at line 2
? 1
$ ntsh -k -f f
> a
> never
! ntsh: 3 commands: not all good, worst status 1
? 1
$ printf 'echo a; !exit 1; echo never\n' | ntsh -q
> a
? 1
$ printf '!exit 3\n!exit 1\n' | ntsh -q -k
? 3
$ printf '!exit 1 || echo rescued\n!exit 0 && echo on\n' | ntsh -q
> rescued
> on
? 0
$ ntsh -c 'echo a; exit 7; echo never'
> a
? 7
$ ntsh -k -c '!exit 1; echo b; exit'
> b
? 1
$ ntsh -c 'exit 256'
! ...
? 2
$ printf 'exit 4\n' > f; ntsh -c 'source f; echo never'
? 4
# a sourced file ends, too
$ printf '!exit 1\necho never\n' > f; ntsh -c 'source f || echo rescued'
> rescued
? 0
