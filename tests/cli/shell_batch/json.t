# With --json each command prints one object on one line, and nothing else goes there.
$ ntsh -j echo a b
j .command == "echo"
j .argv.1 == "a"
j .result.text == "a b"
j .status == 0
$ ntsh -j -c 'echo a; set x 1; sleep 1ms; foreach i in 1 2 do echo $i' | grep -c '^{.*}$'
> 5
$ ntsh -j frobnicate
j .status == 2
j .error.code == "EUSAGE"
! ntsh: there is no command "frobnicate"; *
? 2
$ ntsh -j -c 'echo "a'
j .status == 2
j .error.code == "ESYNTAX"
? 2
$ ntsh echo --json
> --json
$ ntsh sleep --json x
j .status == 2
? 2
$ ntsh sleep 1ms --json
j .result.slept_ms >= 1
$ ntsh --json -h
j .result.options.0.option ~ json
$ ntsh --json --version
j .result.version exists
$ ntsh --json sleep --help
j .result.usage == "sleep DURATION"
$ ntsh -j -c '!echo to standard error' 2>/dev/null
$ ntsh -j set
j .result.settings.0.name == "color"
