#include "net/stats_rules.h"

#include <math.h>

#define NEVER INFINITY
#define CONNECTIONS "Tcp.PassiveOpens TcpExt.ListenOverflows"

/* clang-format off */
const struct stats_rule stats_rules[] = {
	/* --- connections that do not come about --- */
	{ "listen-overflow", "TcpExt.ListenOverflows", CONNECTIONS, 0, 0.001, 0.1,
	  "the accept queue of a listener was full %N times, %S of all connections that came in: a program here accepts too slowly, and its clients wait a second or more",
	  "ss -ltn (Recv-Q at its limit); the program's backlog, net.core.somaxconn", 0 },
	{ "listen-drops", "TcpExt.ListenDrops", CONNECTIONS, 0, 0.001, 0.1,
	  "%N SYNs or final ACKs were dropped at listening sockets (%S): full queues, no memory, or no route back",
	  "ss -ltn; explain ListenDrops", 0 },
	{ "syn-queue", "TcpExt.TCPReqQFullDrop", CONNECTIONS, 0, 0.001, 0.1,
	  "%N SYNs were dropped because the queue of half-open connections was full and SYN cookies are off",
	  "net.ipv4.tcp_syncookies = 1; net.ipv4.tcp_max_syn_backlog", 0 },
	{ "syn-cookies", "TcpExt.SyncookiesSent", "Tcp.PassiveOpens", 0, 0.1, 5,
	  "SYN cookies were sent %N times (%S of the connections that came in): more half-open connections than the backlog holds - a SYN flood, or a backlog that is too small",
	  "ss -tan state syn-recv; the program's backlog", 0 },
	{ "syn-cookies-invalid", "TcpExt.SyncookiesFailed", "Tcp.PassiveOpens", 0, 0.01, 1,
	  "%N ACKs carried an invalid SYN cookie (%S of the connections that came in): forged addresses of a flood, a scan with ACKs, or answers that came too late",
	  "explain SyncookiesFailed", 0 },
	{ "timestamp-rejected", "TcpExt.PAWSPassive TcpExt.TWRecycled", "Tcp.PassiveOpens", 0, 0.01, 0.1,
	  "%N times a SYN was refused, or a TIME-WAIT socket recycled, by its time stamp (%S): net.ipv4.tcp_tw_recycle is on, and shuts out clients behind one NAT address",
	  "net.ipv4.tcp_tw_recycle = 0 (gone since Linux 4.12)", 0 },
	{ "defer-accept", "TcpExt.TCPDeferAcceptDrop", CONNECTIONS, 1, 20, NEVER,
	  "%N final ACKs were dropped because a program defers accepting until data comes (TCP_DEFER_ACCEPT)", "", 0 },
	{ "fastopen-overflow", "TcpExt.TCPFastOpenListenOverflow", "Tcp.PassiveOpens", 0, 0.1, 5, "the TCP Fast Open queue of a listener was full %N times", "", 0 },
	{ "attempts-failed", "Tcp.AttemptFails", "Tcp.ActiveOpens Tcp.PassiveOpens", 1, 10, 30,
	  "%N connection attempts failed (%S): refused by peers, timed out, or reset during the handshake",
	  "ss -tan state syn-sent; ntsh diagnose HOST:PORT", 50 },
	{ "syn-retransmitted", "TcpExt.TCPSynRetrans", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.5, 2, 10,
	  "%N SYNs or SYN-ACKs had to be sent again (%S of the connections): the first was lost, filtered, or came to a full queue", "ntsh diagnose HOST:PORT", 20 },
	{ "embryonic-resets", "TcpExt.EmbryonicRsts", "Tcp.PassiveOpens", 0.05, 2, 20,
	  "%N half-open connections were reset by the client (%S): port scans, health checks, or answers to forged SYNs", "", 50 },

	/* --- loss and delay --- */
	{ "retransmissions", "Tcp.RetransSegs", "Tcp.OutSegs", 0.1, 1, 3,
	  "%S of the segments that were sent were retransmissions (%N): loss on the way, or peers that are slow to acknowledge",
	  "ss -ti; ntsh ping HOST; watch from 1 %, bad from 3 %", 30 },
	{ "timeouts", "TcpExt.TCPTimeouts", "Tcp.OutSegs", 0.05, 0.3, 1,
	  "%N retransmissions had to wait for a timer (%S of all segments): each costs its connection 0.2 s and more; loss at the end of a burst, or a peer that is gone", "ss -ti (backoff, rto)", 30 },
	{ "lost-retransmissions", "TcpExt.TCPLostRetransmit", "Tcp.RetransSegs", 2, 10, 30,
	  "%N retransmissions were lost again (%S): loss comes in bursts, or somebody polices the rate", "", 50 },
	{ "recovery-failed", "TcpExt.TCPSackFailures TcpExt.TCPRenoFailures TcpExt.TCPLossFailures", "TcpExt.TCPSackRecovery TcpExt.TCPRenoRecovery", 1, 20, 60,
	  "%N recoveries from loss ended in a timeout all the same (%S)", "", 50 },
	{ "retransmission-failed", "TcpExt.TCPRetransFail TcpExt.TCPSackRecoveryFail TcpExt.TCPRenoRecoveryFail", "Tcp.RetransSegs", 0.5, 3, 20,
	  "%N retransmissions could not be sent by this machine (%S): full queues of its own, no memory, or no route", "iface drops IF", 50 },
	{ "reordering", "TcpExt.TCPSACKReorder TcpExt.TCPTSReorder TcpExt.TCPRenoReorder TcpExt.TCPFACKReorder", "Tcp.OutSegs", 0.0001, 0.05, 1,
	  "segments were found out of order %N times: paths of different length, not loss", "", 0 },
	{ "spurious", "TcpExt.TCPDSACKRecv", "Tcp.RetransSegs", 1, 20, 60,
	  "peers received %N segments twice (%S of what was retransmitted): those retransmissions were needless - acknowledgements lost, or a delay spike", "", 200 },
	{ "duplicates-received", "TcpExt.TCPDSACKOldSent", "Tcp.InSegs", 0.005, 0.2, 2,
	  "%N segments came twice (%S of what was received): our acknowledgements get lost, or peers retransmit too early", "", 200 },
	{ "quick-ack", "TcpExt.DelayedACKLost", "Tcp.InSegs", 0.01, 0.5, 3,
	  "a delayed acknowledgement was lost, or too late for its peer, %N times (%S of the segments received)", "", 50 },
	{ "still-in-queue", "TcpExt.TCPSpuriousRtxHostQueues", "Tcp.OutSegs", 0.001, 0.05, 1,
	  "%N times a segment was to be retransmitted that had not even left this machine: its own queues are long", "iface drops IF", 0 },
	{ "window-probes", "TcpExt.TCPWinProbe", "Tcp.OutSegs", 0.01, 0.5, 5, "%N probes of closed windows: peers do not read what is sent to them", "ntsh ss blame", 50 },
	{ "zero-window", "TcpExt.TCPToZeroWindowAdv", "Tcp.InSegs", 0.001, 0.1, 2,
	  "programs here closed their window %N times: they do not read as fast as data comes", "ss -tan (Recv-Q); ntsh ss blame", 50 },

	/* --- memory and buffers --- */
	{ "pruned", "TcpExt.PruneCalled", "Tcp.InSegs", 0, 0.01, 0.5,
	  "the receive queue of a socket was pruned %N times (%S of the segments received) because its buffer was overrun: a program does not read fast enough, or tcp_rmem is small",
	  "ss -tm (skmem); net.ipv4.tcp_rmem", 0 },
	{ "collapsed", "TcpExt.TCPRcvCollapsed", "Tcp.InSegs", 0, 0.1, 2,
	  "%N segments were collapsed in receive queues to save memory (%S of those received): CPU spent because buffers are too small for the data waiting in them", "ss -tm; net.ipv4.tcp_rmem", 0 },
	{ "receive-pruned", "TcpExt.RcvPruned", "Tcp.InSegs", 0, 0.001, 0.1, "%N segments were thrown away from receive queues: buffers are full even after collapsing; the peer must send them again", "ss -tm; net.ipv4.tcp_rmem", 0 },
	{ "out-of-order-pruned", "TcpExt.OfoPruned TcpExt.TCPOFODrop", "Tcp.InSegs", 0, 0.001, 0.1, "%N segments that had come out of order were thrown away: the buffer was full", "net.ipv4.tcp_rmem", 0 },
	{ "receive-dropped", "TcpExt.TCPRcvQDrop TcpExt.TCPZeroWindowDrop", "Tcp.InSegs", 0, 0.001, 0.1, "%N segments were dropped because the receive queue was full or the window closed", "ss -tm", 0 },
	{ "backlog-dropped", "TcpExt.TCPBacklogDrop", "Tcp.InSegs", 0, 0.001, 0.1, "%N segments were dropped because a socket was locked by its program and its backlog full", "net.ipv4.tcp_rmem", 0 },
	{ "memory-pressure", "TcpExt.TCPMemoryPressures", NULL, 1, 1, 100, "TCP ran low on memory %N times: windows shrink, new data is refused", "net.ipv4.tcp_mem (in pages); stats -v (Sock.TCP.mem)", 0 },
	{ "abort-memory", "TcpExt.TCPAbortOnMemory", NULL, 1, 1, 10, "%N connections were closed for want of memory, or because there were too many orphans", "net.ipv4.tcp_mem, net.ipv4.tcp_max_orphans", 0 },
	{ "write-queue", "TcpExt.TCPWqueueTooBig", NULL, 1, 1, 1000, "%N times a send queue grew beyond its limit", "net.ipv4.tcp_wmem", 0 },
	{ "no-memory-reset", "TcpExt.TCPAbortFailed", NULL, 1, 10, 1000, "%N resets could not be sent for want of memory", "", 0 },
	{ "memalloc-drop", "TcpExt.PFMemallocDrop", NULL, 1, 1, 100, "%N packets were dropped because memory is reserved for swapping over the network", "", 0 },
	{ "time-wait-overflow", "TcpExt.TCPTimeWaitOverflow", NULL, 1, 100, 100000, "%N sockets skipped TIME-WAIT because there were too many of them", "net.ipv4.tcp_max_tw_buckets", 0 },

	/* --- resets --- */
	{ "abort-data", "TcpExt.TCPAbortOnData", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.01, 0.3, 5,
	  "%N connections were reset on unexpected data (%S): it came for a program that had closed, or that closed with data unread", "explain reset-unread", 50 },
	{ "abort-close", "TcpExt.TCPAbortOnClose", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.01, 1, 10,
	  "%N connections were reset by an early close (%S): a program closed before it had read what had come", "explain reset-unread", 50 },
	{ "abort-timeout", "TcpExt.TCPAbortOnTimeout", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.01, 0.2, 2,
	  "%N connections were given up after all retransmissions or keepalives (%S): peers that vanished", "net.ipv4.tcp_retries2; ss -tno", 10 },
	{ "abort-linger", "TcpExt.TCPAbortOnLinger", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.01, 1, 10, "%N connections were reset while they lingered after the close (%S)", "net.ipv4.tcp_fin_timeout", 0 },
	{ "abort-syn", "TcpExt.TCPAbortOnSyn", "Tcp.ActiveOpens Tcp.PassiveOpens", 0, 0.1, 5, "%N connections were reset by an unexpected SYN", "", 0 },
	{ "resets-received", "Tcp.EstabResets", "Tcp.ActiveOpens Tcp.PassiveOpens", 0.1, 5, 30, "%N established connections ended by a reset (%S)", "help resets", 50 },
	{ "resets-sent", "Tcp.OutRsts", "Tcp.InSegs", 0.02, 1, 10, "%N resets were sent (%S of the segments received): to closed ports, or for connections that nobody knows", "help resets", 0 },
	{ "challenge-acks", "TcpExt.TCPChallengeACK", "Tcp.InSegs", 0.001, 0.1, 2, "%N challenge ACKs were sent: segments that fit no connection exactly - a reused port, or an attack", "explain reset-time-wait", 0 },
	{ "paws", "TcpExt.PAWSEstab TcpExt.PAWSActive", "Tcp.InSegs", 0, 0.01, 1, "%N segments were refused because of an old time stamp", "", 0 },
	{ "md5", "TcpExt.TCPMD5NotFound TcpExt.TCPMD5Unexpected TcpExt.TCPMD5Failure", NULL, 1, 1, 10000, "%N segments had a wrong, missing or unexpected MD5 signature (BGP sessions)", "", 0 },
	{ "min-ttl", "TcpExt.TCPMinTTLDrop", NULL, 1, 100, 100000, "%N segments were dropped because they came from too far (IP_MINTTL)", "", 0 },

	/* --- damaged --- */
	{ "tcp-errors", "Tcp.InErrs", "Tcp.InSegs", 0, 0.001, 0.1, "%N TCP segments came damaged (%S): a bad cable, memory or middlebox that the link's own checksum does not see", "iface stats", 0 },
	{ "tcp-checksum", "Tcp.InCsumErrors", "Tcp.InSegs", 0, 0.001, 0.1, "%N TCP segments had a wrong checksum (%S)", "iface stats", 0 },
	{ "ip-checksum", "IpExt.InCsumErrors", "Ip.InReceives", 0, 0.0001, 0.01, "%N packets had a wrong IP header checksum", "iface stats", 0 },
	{ "ip-truncated", "IpExt.InTruncatedPkts Ip6InTruncatedPkts", "Ip.InReceives", 0, 0.0001, 0.01, "%N packets were shorter than their header says", "iface stats", 0 },

	/* --- UDP --- */
	{ "udp-receive-buffer", "Udp.RcvbufErrors Udp6RcvbufErrors", "Udp.InDatagrams Udp6InDatagrams Udp.RcvbufErrors Udp6RcvbufErrors", 0, 0.01, 1,
	  "%N UDP datagrams were dropped because a program's receive buffer was full (%S)", "ss -uam; net.core.rmem_max", 0 },
	{ "udp-send-buffer", "Udp.SndbufErrors Udp6SndbufErrors", "Udp.OutDatagrams Udp6OutDatagrams", 0, 0.01, 1, "%N UDP datagrams could not be sent for want of buffer (%S)", "net.core.wmem_max", 0 },
	{ "udp-errors", "Udp.InErrors Udp6InErrors", "Udp.InDatagrams Udp6InDatagrams", 0.0000001, 0.05, 1, "%N UDP datagrams could not be delivered (%S): full buffers, wrong checksums, no memory", "", 0 },
	{ "udp-memory", "Udp.MemErrors Udp6MemErrors", NULL, 1, 1, 1000, "%N UDP datagrams were dropped for want of memory", "net.ipv4.udp_mem (in pages)", 0 },
	{ "udp-no-port", "Udp.NoPorts Udp6NoPorts", "Udp.InDatagrams Udp6InDatagrams Udp.NoPorts Udp6NoPorts", 0.01, 20, NEVER, "%N UDP datagrams came for ports at which nobody listens (%S): scans, late DNS answers, or a service that is down", "ss -uln", 0 },

	/* --- IP --- */
	{ "ip-no-route", "Ip.OutNoRoutes Ip6OutNoRoutes", "Ip.OutRequests Ip6OutRequests", 0.0001, 0.1, 2, "%N packets had no route (%S)", "route get HOST; route check", 0 },
	{ "ip-in-no-route", "IpExt.InNoRoutes Ip6InNoRoutes", "Ip.InReceives Ip6InReceives", 0.001, 0.5, 10, "%N packets that came in could not be forwarded: no route (%S)", "route check", 0 },
	{ "rp-filter", "TcpExt.IPReversePathFilter", "Ip.InReceives", 0, 0.001, 0.5, "rp_filter dropped %N packets: they came in by another interface than their answers would leave by", "route check; route get HOST", 0 },
	{ "ip-in-discards", "Ip.InDiscards Ip6InDiscards", "Ip.InReceives Ip6InReceives", 0, 0.001, 0.1, "%N good packets were dropped on the way up (%S): no memory, or a firewall", "drops", 0 },
	{ "ip-out-discards", "Ip.OutDiscards Ip6OutDiscards", "Ip.OutRequests Ip6OutRequests", 0.00001, 0.01, 1, "%N packets were dropped on the way out (%S): full queues, or a firewall", "iface drops IF", 0 },
	{ "ip-header-errors", "Ip.InHdrErrors Ip6InHdrErrors", "Ip.InReceives Ip6InReceives", 0.0001, 0.01, 1, "%N packets had a bad header, or no hop left (TTL 0): a routing loop makes many", "traceroute HOST", 0 },
	{ "ip-address-errors", "Ip.InAddrErrors Ip6InAddrErrors", "Ip.InReceives Ip6InReceives", 0.0001, 0.1, 5, "%N packets were for addresses that are not ours", "", 0 },
	{ "reassembly", "Ip.ReasmFails Ip6ReasmFails", "Ip.ReasmReqds Ip6ReasmReqds", 0.1, 1, 20, "%N packets could not be put together from their fragments (%S): fragments get lost, or come too late", "explain ReasmFails", 0 },
	{ "fragmentation-failed", "Ip.FragFails Ip6FragFails", "Ip.OutRequests Ip6OutRequests", 0.0001, 0.1, 2, "%N packets were too big and must not be fragmented: path MTU discovery at work; many of them: an MTU is wrong", "mtu HOST", 0 },

	/* --- ICMP --- */
	{ "icmp-limited", "Icmp.OutRateLimitHost", "Icmp.OutMsgs", 0.1, 20, NEVER, "%N ICMP errors were not sent because of icmp_ratelimit (%S)", "sysctl net.ipv4.icmp_ratelimit", 0 },
	{ "icmp-limited-all", "Icmp.OutRateLimitGlobal", "Icmp.OutMsgs", 0.1, 20, NEVER, "%N ICMP messages were not sent because of icmp_msgs_per_sec (%S)", "sysctl net.ipv4.icmp_msgs_per_sec", 0 },
	{ "icmp-errors", "Icmp.InErrors Icmp6InErrors", "Icmp.InMsgs Icmp6InMsgs", 0.005, 5, NEVER, "%N ICMP messages came damaged, or made no sense (%S)", "", 0 },
	{ "icmp-window", "TcpExt.OutOfWindowIcmps", "Icmp.InMsgs", 0.01, 5, NEVER, "%N ICMP errors fitted no data in flight: late, or forged", "", 0 },
	{ "icmp-locked", "TcpExt.LockDroppedIcmps", "Icmp.InMsgs", 0.01, 5, NEVER, "%N ICMP errors were lost because their socket was locked", "", 0 },

	/* --- the CPUs --- */
	{ "softnet-dropped", "Softnet.Dropped", "Softnet.Processed", 0, 0.0001, 0.01, "%N packets were dropped before the stack because a CPU's backlog was full (%S)", "net.core.netdev_max_backlog; spread the interrupts (RPS)", 0 },
	{ "softnet-squeezed", "Softnet.TimeSqueeze", "Softnet.Processed", 0.001, 0.1, 5, "the CPUs ran out of time with packets still waiting %N times (%S)", "net.core.netdev_budget; spread the interrupts", 0 },
	{ "flow-limit", "Softnet.FlowLimit", "Softnet.Processed", 0, 0.001, 0.1, "%N packets of single large flows were dropped by the flow limit", "", 0 },

	/* --- MPTCP --- */
	{ "mptcp-fallback", "MPTcpExt.MPCapableFallbackACK MPTcpExt.MPCapableFallbackSYNACK", "MPTcpExt.MPCapableSYNRX MPTcpExt.MPCapableSYNTX", 1, 30, NEVER, "%N MPTCP connections fell back to plain TCP (%S): a middlebox, or a peer without it", "", 0 },
	{ "mptcp-damaged", "MPTcpExt.DataCsumErr MPTcpExt.MPFailRx MPTcpExt.MPFailTx", NULL, 1, 1, 1000, "%N MPTCP checksums were wrong: something on the way rewrites payload", "", 0 },
	{ "mptcp-hmac", "MPTcpExt.MPJoinSynAckHMacFailure MPTcpExt.MPJoinAckHMacFailure", NULL, 1, 1, 1000, "%N MPTCP subflows were refused for a wrong HMAC", "", 0 },
};
/* clang-format on */
const size_t stats_rule_count = sizeof stats_rules / sizeof stats_rules[0];
