@needs root netns
$ unshare -n sh -c 'ntsh sysctl set tcp_mtu_probing 1; cat /proc/sys/net/ipv4/tcp_mtu_probing'
> net.ipv4.tcp_mtu_probing = 1
>   before   0
> ...
>   undo     ntsh sysctl set net.ipv4.tcp_mtu_probing 0
> ...
> 1

$ unshare -n ntsh --json sysctl set net.ipv4.ip_local_port_range 20000 30000
j .result.value == "20000 30000"
j .result.undo == "ntsh sysctl set net.ipv4.ip_local_port_range 32768 60999"

$ unshare -n ntsh sysctl set tcp_sack banana
! ntsh: sysctl set: the kernel does not take 'banana' for net.ipv4.tcp_sack (now '1'); *
? 2

$ ntsh sysctl set net.ipv4.nosuch 1
! ntsh: sysctl set: there is no setting 'net.ipv4.nosuch' here; *
? 2

$ ntsh sysctl set tcp_sack
! ntsh: sysctl set: VALUE is missing; *
? 2
