# A conversation of a handshake, a request that is sent again after a silence, an answer after another, and a reset.
$ python3 -c 'import struct as s
  C,S=b"\x0a\0\0\1",b"\x0a\0\0\2"
  def p(t,c,f,q,a,d=b"",w=9000):
  # (one packet of either side)
      x,y,m,n=(C,S,40000,80) if c else (S,C,80,40000); b=s.pack(">BBHHHBBH4s4sHHIIBBHHH",0x45,0,40+len(d),int(t*997)&65535,0,64,6,0,x,y,m,n,q,a,0x50,f,w,0,0)+d
      return s.pack("<IIII",1700000000+int(t),int(t%1*1e6),len(b),len(b))+b
  r,z=b"GET / HTTP/1.1\r\n\r\n",b"HTTP/1.1 200 OK\r\n\r\n"+b"x"*1300
  open("a.pcap","wb").write(s.pack("<IHHiIII",0xa1b2c3d4,2,4,0,0,65535,101)+p(0,1,2,100,0)+p(.02,0,18,500,101)+p(.04,1,16,101,501)+p(.05,1,24,101,501,r)+p(.5,1,24,101,501,r)+p(.52,0,16,501,119)+p(2.5,0,24,501,119,z)+p(2.52,1,20,119,501+len(z)))'
$ ntsh capture flow 1 a.pcap
> *time*since*client*server*
> *0*SYN*
> *20*<*SYN-ACK*
> *40*ACK*
> *50*18 B*
> *...*silence: what the client sent was not acknowledged
> *500*18 B*sent again after a timeout*
> *ACK*
> *...*silence: the server's turn to answer
> *2.5*<*1,319 B*
> *RST*
>
> 10.0.0.1:40000 (client, left) and 10.0.0.2:80 (server, right), tcp
> The client reset it, after 2.5*
$ ntsh capture flow -m 2 1 a.pcap
> ...
> 6 of 8 packets are not drawn; -a draws all
> ...
$ ntsh --json capture flow 1 a.pcap
j .result.packets == 8
j .result.left_out == 0
j .result.arrows.0.carries == "SYN"
j .result.arrows.4.from == "silence"
j .result.ending == "reset"
# what is not there is said
$ ntsh capture flow 7 a.pcap
! ntsh: capture flow: there is no conversation 7 in a.pcap: it has 1*
? 2
$ ntsh capture flow 1 /nonexistent
! ntsh: capture flow: *
? 3
$ ntsh capture flow 1
! ntsh: capture flow: *
? 2
