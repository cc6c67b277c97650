@needs devfull
# Output that cannot be written is status 3 and one line; a closed pipe is silent.
$ ntsh route get 127.0.0.1 > /dev/full
! ntsh: *
? 3
$ ntsh --json route get 127.0.0.1 > /dev/full
! ntsh: *
? 3
$ ntsh route get 127.0.0.1 >&-
! ntsh: *
? 3
$ ntsh -c 'route get 127.0.0.1 > /dev/full'
! ...
! ntsh: *
! ...
? 3
$ ntsh -c 'route get 127.0.0.1 > /nonexistent/file'
! ...
! *nonexistent*
! ...
? 3
$ ntsh help | head -1 > /dev/null; echo ${PIPESTATUS:-none}
> none
