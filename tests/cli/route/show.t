# The loopback's own routes are always there, in table local.
$ ntsh --json route show table local dev lo type local root 127.0.0.0/8
j .result.routes.0.prefix == "127.0.0.0/8"
j .result.routes.0.type == "local"
j .result.routes.0.interface == "lo"
j .result.routes.0.gateway == null
j .result.complete == true
j .result.table_shown == "local"

$ ntsh route table local 127.0.0.1
> destination * via * dev * proto * metric * src*
> 127.0.0.1/32 * lo * kernel *
>
> 1 route of table local

# Nothing found is status 1.
$ ntsh route show table 4242
> table 4242 has no such route
? 1

# What is wrong with the words.
$ ntsh route gett 127.0.0.1
! ntsh: route: unexpected word '127.0.0.1'; *
? 2

$ ntsh route gett
! ntsh: route: 'gett' is no address block; *route show, get, rules*
? 2

$ ntsh route show 10.0.0.0/33
! ntsh: route: '10.0.0.0/33' is no address block; *
? 2

$ ntsh -6 route show 10.0.0.0/8
! ntsh: route: '10.0.0.0/8' is no address block of IPv6; *
? 2

$ ntsh route show table nosuchtable
! ntsh: route: there is no table 'nosuchtable'; *
? 2

$ ntsh route show proto nosuch
! ntsh: route: there is no route protocol 'nosuch'; *
? 2
