# Every page is the source of a man page that groff reads without complaint.
@needs groff
$ for page in $(ntsh --json help | sed 's/"name":"/\n/g' | sed -n '2,$s/".*//p' | tr ' ' '-'); do ntsh help --man $page | groff -ww -man -Tascii -z 2>&1 | sed "s/^/$page: /"; done

# The page has its name, its usage and its options.
$ ntsh help --man ping | groff -man -Tascii -P-cbou
> NTSH-PING(1)*
> ...
> *ntsh-ping - does it answer*
> ...
> SYNOPSIS
> *ping *TARGET*
> ...
> OPTIONS
> ...
> *-c, --count N*
> ...
