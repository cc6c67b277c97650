# Words, quotes, variables, comments.
$ ntsh -c 'echo "a   b" c\ \ d '"'"'$x'"'"' # comment'
> a   b c  d $x
$ ntsh -c 'set x one two; echo $x "${x}" $?'
> one two one two 0
$ ntsh -c 'set x = 3; set y=4 5; set x; set y'
> 3
> 4 5
$ HERE=there ntsh -c 'echo $HERE'
> there
$ ntsh -c 'echo $nosuch'
! ntsh: -c:1: $nosuch is not set; *
!   echo $nosuch
!        ^
? 2
$ ntsh -c 'set host gw; echo $hots'
! ntsh: -c:1: $hots is not set; did you mean $host?
! ...
? 2
$ ntsh -c 'set 1x 3'
! ntsh: -c:1: set: "1x" is no name for a variable; *
? 2
$ ntsh -c 'set x 1; unset x; echo $x'
! ...
! ntsh: -c:1: $x is not set; *
! ...
? 2
$ ntsh echo '$x' 'a;b' '#c'
> $x a;b #c
