$ ntsh --json conntrack --for 10ms
j .result.tracking exists
j .result.verdict ~ ^(good|off|filling|full|refusing)$

$ ntsh conntrack --peers 1000
! ntsh: conntrack: *
? 2
