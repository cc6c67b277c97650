@needs root netns
$ unshare -n ntsh --json route rules
j .result.rules.0.priority == 0
j .result.rules.0.action == "lookup local"
j .result.own == 0

$ unshare -n sh -c 'ip link set lo up; ip rule add fwmark 7 lookup 99; ntsh -4 route rules'
> family * rule * for packets * does * routes*
> ipv4 * 0 * from all * lookup local * 3*
> ipv4 * 32765 * from all fwmark 0x7 * lookup 99 * 0 * its table is empty: the rule chang*
> ...
> 1 of 4 rules are not the usual ones: *
> ...

$ ntsh route rules nonsense
! ntsh: route rules: unexpected word 'nonsense'; *
? 2
