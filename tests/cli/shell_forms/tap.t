# TAP: a line for each command and check, the reason where it is not good, the plan last; results do not mix with it.
$ printf 'route get 127.0.0.1\nexpect mtu > 1000\nexpect mtu < 10\nset a b\n!exit 3\n' > b.nt; ntsh -k --tap -f b.nt 2>/dev/null
> TAP version 14
> ok 1 - route get 127.0.0.1
> ok 2 - expect mtu > 1000
> not ok 3 - expect mtu < 10
>   ---
>   message: 'mtu < 10: it is 65536'
>   at: 'b.nt:3'
>   status: 1
>   elapsed_ms: *
>   ...
> not ok 4 - !exit 3
>   ---
>   message: 'status 3'
>   at: 'b.nt:5'
>   status: 3
>   elapsed_ms: *
>   ...
> 1..4
? 3
# what would mean something to TAP does not
$ ntsh --tap route get "no#such 'name'" 2>/dev/null | head -4
> TAP version 14
> not ok 1 - route get no\#such 'name'
>   ---
>   message: '*
$ ntsh --tap nosuch 2>/dev/null | grep -c "message: 'there is no command"
> 1
$ ntsh --tap -c 'foreach a in 127.0.0.1 127.0.0.2 parallel 2 do route get $a' 2>/dev/null
> TAP version 14
> ok 1 - route get 127.0.0.1
> ok 2 - route get 127.0.0.2
> 1..2
$ ntsh --tap --json route get 127.0.0.1
! ntsh: --tap and -j exclude each other*
? 2
# -v: the results go to standard error
$ ntsh --tap -v -c 'route get 127.0.0.1' 2>&1 >/dev/null | grep -c 'this machine'
> 1
