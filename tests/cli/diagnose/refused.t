# Nobody listens at this port of loopback: the host lives, so it is the server.
$ ntsh --json diagnose 127.0.0.1:4
j .result.verdict.class == "server"
j .result.verdict.cause == "server.refused"
j .result.verdict.fatal == true
j .result.verdict.where == "127.0.0.1:4"
j .result.verdict.confidence > 0.8
j .result.verdict.next[0] exists
j .result.ledger.total_ms exists
? 1

$ ntsh diagnose 127.0.0.1:4
> REFUSED*nothing listens at 127.0.0.1:4*
> ...
? 1
