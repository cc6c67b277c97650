# An error text from another program finds its entry; the longest name wins.
$ ntsh explain 'curl: (7) Failed to connect to 192.0.2.7 port 443 after 0 ms: Connection refused'
> ECONNREFUSED*
> ...

$ ntsh explain CLOSE-WAIT
> CLOSE-WAIT*
> ...

$ ntsh explain etimedout
> ETIMEDOUT*
> ...

$ ntsh explain 111
> ECONNREFUSED*
> ...

$ ntsh explain zzzzzz
! ntsh: explain: nothing here explains 'zzzzzz'*
? 1
