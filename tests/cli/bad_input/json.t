# JSON is one valid object also when the command could not run, with the error inside.
$ ntsh --json ping -c banana 127.0.0.1
j .command == "ping"
j .status == 2
j .error.message ~ banana
? 2
$ ntsh --json frobnicate
j .status == 2
j .error.code exists
? 2
$ ntsh --json http http://127.0.0.1:1/
j .status == 1
j .elapsed_ms >= 0
? 1
$ ntsh --json diagnose http://127.0.0.1:1/
j .status == 1
j .result.verdict.cause == "server.refused"
? 1
