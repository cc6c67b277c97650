# Whatever a batch file holds, it ends with one clear line that names the file.
$ head -c 4096 /dev/urandom | tr -d '\n' > junk; ntsh -f junk
! ...
! *junk*
! ...
? 2
$ head -c 1048576 /dev/zero | tr '\0' 'a' > long; ntsh -f long
! ...
! *long*
! ...
? 2
$ printf 'route get 127.0.0.1\0\n' > nul; ntsh -f nul
! ...
! *nul*
! ...
? 2
$ ntsh -f nosuchfile
! ntsh: *nosuchfile*
? 3
$ ntsh -f .
! ntsh: *
? 3
$ printf "echo 'open\n" > open; ntsh -f open
! ...
! *open*1*
! ...
? 2
