# By handshakes, as anybody may.
$ ntsh --json portscan --connect -p 1-3 127.0.0.1
? 1
j .result.method == "connect"
j .result.ports.0.address == "127.0.0.1"
j .result.ports.0.port == 1
j .result.ports.0.protocol == "tcp"
j .result.ports.0.state == "closed"
j .result.ports.0.reason == "reset"
j .result.closed == 3
j .result.complete == true
j .result.hosts.0.groups.0.ports == "1-3"

# Many of a kind are counted; --all gives each a row.
$ ntsh --json portscan --connect --rate max -p 1-40 ::1
? 1
j .result.closed == 40
j .result.hosts.0.groups.0.count == 40
$ ntsh portscan --connect --rate max --all -p 1-40 ::1 | grep -c closed
> 42

# UDP: the kernel says which are closed.
$ ntsh --json portscan --udp -p 1-3 127.0.0.1 --exclude 127.0.0.2
? 1
j .result.method == "UDP"
j .result.ports.2.reason == "icmp 3/3"
j .result.ports.2.state == "closed"
j .result.ports.2.protocol == "udp"

$ ntsh --json portscan --connect --rate max -p 1 127.0.0.1-4 127.0.0.2 --exclude 127.0.0.3
? 1
j .result.hosts_asked == 3
j .result.hosts_answered == 3
