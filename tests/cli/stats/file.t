# Old spellings of net-tools, and their sections.
$ printf 'Ip:\n    1000 total packets received\nTcp:\n    100 active connections openings\n    200 passive connection openings\n    10000 segments send out\n    75 segments retransmited\n    5000 segments received\nTcpExt:\n    7 times the listen queue of a socket overflowed\n    TCPLostRetransmit: 3\n    9 wonders of the world\n' > saved; ntsh --json stats --file saved
j .result.counters.4.name == "Tcp.RetransSegs"
j .result.counters.4.value == 75
j .result.findings.0.id == "listen-overflow"
j .result.findings.0.value == 7
j .result.unread == 1
? 1

$ printf '#kernel\nTcpExtListenOverflows           5                  0.0\nTcpPassiveOpens  100000000 0.0\nIp6InReceives 7 0.0\n' | ntsh --json stats --file -
j .result.counters.0.name == "TcpExt.ListenOverflows"
j .result.counters.2.name == "Ip6InReceives"
j .result.findings.0.severity == "note"

$ printf 'TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 0 3\nTcp: PassiveOpens\nTcp: 10\n' | ntsh stats --file -
> bad: the accept queue of a listener was full 3 times, 23.1 % of all connections *
> ...
> 1 bad, 0 warnings, 0 notes in -
> ...
? 1

$ printf 'nothing here\n' | ntsh stats --file -
! ntsh: stats: no counter was found in -; *
? 2

$ ntsh stats --file /nonexistent
! ntsh: stats: /nonexistent cannot be read: *
? 3
