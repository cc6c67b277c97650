@needs netns
$ unshare -n sh -c 'ip link set lo up; echo "20000 20009" > /proc/sys/net/ipv4/ip_local_port_range; python3 -c "
  import socket,subprocess,os
  l=socket.create_server((\"127.0.0.1\",8080)); k=[socket.create_connection((\"127.0.0.1\",8080)) for _ in range(9)]
  subprocess.run([os.environ[\"NTSH\"],\"ss\",\"summary\",\"-c\",\"1\"])
  subprocess.run([os.environ[\"NTSH\"],\"ss\",\"summary\",\"state\",\"listening\"])
  "'
> 19 TCP sockets, 1 of them listening, and * others
>
> Proto  State   Sockets
> tcp    ESTAB        18
> tcp    LISTEN        1
> ...
> Connections to  From       Ports used  Time-wait  Left
> 127.0.0.1:8080  127.0.0.1           9          0     1
>     90 % of the local ports are taken: new connections to it will fail with EADDRNOTAVAIL
> each destination can have 10 connections, one for each local port from 20000 to 20009
>
> Peer       Sockets  Established  Time-wait  Close-wait  Connecting
> 127.0.0.1       18           18          0           0           0
>
> Process * PID  TCP  Established  Listening  Close-wait  Others
> python3 *  10            9          1           0       0
> 1 TCP sockets, 1 of them listening, and * others
> ...
$ unshare -n $NTSH --json ss summary
j .result.tcp == 0
j .result.ports > 1000
$ $NTSH ss summary -c 0
! ntsh: ss summary: *
? 2
