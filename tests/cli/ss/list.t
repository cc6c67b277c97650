@needs netns
# A namespace with one listener and one UDP socket, and nothing else.
$ unshare -n sh -c 'ip link set lo up; python3 -c "
  import socket,subprocess,os
  l=socket.create_server((\"127.0.0.1\",8080)); u=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); u.bind((\"::\",53))
  c=socket.create_connection((\"127.0.0.1\",8080)); s,_=l.accept(); s.send(b\"abc\")
  for words in ([\"-tln\"],[\"-tn\"],[\"-uln\"],[\"-tl\"],[\"-s\",\"-tu\"]):
    subprocess.run([os.environ[\"NTSH\"],\"ss\",*words])
  "'
> State   Accept queue  Limit  Local                  Reachable by
> LISTEN             0    * 127.0.0.1:8080         this host only
> State       Unread  Unacked  Local                  Peer
> ESTAB          *127.0.0.1:*
> ESTAB          *127.0.0.1:*
> Proto  State   Unread  Unsent  Local                  Peer                   Reachable by
> udp    UNCONN     0 B     0 B  [::]:53 *anyone*
> State   Accept queue  Limit  Local                  Reachable by
> LISTEN             0    * 127.0.0.1:http-alt     this host only
> Proto  State   Sockets
> tcp    ESTAB         2
> tcp    LISTEN        1
> udp    UNCONN        1
$ unshare -n $NTSH ss -tan
> no socket is in such a state, or none matches
$ unshare -n $NTSH --json ss -tan
j .status == 0
j .result.connections absent
