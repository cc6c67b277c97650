$ ntsh sysctl tcp_fin_timeout
> net.ipv4.tcp_fin_timeout = *
>   default  60*
>   unit     seconds
>   does     How long an orphaned connection stays in FIN-WAIT-2*
> ...

$ ntsh --json sysctl net.ipv4.conf.lo.rp_filter
j .result.name == "net.ipv4.conf.lo.rp_filter"
j .result.unit == "mode"
j .result.says ~ Reverse path filter

$ ntsh --json sysctl tcp_mem
j .result.unit == "pages"
j .result.default == null

$ ntsh --json sysctl 'net.ipv4.tcp_keepalive*'
j .result.count == 3
j .result.settings.0.name == "net.ipv4.tcp_keepalive_intvl"

$ ntsh --json sysctl tcp_keepalive
j .result.count == 3

$ ntsh --json sysctl
j .result.count > 100

# One that is explained, and gone.
$ ntsh sysctl tcp_tw_recycle
! ntsh: sysctl: there is no setting 'net.ipv4.tcp_tw_recycle' here; *
? 2

$ ntsh sysctl nosuchthing
> there is no such setting under net.
? 1

$ ntsh sysctl ../../etc/passwd
> there is no such setting under net.
? 1

$ ntsh explain tcp_fin_timeout | head -n 1
> net.ipv4.tcp_fin_timeout *help sysctls
