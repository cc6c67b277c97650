@needs root
# A filter that nothing fits: the answer is good, and the trace is gone.
$ ntsh drops --for 50ms NO_SUCH_REASON_AT_ALL
> nothing was dropped in * ms
$ ntsh --json drops --for 50ms NO_SUCH_REASON_AT_ALL
j .result.dropped == 0
j .result.missed == 0
j .result.top == null
j .result.duration_ms >= 50

# Two at once; the end by a signal leaves nothing behind.
$ for i in 1 2; do ntsh drops --for 20s NO_SUCH_REASON > out.$i 2>&1 & pids="$pids $!"; done; sleep 1; kill -TERM $pids; for p in $pids; do wait $p; echo $?; done
> 130
> 130
$ cat out.1
> nothing was dropped in *
