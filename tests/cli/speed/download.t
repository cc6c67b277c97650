# A download, and what is none.
$ head -c 5000000 /dev/urandom > big; python3 -m http.server 36151 --bind 127.0.0.1 > /dev/null 2>&1 & P=$!;
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ':8D37 ' /proc/net/tcp && break; sleep 0.1; done;
  $NTSH --json speed http://127.0.0.1:36151/big; $NTSH speed http://127.0.0.1:36151/none > none; echo $? >> none; kill $P
j .result.received_bytes == 5000000
j .result.rate_bps > 1000000
j .result.status == 200
