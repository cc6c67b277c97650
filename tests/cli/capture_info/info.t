$ python3 -c 'import struct,sys; f=struct.pack("<IHHiIII",0xa1b2c3d4,2,4,0,0,64,1); p=bytes(12)+b"\x08\x06"+bytes(28); [f:=f+struct.pack("<IIII",1700000000+i,0,42,60)+p for i in (0,4,2)]; open("a.pcap","wb").write(f)'
$ TZ=UTC ntsh capture info a.pcap
>   file     pcap, microseconds, little-endian
>   packets  3, 180 B, of 60 B to 60 B
>   time     2023-11-14 22:13:20 UTC to 2023-11-14 22:13:24 UTC, 4 s
>   rate     0.75 pkt/s, 360 bit/s
> 
> interface  link      snaplen  packets  dropped
> -          Ethernet     64 B        3        -
> 
> protocol  packets  bytes  share
> ARP             3    180  100 %
> 
> 3 packets were shortened when they were captured: *
> 1 packets have an earlier stamp than the one before

$ ntsh --json capture info a.pcap
j .result.format == "pcap"
j .result.count == 3
j .result.shortened == 3
j .result.out_of_order == 1
j .result.interfaces.0.link == "Ethernet"
j .result.protocols.0.protocol == "ARP"
j .result.trust == "with remarks"

$ (cat a.pcap; printf 'xxxxxxxxxxxx\377\377\377\177xxxxxxxx') > bad.pcap; ntsh --json capture info bad.pcap 2>/dev/null
j .status == 3
j .error.code == "EDAMAGED"
j .result.count == 3
j .result.trust == "damaged"
? 3

$ ntsh capture info /dev/null
! ntsh: capture info: /dev/null is empty: not even a file header
? 3
