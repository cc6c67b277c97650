@needs root netns
$ unshare -n sh -c 'ip link set lo up; (sleep 0.5; ip route add blackhole 10.9.0.0/16 metric 5; ip rule add fwmark 3 lookup 7) & exec ntsh -t 20s --json route watch -c 2 table main' | tail -n 1
j .result.count == 2
j .status == 0

$ unshare -n sh -c 'ip link set lo up; (sleep 0.5; for i in 1 2 3; do ip route add blackhole default; ip route del default; done) & exec ntsh -t 20s route watch -c 6'
> *added route  blackhole default*(a default route)
> *removed route  blackhole default*(a default route is gone)
> ...
> *removed route  blackhole default* (it flaps: *
> ...
>
> 6 changes, 1 prefixes flap*

$ unshare -n ntsh -t 300ms route watch
> nothing changed
> *note*stopped by the timeout*

$ ntsh route watch table nosuch
! ntsh: route watch: there is no table 'nosuch'; *
? 2
