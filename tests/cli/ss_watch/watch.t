@needs netns
$ unshare -n sh -c 'ip link set lo up; python3 -c "
  import socket,subprocess,os,time
  l=socket.create_server((\"127.0.0.1\",8080)); c=socket.create_connection((\"127.0.0.1\",8080)); s=l.accept()[0]
  p=subprocess.Popen([os.environ[\"NTSH\"],\"ss\",\"watch\",\"-i\",\"300ms\",\"-c\",\"9\",\"-p\",\"sport = :8080 or sport = :9090\"])
  time.sleep(1.2); c.shutdown(socket.SHUT_WR); k=socket.create_server((\"127.0.0.1\",9090)); time.sleep(0.7); s.close(); c.close(); k.close()
  p.wait()
  "'
> Change   Proto  Local *Process
> ...
> changed  tcp    127.0.0.1:8080 * ESTAB * CLOSE-WAIT * python3[*
> ...
> closed   tcp    127.0.0.1:9090 * LISTEN * -
> ...
> 1 opened, 2 closed, 1 changed their state; 1 now
$ unshare -n $NTSH --json ss watch -c 1 -i 50ms | tail -1
j .result.sockets == 0
j .result.opened == 0
$ unshare -n timeout -s INT 1 $NTSH ss watch -i 100ms; echo $?
> 0 opened, 0 closed, 0 changed their state; 0 now
> 124
$ $NTSH ss watch -i 1ms
! ntsh: ss watch: *
? 2
