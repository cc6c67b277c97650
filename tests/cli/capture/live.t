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

# Whose packet it is: both ends are ours.
$ unshare -n sh -c 'ip link set lo up; ntsh --json capture -i lo -c 40 udp > out & sleep 0.5; python3 -c "
  import socket, time
  r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); r.bind((\"127.0.0.1\", 7777))
  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((\"127.0.0.1\", 7777))
  for _ in range(40): s.send(b\"x\"); time.sleep(0.02)
  "; wait'; tail -2 out | head -1
j .row.process ~ ^python3/[0-9]+$
j .row.destination == "127.0.0.1:7777"

# An interface that goes away ends the capture, with the file whole.
$ unshare -n sh -c 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ntsh capture -i v0 -w v.pcap & sleep 0.7; ip link del v0; wait $!'; echo $?; ntsh capture -r v.pcap 2>&1 | tail -1
> * packets, *
> ...
> 3
> * packets, *
