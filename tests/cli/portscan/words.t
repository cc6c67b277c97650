$ ntsh portscan
! ntsh: portscan: *
? 2

$ ntsh portscan -p 70000 127.0.0.1
! ntsh: portscan: *70000*
? 2

$ ntsh portscan -p 80-22 127.0.0.1
! ntsh: portscan: *ends before it begins*
? 2

$ ntsh portscan -p nosuchservice 127.0.0.1
! ntsh: portscan: *nosuchservice*
? 2

$ ntsh portscan 10.0.0.0/40
! ntsh: portscan: *10.0.0.0/40*
? 2

$ ntsh portscan 127.0.0.9-3
! ntsh: portscan: *ends before it begins*
? 2

$ ntsh portscan @/nonexistent/list
! ntsh: portscan: *cannot be read*
? 3

$ ntsh portscan --rate fast 127.0.0.1
! ntsh: portscan: *fast*
? 2

$ ntsh portscan --syn --udp 127.0.0.1
! ntsh: portscan: *
? 2

$ ntsh portscan 127.0.0.0/30 --exclude 127.0.0.0/8
! ntsh: portscan: all targets are excluded*
? 2

$ ntsh portscan -p all 10.0.0.0/8
! ntsh: portscan: *more than*
? 2
