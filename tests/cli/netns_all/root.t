@needs root netns
# Each run has a heading, and with --json only its object.
$ ntsh netns all route get 127.0.0.1 | head -2
> == *
> 127.0.0.1 is this machine*

$ ntsh --json netns all iface kind loopback | head -1
j .command == "iface"
j .result.total == 1
