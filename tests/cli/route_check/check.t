@needs root netns
$ unshare -n sh -c 'ip link set lo up; ntsh route check'
> note: table main
>     there is no default route: only what the other routes cover can be reached
>
> * routes, 0 gateways: nothing is wrong; 1 notes

$ unshare -n sh -c 'ip link set lo up; ip route add default dev lo metric 5; ip route append default dev lo metric 5 src 127.0.0.1 proto static; ntsh --json route check'
j .result.bad == 1
j .result.findings.0.id == "duplicate-default"
? 1

$ ntsh route check nonsense
! ntsh: route check: unexpected word 'nonsense'; *
? 2
