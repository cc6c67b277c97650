$ ntsh connect 127.0.0.1:1
> *SYN to 127.0.0.1:1
> *refused*nothing listens*
? 1

$ ntsh --json connect 127.0.0.1 1
? 1
j .result.outcome == "refused"
j .result.syns == 1
j .result.address == "127.0.0.1:1"
j .result.events.0.event == "syn"

$ ntsh --json connect --watch -c 2 -i 10ms [::1]:1
? 1
j .result.failed == 2
j .result.attempts.1.number == 2
j .result.attempts.1.outcome == "refused"

# Joined with the other end: every byte, both ways, and the end of one half only.
$ head -c 300000 /dev/urandom > sent; head -c 200000 /dev/urandom > back;
  $NTSH connect --listen 36101 - < back > got 2>/dev/null & 
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ':8D05 ' /proc/net/tcp && break; sleep 0.1; done;
  $NTSH connect 127.0.0.1:36101 - < sent > gotback; wait; cmp sent got && cmp back gotback && echo same
> same
! *SYN to*
! ...

# The server speaks first; its control bytes do not reach the reader.
$ printf 'hello\033[31m\r\n' | $NTSH connect --listen 36102 - > /dev/null 2>&1 &
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ':8D06 ' /proc/net/tcp && break; sleep 0.1; done;
  $NTSH --json connect 127.0.0.1:36102; wait
j .result.banner == "hello\u001b[31m\r\n"
j .result.outcome == "connected"
j .result.banner_ms > 0
