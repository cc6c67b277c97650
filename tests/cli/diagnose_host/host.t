# Something is found or not, by the contract of all diagnoses.
$ ntsh --json diagnose host --for 1s; true
j .result.verdict.cause exists
j .result.verdict.class ~ ^(healthy|client|dns|server)$
j .result.verdict.evidence[0].says exists
j .result.interval_ms >= 1000
j .result.ledger == null

$ ntsh diagnose host --for 1ms
! ntsh: diagnose host: *
? 2

