$ ntsh whois
! ntsh: whois: *
? 2
$ ntsh whois "$(printf 'a\nb')" -h 127.0.0.1
! ntsh: whois: control characters cannot be asked for
? 2
$ ntsh whois example.lab -h 127.0.0.1 -p 1
> ...
! ntsh: whois: 127.0.0.1:1 *
? 1
