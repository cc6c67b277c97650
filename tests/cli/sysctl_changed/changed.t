@needs root netns
$ unshare -n sh -c 'sysctl -qw net.ipv4.tcp_sack=0; ntsh --json sysctl changed' | python3 -c "
  import json, sys
  found = {s['name']: s for s in json.load(sys.stdin)['result']['settings']}
  print(found['net.ipv4.tcp_sack']['value'], found['net.ipv4.tcp_sack']['default'], 'net.ipv4.tcp_dsack' in found)"
> 0 1 False

$ ntsh sysctl changed nonsense
! ntsh: sysctl changed: unexpected word 'nonsense'; *
? 2
