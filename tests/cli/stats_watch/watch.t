$ ntsh -q stats watch -i 50ms -c 2 >/dev/null || true

$ ntsh --json stats watch -i 50ms -c 2 | tail -n 1
j .result.count == 2

$ ntsh stats watch -i 0
! ntsh: stats watch: *
? 2
