@needs netns
# One connection that our program does not read from, so that the sender's window is full, and one that is idle.
$ unshare -n sh -c 'ip link set lo up; python3 -c "
  import socket,subprocess,os,json
  l=socket.create_server((\"127.0.0.1\",8080)); l.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,4096)
  def pair():
    c=socket.create_connection((\"127.0.0.1\",8080)); return c,l.accept()[0]
  a,b=pair(); c,d=pair(); a.setblocking(False)
  try:
    while True: a.send(b\"x\"*65536)
  except BlockingIOError: pass
  run=lambda *w: subprocess.run([os.environ[\"NTSH\"],*w],stdout=subprocess.PIPE,text=True).stdout
  out=json.loads(run(\"--json\",\"ss\",\"blame\",\"-i\",\"500ms\",\"-a\",\"-p\"))[\"result\"]
  for row in sorted(out[\"connections\"],key=lambda r: r[\"holder\"]):
    shares=sum(v for k,v in row.items() if k.endswith(\"_percent\") and k!=\"share_percent\")
    print(row[\"holder\"],row[\"share_percent\"]>90,99<shares<101,row[\"process\"].split(\"[\")[0])
  print(run(\"ss\",\"blame\",\"-i\",\"300ms\",\"dport = :8080\"))
  print(run(\"ss\",\"blame\",\"-i\",\"200ms\",\"dport\",\"=\",\":1\"))
  "'
> idle True True python3
> idle True True python3
> peer True True python3
> reader True True python3
> 1 of 2 connections are held up
>
> Local * Held up by * Time * Unread * Unacked * Resent * Round trip
> 127.0.0.1:* 127.0.0.1:8080 * the peer does not read * % * 0 B *
>
> none of 0 connections is held up: there is nothing to send and nothing to read
> ...
$ $NTSH ss blame -i 1ms
! ntsh: ss blame: *
? 2
