# What is no text.
$ printf 'echo a\0b\n' | ntsh
! ntsh: standard input:1: this is no text (byte 0x00 in column 7); a batch is a text file
! ...
? 2
$ ntsh -f $NTSH 2>&1 | head -1
> ntsh: *:1: this is no text (byte 0x*
$ head -c 1200000 /dev/zero | tr '\0' a | ntsh
! ntsh: standard input:1: this line is longer than 1 MiB; is this a text file?
? 2
$ (printf 'echo '; head -c 1000000 /dev/zero | tr '\0' a; echo) | ntsh -q | wc -c
> *1000001
$ (printf 'frob '; head -c 1000000 /dev/zero | tr '\0' a; echo) | ntsh 2>&1 | wc -c
> 192
$ (printf "echo '\n"; yes | head -1000000) | ntsh
! ntsh: standard input:*: this line is longer than 1 MiB; is this a text file?
? 2
$ ntsh "$(printf 'a\033[31mb')"
! ntsh: there is no command "a\e[31mb"; *
? 2
$ ntsh -f .
! ntsh: .:1: it cannot be read: Is a directory
? 3
