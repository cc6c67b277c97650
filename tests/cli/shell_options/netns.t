@needs root netns ip
# -n, --netns and `set netns` work inside a namespace; programs beside, too.
$ ip netns add ntsht$$ && ip -n ntsht$$ link add ntshv0 type veth peer name ntshv1 && N=ntsht$$;
  ntsh -n $N -c '!ls /sys/class/net; set netns' | LC_ALL=C sort; ntsh -c "set netns $N; !ls /sys/class/net | grep -c ntshv; set netns default; !ls /sys/class/net | grep -c ntshv";
  ntsh -c "set netns; set netns $N; unset netns; set netns"; ntsh -n nosuch echo x 2>/dev/null; echo status $?; ip netns del $N
> lo
> ntsht*
> ntshv0
> ntshv1
> 2
> 0
> default
> default
> status 3
