# Interrupted, and taken up again: what was known is not asked again.
$ $NTSH -t 300ms --json portscan --connect --rate 200 -p 1-80 --resume kept 127.0.0.1 > first; grep -c '^ntsh-scan 1' kept; grep -o 'not asked' first | head -1
> 1
> not asked
$ $NTSH --json portscan --connect --rate max -p 1-80 --resume kept 127.0.0.1
? 1
j .result.complete == true
j .result.closed == 80
j .result.sent < 60
j .notes.0 ~ goes on from

$ $NTSH portscan --connect -p 1-81 --resume kept 127.0.0.1
! ntsh: portscan: kept keeps a scan of other targets or ports*
? 2

$ echo nonsense > kept; $NTSH portscan --connect -p 1-81 --resume kept 127.0.0.1
! ntsh: portscan: kept keeps no scan*
? 2
