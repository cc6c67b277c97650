# Nagios: one line, its exit statuses; Prometheus: families together, conventions kept.
$ ntsh --nagios -c 'route get 127.0.0.1; expect mtu > 1000' 2>/dev/null
> OK - 1 command, 1 check: all good | 'mtu'=65536 'carrier'=1 *
$ ntsh --nagios -c 'route get 127.0.0.1; expect mtu < 10' 2>/dev/null
> CRITICAL - mtu < 10: it is 65536 | 'mtu'=65536 *
? 2
$ ntsh --nagios nosuch 2>/dev/null
> UNKNOWN - nosuch: there is no command*
? 3
$ ntsh --nagios ping -c 1 -w 1 127.0.0.1 | grep -c "'loss_percent'=0% .*'rtt_ms.p99'=[0-9.]*ms"
> 1
$ ntsh --prometheus -c 'ping -c 1 127.0.0.1; ping -c 1 127.0.0.1; route get 127.0.0.1; expect mtu > 1' > p 2>/dev/null; grep -c p99 p; sort p | uniq -d | wc -l | tr -d ' '
> 2
> 0
$ ntsh --prometheus -c 'ping -c 1 127.0.0.1' | grep -E 'loss|p50'
> # TYPE ntsh_ping_loss_ratio gauge
> ntsh_ping_loss_ratio{argv="ping -c 1 127.0.0.1"} 0
> # TYPE ntsh_ping_rtt_p50_seconds gauge
> ntsh_ping_rtt_p50_seconds{argv="ping -c 1 127.0.0.1"} *
$ ntsh --prometheus -c 'route get 127.0.0.1; expect mtu > 1' 2>/dev/null | grep check
> # TYPE ntsh_check_passed gauge
> ntsh_check_passed{argv="mtu > 1"} 1
$ ntsh --prometheus route get '"\' 2>/dev/null | grep status
> # TYPE ntsh_status gauge
> ntsh_status{argv="route get \"\\"} 2
