# States, statuses, flags, numbers and extended errors, however they are written.
$ ntsh --json explain SYN_SENT
j .result.entries.0.title ~ ^SYN-SENT
j .result.entries.0.topic == "tcp-states"

$ ntsh --json explain close wait
j .result.entries.0.title ~ ^CLOSE-WAIT

$ ntsh --json explain 502
j .result.entries.0.title ~ ^502

$ ntsh --json explain 'HTTP/1.1 504 Gateway Timeout'
j .result.entries.0.title ~ ^504

$ ntsh --json explain servfail
j .result.entries.0.title ~ ^SERVFAIL

$ ntsh --json explain AD
j .result.entries.0.title ~ Authenticated

$ ntsh --json explain 'EDE 22'
j .result.entries.0.title ~ ^EDE 22

$ ntsh --json explain 104
j .result.entries.0.title ~ ^ECONNRESET

$ ntsh --json explain 'RTNETLINK answers: File exists'
j .result.entries.0.title ~ File exists

$ ntsh --json explain 'bind: Address already in use'
j .result.entries.0.title ~ ^EADDRINUSE

$ ntsh --json explain 'write: broken pipe'
j .result.entries.0.title ~ ^EPIPE

# The longest name wins over a number that may be a port.
$ ntsh --json explain 'dial tcp 10.0.0.1:502: connect: connection refused'
j .result.entries.0.title ~ ^ECONNREFUSED

# Near misses are named, and nothing is a bad answer, not an error of use.
$ ntsh --json explain etimedot
! ntsh: explain: nothing here explains 'etimedot'; did you mean ETIMEDOUT?
j .status == 1
j .result.entries == []
? 1

# What cannot be shown raw is not.
$ ntsh explain "$(printf '\033[31mzz')"
! ntsh: explain: nothing here explains '\e[31mzz'*
? 1
