# One packet of each kind that a line has words for, in nanoseconds.
$ base64 -d > all.pcap.gz <<END
  H4sIAAAAAAACA92VXUgUURTHz70z690mN9dVS6hosbK0UitXbFOSTFNTmNB8cCYxZWnD1MgNrQj6oLKngoiKkvQhoocIMoMwYkEi
  qKQPeuhBIbJAq4fKkijKzp2PjabZtB67y7D36/z+59w590xF3rVuCiL8bCIQ/ve+MpA0oLB07PJnQmuUrxBnDD4Qgxv1sQS6CQD2
  KLf89uinpbaHWiz1MZUiKxoDLV89VdgGnNhgtYQigHxgBVAQn3pJ0i3o+QLwQdqHk55sEvFBaGtrY4H2LU07tgeEhpYmvqChB54p
  rBE3NNqhNxvoo5LuFgEfwkvnDXiyD+zHEY2KDseCQ9POA5G0hd3hZZqgNg4DZQSlewcVVoZTZXbSeZp0TGqPGVW/TPpQbIRv6aJk
  fFsCToqO6yJ1SmDESQRBI3c+V5gfx3478lKD3G8GRfr6ZYCEDqSP1nnI+MVuncxJh18qrBNNO+1Ixw1SncXHUaQdk5PJ+NVkgJkC
  gXr0rlYQYNJGEwhuXYm9RPAAxOHRZhhHm8GP1g0zIJYGVziDodCOzOUZy2EJOERBFATubNOIwvKBZ4SNs5mGs2FL2McwuWXu7M5h
  gCR0ktIsirBNbxWWg9Y5drDFBuyuBXZCgyUC3H6BC0jJf6ewejSrt6NUGZRzkfPbCLLxLgl3SWoBWF9U5c3cMrveW1JVJfOQXVJJ
  S2vI77WcjUtySVxx4UeF1SKg1k5RNhQvRBJaRk1dMYsrHmoGMIW8vqyV3rW7Wne7pMKW5lCgObSsPNC8NRT0e7NMNddnhRWjcbGd
  Wq6mRlJvmWqCMKYt49oC42qFzdjjuvDWur8kCkj99HUK1F60msatp8Mbx1SoQxOTvguS2mVaOuHeQ37F2/+xccU7gsqqUaLaonhk
  qI7/e/0T3/f/kv9EL6ZGH/cfhT2n+cCyjxKjynKVK0xl6fgG+WONi8zRT2TVfTDqNayDQuKMLyckJvo1BIhUzv+hNRysbPARskLk
  KRMrBvH+TIh4cqemq6wG12vsMqLcyKUzZkbAXvzlssPDf6nOlfbFqawU+6V2SqsNpcumUlIP1tFFsQv7+RaRUEGMCg4kqCyI/aAd
  uEYH3+jATw7BB8GeXihOczs1+/Q/FzY9aP0rx2u3KLvJ+Nknum7FLNX2E3MAgP2RJEZIjwEcSPLNVlkeTr52/B6BYxAavDcL4teM
  RShRG2fNnaeyFOynWLzqeBDNwjFfjVLmC+1isGk/AKFTd/QtCQAA
  END

$ TZ=UTC ntsh capture -r all.pcap.gz
> 22:13:20.123456789 ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
> 22:13:20.123457789 ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28
> 22:13:20.123458789 IP 10.0.0.1:40000 > 10.0.0.2:53: UDP, length 33: DNS 4660+ A? www.example.com. (33)
> 22:13:20.123459789 IP 10.0.0.2:53 > 10.0.0.1:40000: UDP, length 65: DNS 4660 A? www.example.com. CNAME w.example.com., A 192.0.2.7 2/0/0 (65)
> 22:13:21.123460789 IP 10.0.0.1:50000 > 10.0.0.2:443: Flags [S], seq 1000, win 502, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0
> 22:13:21.123461789 IP 10.0.0.2:443 > 10.0.0.1:50000: Flags [S.], seq 5000, ack 1001, win 502, options [mss 1460], length 0
> 22:13:21.123462789 IP 10.0.0.1:50000 > 10.0.0.2:443: Flags [P.], seq 1:104, ack 1, win 502, length 103: TLS ClientHello www.example.com, up to TLS 1.3 (h2, http/1.1)
> 22:13:21.123463789 IP 10.0.0.2:443 > 10.0.0.1:50000: Flags [P.], seq 1:8, ack 104, win 502, length 7: TLS alert fatal: unknown CA
> 22:13:22.123464789 IP 10.0.0.2:443 > 10.0.0.1:50000: Flags [R.], seq 8, ack 104, win 0, length 0
> 22:13:22.123465789 IP 10.0.0.1:50001 > 10.0.0.2:80: Flags [P.], seq 1:45, ack 1, win 502, length 44: HTTP GET /a\x1bb HTTP/1.1, host www.example.com
> 22:13:22.123466789 IP 10.0.0.2:80 > 10.0.0.1:50001: Flags [P.], seq 1:41, ack 47, win 502, length 40: HTTP/1.1 503 Busy, bytes 0
> 22:13:22.123467789 IP 10.0.0.2 > 10.0.0.1: ICMP port unreachable, length 36, about 10.0.0.1:4000 > 10.0.0.2:53 UDP
> 22:13:23.123468789 IP 10.0.0.9 > 10.0.0.1: ICMP TTL ran out on the way (a routing loop, or too far), length 36, about 10.0.0.1:4000 > 10.0.0.2:53 UDP
> 22:13:23.123469789 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 2, length 64
> 22:13:23.123470789 IP6 fe80::1 > ff02::1:ff00:2: ICMP6 neighbor solicitation, who has fe80::2, from 02:00:00:00:00:01, length 32
> 22:13:23.123471789 IP 0.0.0.0:68 > 255.255.255.255:67: UDP, length 256: DHCP Discover for 02:00:00:00:00:01, wants 10.0.0.9, name host
> 22:13:24.123472789 IP 10.0.0.1:123 > 10.0.0.2:123: UDP, length 48: NTPv4 client, stratum 0, clock not synchronised
> 22:13:24.123473789 IP 10.0.0.1:5555 > 10.0.0.2:443: UDP, length 31: QUIC Initial, to 01020304, from none
> 22:13:24.123474789 IP 192.0.2.1:5555 > 192.0.2.2:4789: VXLAN vni 42: IP 10.0.0.1:1 > 10.0.0.2:2: Flags [.], ack 4, win 502, length 0
> 22:13:24.123475789 vlan 7 IP 10.0.0.1:1 > 10.0.0.2:2: Flags [.], ack 1, win 502, length 0
> 22:13:25.123476789 IP 10.0.0.1 > 10.0.0.2: UDP fragment of id 99, bytes 1480-2959, more follow
> 22:13:25.123477789 LLDP, length 20
> 22:13:25.123478789 IP 10.0.0.1 > 10.0.0.2: TCP, length 0 [BROKEN: it has an impossible IPv4 header length]
> 
> 23 of 23 packets, 3.33 KiB, over 5.00 s

$ zcat all.pcap.gz > all.pcap; ntsh capture -r all.pcap -ttttt tcp port 443 and 'tcp[13] & 4 != 0'
> 0.000000000 IP 10.0.0.2:443 > 10.0.0.1:50000: Flags [R.], seq 5008, ack 1104, win 0, length 0
> 
> 1 of 23 packets, 54 B

$ ntsh capture -t -S -c 1 -r - tcp < all.pcap
> IP 10.0.0.1:50000 > 10.0.0.2:443: Flags [S], seq 1000, win 502, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0
> ...

# What a terminal would act upon is escaped; an outside reader agrees on what was written.
$ ntsh capture -r all.pcap -w http.pcapng port 80
> 2 of 23 packets, *
> written: * to http.pcapng
$ ntsh capture -t -e -r http.pcapng | head -1
> 02:00:00:00:00:01 > 02:00:00:00:00:02, type IPv4, length 98: IP 10.0.0.1:50001 > 10.0.0.2:80: * HTTP GET /a\x1bb HTTP/1.1, host www.example.com

$ ntsh capture -r all.pcap -w same.pcap > /dev/null && cmp all.pcap same.pcap && echo equal
> equal

$ ntsh capture -r all.pcap -w - icmp | ntsh capture -r - -v -t | head -4
> IP 10.0.0.2 > 10.0.0.1: ICMP port unreachable, length 36, about 10.0.0.1:4000 > 10.0.0.2:53 UDP
>     Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x0800 (IPv4), 70 bytes
>     IPv4 ttl 64, dscp 0, ecn 0, id 7, DF, protocol 1 (ICMP), length 56, checksum right
>     ICMP type 3, code 3, length 36, checksum right

$ ntsh capture -r all.pcap -t -X -c 1 arp
> ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
>         0x0000:  0001 0800 0604 0001 0200 0000 0001 0a00  ................
>         0x0010:  0001 0000 0000 0000 0a00 0002            ............
> ...

# The times of a packet, a file's end in the middle of a packet, a small snaplen.
$ head -c 1000 all.pcap > cut.pcap; ntsh capture -r cut.pcap | tail -2
> * packets, *
> the file ends within a packet: *
$ ntsh capture -r all.pcap -s 40 -w small.pcap > /dev/null; ntsh capture -t -r small.pcap -c 1 tcp
> IP 10.0.0.1 > 10.0.0.2: TCP, length 40 [cut: it ends within its TCP header]
> ...

$ ntsh --json capture -r all.pcap udp port 53
j .result.count == 2
j .result.read == 23
j .result.packets.0.number == 1
j .result.packets.0.epoch_ns == 1700000000123458789
j .result.packets.1.source == "10.0.0.2:53"
j .result.packets.1.protocol == "UDP"
j .result.packets.1.payload_bytes == 65
j .result.packets.1.says ~ CNAME w.example.com
j .result.dropped == null
j .result.cut == false

# Names on request only: this one is in every hosts file.
$ python3 -c 'import struct; p=bytes(12)+b"\x08\0"+struct.pack(">BBHHHBBH4s4sBBHHH",0x45,0,28,7,0,64,1,0,b"\x7f\0\0\1",b"\x7f\0\0\1",8,0,0,1,1); open("lo.pcap","wb").write(struct.pack("<IHHiIIIIIII",0xa1b2c3d4,2,4,0,0,65535,1,1700000000,0,len(p),len(p))+p)'
$ ntsh capture -t -n -r lo.pcap --no-numeric | head -1; ntsh capture -t --names -r lo.pcap | head -1
> IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id 1, seq 1, length 8
> IP localhost > localhost: ICMP echo request, id 1, seq 1, length 8
