# A syntax error shows the place.
$ ntsh -c 'echo a; echo "b'
! ntsh: -c:1: this quote is not closed; close it
!   echo a; echo "b
!                ^
? 2
$ printf 'echo a\n\necho b | \n' > f; ntsh -f f
> a
! ntsh: f:3: a program's name is missing; write | PROGRAM
!   echo b |*
!          ^
! ntsh: 1 command: not all good, worst status 2, ended at line 3
? 2
$ ntsh -c 'foreach x in a b'
! ntsh: -c:1: "do" is missing; write: foreach NAME in WORD... [parallel N] do COMMAND
! ...
? 2
$ ntsh -c 'help < file'
! ntsh: -c:1: commands read no input from files; *
! ...
? 2
$ ntsh -c 'echo a > b > c'
! ntsh: -c:1: output goes into a file already; *
! ...
? 2
$ ntsh -c 'frob x; echo never'
! ntsh: -c:1: there is no command "frob"; *
!   frob x; echo never
!   ^
? 2
$ ntsh -c 'sleep 1s 2s'
! ntsh: -c:1: sleep: *2s*
!   sleep 1s 2s
!            ^
? 2
