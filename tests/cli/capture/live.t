@needs root netns
# In a namespace of its own: nobody else's packets.
$ unshare -n sh -c 'ip link set lo up; ntsh capture -i lo -c 4 -t icmp > out & sleep 0.5; ping -q -c 2 -i 0.2 127.0.0.1 > /dev/null; wait'; cat out
> IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id *, seq 1, length 64
> IP 127.0.0.1 > 127.0.0.1: ICMP echo reply, id *, seq 1, length 64
> IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id *, seq 2, length 64
> IP 127.0.0.1 > 127.0.0.1: ICMP echo reply, id *, seq 2, length 64
> 
> 4 packets, 392 B, over *, from lo
> none was lost in the kernel

# The end loses nothing that was there before it, and the file is whole.
$ unshare -n sh -c 'ip link set lo up; ntsh capture -i lo -w f.pcapng > out & sleep 0.5; ping -q -c 5 -i 0.01 ::1 > /dev/null; kill -TERM $!; wait $!; echo $?'; cat out; ntsh capture -r f.pcapng icmp6 | tail -1
> 130
> 10 packets, *
> written: * to f.pcapng
> none was lost in the kernel
> 10 of 10 packets, *

$ unshare -n ntsh capture -i nosuch0 -c 1
! ntsh: capture: there is no interface nosuch0; *
? 2

$ unshare -n ntsh --json capture --for 50ms
j .result.count == 0
j .result.dropped == 0
j .result.source == "any"

$ unshare -n setpriv --reuid 65534 --clear-groups --bounding-set=-all ntsh capture -c 1
! ntsh: capture: packets of any cannot be captured: *; setcap cap_net_raw+ep *
? 3
