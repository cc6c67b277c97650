# What open ports say, escaped.
$ python3 -c "import socket
  s=socket.socket();s.setsockopt(1,2,1);s.bind(('127.0.0.1',36121));s.listen(9);s.settimeout(5);print('on',file=open('on','w'))
  for i in range(2): c,_=s.accept();i and c.sendall(b'220 mail\033[2J ready\r\n');c.close()" & 
  for i in 1 2 3 4 5 6 7 8 9 10; do test -s on && break; sleep 0.1; done; $NTSH --json portscan --connect -p 36121,36122 --banner 127.0.0.1; wait
j .result.ports.0.state == "open"
j .result.ports.0.banner == "220 mail\u001b[2J ready"
j .result.ports.1.state == "closed"
