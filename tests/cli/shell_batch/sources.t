# One command, -c, -f, a script, standard input, source.
$ ntsh echo one
> one
$ ntsh -c 'echo a
  echo b'
> a
> b
! ntsh: 2 commands: all good
$ printf 'echo $0 $# $1; echo "$@"\n' > f; ntsh -q -f f -x 'y z'
> f 2 -x
> -x y z
$ echo 'echo in $#' | ntsh -q -f - a b
> in 2
$ echo 'echo in' | ntsh -q
> in
$ printf '#!/usr/bin/env -S ntsh -q -f\necho script $1\n' > s; chmod +x s; PATH=$(dirname $NTSH):$PATH ./s -v
> script -v
$ printf 'set x $1; echo sourced\n' > f; ntsh -q -c 'source f word; echo $x'
> sourced
> word
$ printf 'source f\n' > f; ntsh -q -f f
! ntsh: f:1: source: files are nested deeper than 16; does it source itself?
? 2
$ ntsh source nosuchfile
! ntsh: "nosuchfile" cannot be read: *
? 3
$ ntsh -c 'echo a' b
! ntsh: "b" is too much: -c takes one word; *
? 2
$ ntsh -c 'echo a' -f x
! ntsh: *-c*
? 2
$ : | ntsh
! ntsh: 0 commands: all good
