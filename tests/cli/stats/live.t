# The second look tells what happened since the first.
$ HOME=$PWD ntsh --json stats >/dev/null; HOME=$PWD ntsh --json stats >second; HOME=$PWD; python3 -c "import json;print(json.load(open('second'))['result']['last_look_s'] is not None)"
> True

$ ntsh -v stats | grep -c '^Tcp.ActiveOpens'
> 1

$ ntsh --json stats | cat
j .result.source == "this machine"
j .result.uptime_s > 0

$ ntsh stats nonsense
! ntsh: stats: unexpected word 'nonsense'; *
? 2
