/* Members of the kernel's struct tcp_info under the names that JSON uses. A table is made of them with
 * SOCKET_INFO_MEMBERS(X), where X(name, kind, member, reading, meaning) is a macro: member is that of the kernel's struct, reading how its
 * number is understood (src/net/sockets/info.c). */
#ifndef NTSH_SOCKET_INFO_H
#define NTSH_SOCKET_INFO_H

/* clang-format off */
#define SOCKET_INFO_MEMBERS(X) \
	X(ca_state, KIND_TEXT, ca_state, AS_CA_STATE, "congestion control: open, disorder, cwr, recovery or loss") \
	X(retransmits, KIND_COUNT, retransmits, AS_COUNT, "retransmission time-outs in a row, now") \
	X(probes, KIND_COUNT, probes, AS_COUNT, "unanswered probes of a zero window or of keep-alive, now") \
	X(backoff, KIND_COUNT, backoff, AS_COUNT, "how often the time-out was doubled") \
	X(send_wscale, KIND_COUNT, wscale, AS_LOW, "window scaling of the peer, in bits (RFC 7323)") \
	X(receive_wscale, KIND_COUNT, wscale, AS_HIGH, "our own window scaling, in bits") \
	X(app_limited, KIND_FLAG, flags, AS_APP_LIMITED, "the delivery rate was limited by the program, not by the path") \
	X(rto_ms, KIND_TIME, rto, AS_US, "retransmission time-out") \
	X(ato_ms, KIND_TIME, ato, AS_US, "how long an acknowledgement may be delayed") \
	X(snd_mss_bytes, KIND_BYTES, snd_mss, AS_BYTES, "largest segment sent") \
	X(rcv_mss_bytes, KIND_BYTES, rcv_mss, AS_BYTES, "largest segment received, estimated") \
	X(unacked, KIND_COUNT, unacked, AS_COUNT, "segments in flight (LISTEN: accept queue)") \
	X(sacked, KIND_COUNT, sacked, AS_COUNT, "segments selectively acknowledged (LISTEN: its limit)") \
	X(lost, KIND_COUNT, lost, AS_COUNT, "segments in flight that are held to be lost") \
	X(retrans, KIND_COUNT, retrans, AS_COUNT, "retransmitted segments in flight") \
	X(last_data_sent_ms, KIND_TIME, last_data_sent, AS_MS, "since data was sent") \
	X(last_data_received_ms, KIND_TIME, last_data_recv, AS_MS, "since data was received") \
	X(last_ack_received_ms, KIND_TIME, last_ack_recv, AS_MS, "since something was acknowledged by the peer") \
	X(pmtu_bytes, KIND_BYTES, pmtu, AS_BYTES, "MTU of the path") \
	X(rcv_ssthresh_bytes, KIND_BYTES, rcv_ssthresh, AS_BYTES, "limit of the window that is offered") \
	X(rtt_ms, KIND_TIME, rtt, AS_RTT, "smoothed round trip (RFC 6298)") \
	X(rttvar_ms, KIND_TIME, rttvar, AS_US, "its variation") \
	X(ssthresh, KIND_COUNT, snd_ssthresh, AS_THRESHOLD, "slow start threshold in segments; null: none yet") \
	X(cwnd, KIND_COUNT, snd_cwnd, AS_COUNT, "congestion window in segments") \
	X(advmss_bytes, KIND_BYTES, advmss, AS_BYTES, "largest segment that we told the peer") \
	X(reordering, KIND_COUNT, reordering, AS_COUNT, "degree of reordering that is taken for granted") \
	X(rcv_rtt_ms, KIND_TIME, rcv_rtt, AS_RTT, "round trip as seen by the receiver") \
	X(rcv_space_bytes, KIND_BYTES, rcv_space, AS_BYTES, "what the program reads in one round trip") \
	X(total_retrans, KIND_COUNT, total_retrans, AS_COUNT, "segments retransmitted so far") \
	X(pacing_rate_bps, KIND_BIT_RATE, pacing_rate, AS_RATE, "pace of sending") \
	X(max_pacing_rate_bps, KIND_BIT_RATE, max_pacing_rate, AS_RATE, "its limit (SO_MAX_PACING_RATE); null: none") \
	X(acked_bytes, KIND_BYTES, bytes_acked, AS_BYTES, "acknowledged by the peer so far") \
	X(received_bytes, KIND_BYTES, bytes_received, AS_BYTES, "received so far") \
	X(segs_out, KIND_COUNT, segs_out, AS_COUNT, "segments sent") \
	X(segs_in, KIND_COUNT, segs_in, AS_COUNT, "segments received") \
	X(notsent_bytes, KIND_BYTES, notsent_bytes, AS_BYTES, "written by the program and not sent yet") \
	X(min_rtt_ms, KIND_TIME, min_rtt, AS_RTT, "least round trip (of the last minutes)") \
	X(data_segs_in, KIND_COUNT, data_segs_in, AS_COUNT, "segments with data received") \
	X(data_segs_out, KIND_COUNT, data_segs_out, AS_COUNT, "segments with data sent") \
	X(delivery_rate_bps, KIND_BIT_RATE, delivery_rate, AS_RATE, "goodput, latest estimate") \
	X(busy_ms, KIND_TIME, busy_time, AS_US, "time with data to send") \
	X(rwnd_limited_ms, KIND_TIME, rwnd_limited, AS_US, "part of it held up by the peer's receive window") \
	X(sndbuf_limited_ms, KIND_TIME, sndbuf_limited, AS_US, "part of it held up by our send buffer") \
	X(delivered, KIND_COUNT, delivered, AS_COUNT, "segments delivered, retransmissions included") \
	X(delivered_ce, KIND_COUNT, delivered_ce, AS_COUNT, "segments that came with a mark of congestion (ECN)") \
	X(sent_bytes, KIND_BYTES, bytes_sent, AS_BYTES, "sent so far, retransmissions included") \
	X(retransmitted_bytes, KIND_BYTES, bytes_retrans, AS_BYTES, "retransmitted so far") \
	X(dsack_dups, KIND_COUNT, dsack_dups, AS_COUNT, "needless retransmissions, as the peer told (DSACK)") \
	X(reord_seen, KIND_COUNT, reord_seen, AS_COUNT, "reordering was seen so often") \
	X(rcv_ooopack, KIND_COUNT, rcv_ooopack, AS_COUNT, "segments that came out of order") \
	X(snd_wnd_bytes, KIND_BYTES, snd_wnd, AS_BYTES, "the peer's window, now") \
	X(rcv_wnd_bytes, KIND_BYTES, rcv_wnd, AS_BYTES, "our window, now") \
	X(rehash, KIND_COUNT, rehash, AS_COUNT, "how often another path was tried after time-outs") \
	X(total_rto, KIND_COUNT, total_rto, AS_COUNT, "retransmission time-outs so far") \
	X(total_rto_recoveries, KIND_COUNT, total_rto_recoveries, AS_COUNT, "recoveries from them") \
	X(total_rto_time_ms, KIND_TIME, total_rto_time, AS_MS, "time spent in such recoveries") \
	X(received_ce, KIND_COUNT, received_ce, AS_COUNT, "segments received with a mark of congestion (AccECN)") \
	X(delivered_e1_bytes, KIND_BYTES, delivered_e1_bytes, AS_BYTES, "delivered with ECT(1) (AccECN)") \
	X(delivered_e0_bytes, KIND_BYTES, delivered_e0_bytes, AS_BYTES, "delivered with ECT(0) (AccECN)") \
	X(delivered_ce_bytes, KIND_BYTES, delivered_ce_bytes, AS_BYTES, "delivered with CE (AccECN)") \
	X(received_e1_bytes, KIND_BYTES, received_e1_bytes, AS_BYTES, "received with ECT(1) (AccECN)") \
	X(received_e0_bytes, KIND_BYTES, received_e0_bytes, AS_BYTES, "received with ECT(0) (AccECN)") \
	X(received_ce_bytes, KIND_BYTES, received_ce_bytes, AS_BYTES, "received with CE (AccECN)") \
	X(accecn_fail_mode, KIND_COUNT, accecn_fail_mode, AS_COUNT, "why AccECN was given up, as bits") \
	X(accecn_opt_seen, KIND_COUNT, accecn_opt_seen, AS_COUNT, "the AccECN option was seen, as bits")
/* clang-format on */

#endif
