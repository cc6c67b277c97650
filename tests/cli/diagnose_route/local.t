$ ntsh --json diagnose route 127.0.0.1
j .result.verdict.cause == "healthy"
j .result.verdict.summary ~ this machine itself
j .result.ledger == null

@needs root netns
$ unshare -n sh -c 'ip link set lo up; ntsh --json diagnose route 192.0.2.7'
j .result.verdict.cause == "client.no-route"
j .result.verdict.fatal == true
j .status == 1
? 1

$ ntsh diagnose route
! ntsh: diagnose route: HOST is missing; *
? 2
