/* All that one diagnosis has measured, as plain facts. The flow fills it, the rules read it; nothing in here measures,
 * waits or judges. Every fact may be unknown: NS_NONE, FACT_UNKNOWN, or a count of zero samples. */
#ifndef DIAG_EVIDENCE_H
#define DIAG_EVIDENCE_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

enum {
	ATTEMPTS_MAX = 40,
	SAMPLES_MAX = 600,
	PATHS_MAX = 8,
	RESOLVERS_MAX = 3,
	ARRIVALS_MAX = 64,
};

/* How a try to connect, or a whole request, ended. */
enum ending {
	END_NONE, /* not made, or not finished */
	END_OK,
	END_REFUSED,     /* RST in answer to a SYN */
	END_RESET,       /* RST (or a close) in mid-connection */
	END_TIMED_OUT,   /* we gave up waiting */
	END_UNREACHABLE, /* an ICMP error */
	END_LOCAL,       /* this machine refused to send */
	END_TLS,         /* the handshake or the certificate */
	END_PROXY,
	END_PROTOCOL, /* closed too early, or nonsense */
};

/* How far a request came. */
enum stage { STAGE_CONNECT, STAGE_PROXY, STAGE_TLS, STAGE_REQUEST, STAGE_WAIT, STAGE_TRANSFER, STAGE_DONE };

/* One request (or one bare connection: stage ends at STAGE_CONNECT). Durations; NS_NONE = did not happen. */
struct attempt {
	enum ending ending;
	enum stage stage;
	int status; /* HTTP, 0 none */
	int errnum;
	bool reused;         /* on a connection of an earlier attempt */
	bool small_mss;      /* made with a small MSS, to get past an MTU black hole */
	bool cut;            /* we stopped reading on purpose: the body goes on */
	bool crowded;        /* began while a transfer of ours ran, or its queue drained */
	bool parallel;       /* made while another attempt was running */
	ns_t began;          /* CLOCK_MONOTONIC */
	ns_t total;          /* of the exchange, the look-up not counted */
	ns_t before_connect; /* until the SYN was asked for */
	ns_t connect, rtt;   /* handshake: the wait, and the kernel's round trip */
	uint64_t syn_retransmits;
	ns_t tls, tls_network, tls_server, tls_client;
	int tls_round_trips;
	ns_t before_request; /* from connected (or TLS done) until the request was written */
	ns_t
	    request_network; /* request written until acknowledged; NS_NONE when the ACK rode on the answer */
	ns_t server;         /* think time */
	bool server_exact;   /* from the ACK's stamp, else from the round trip */
	bool stamped;        /* kernel stamps at both ends of the wait */
	bool acknowledged;   /* the peer's kernel has acknowledged the whole request */
	ns_t wait;           /* request written until first byte */
	ns_t transfer;       /* first byte until last */
	ns_t gap_time, gap_lossless, longest_gap;
	uint64_t gaps, reads;
	uint64_t body_bytes, sent_bytes, unacked_segments;
	int64_t content_length; /* -1 unknown */
	uint64_t retransmits;   /* ours, of data */
	uint64_t out_of_order;  /* segments that arrived so */
	uint64_t segments_in, segments_out, data_segments_in, data_segments_out, received_bytes;
	uint64_t rcv_mss;
	uint64_t reordering_seen, spurious;
	bool stalled_on_large; /* full-size segments of ours never acknowledged */
	ns_t min_rtt;
	char error[256]; /* the engine's sentence, "" none */
};

/* One round trip sample. */
struct sample {
	ns_t at;     /* CLOCK_MONOTONIC, when the probe left */
	ns_t rtt;    /* NS_NONE: lost */
	bool loaded; /* a transfer of ours was running */
};

/* One kind of probe towards the host: ICMP echo, SYN to a port that nobody serves, SYN to the service. */
struct series {
	bool tried; /* probes were sent */
	bool kernel_stamped;
	char method[16]; /* "ICMP", "TCP" */
	uint64_t sent, answered, lost, late, duplicates, overtaken;
	uint64_t unreachable; /* probes answered by an ICMP error */
	uint8_t icmp_type, icmp_code;
	struct addr icmp_from;
	int send_errnum; /* the last local refusal, 0 none */
	int ttl;         /* of the answers, -1 unknown */
	uint16_t port;
	size_t count;
	struct sample samples[SAMPLES_MAX];
};

/* One address of the target and the way to it. */
struct path {
	struct addr addr; /* with port */
	enum fact routed; /* the kernel has a route */
	char route_error[160];
	struct addr gateway, source;
	char interface[16];
	uint32_t mtu;
	enum fact link_up, carrier;
	uint64_t link_errors; /* of this link during the measurement: rx + tx errors, drops apart */
	uint64_t link_drops;
	enum fact next_hop_answers; /* neighbour entry of the gateway, or of the target on the link */
	uint16_t neighbour_state;
	bool on_link; /* no gateway in between */
	bool local;   /* it is this machine */
	unsigned tries, connected, refused, silent, unreachable,
	    local_failures;   /* handshakes with the service */
	unsigned late;        /* connected, after SYNs were sent again */
	bool refused_at_once; /* by connect(2) itself */
	ns_t refused_after;   /* the soonest refusal (RST or ICMP), NS_NONE */
	ns_t first_connect;   /* how long the first handshake took, NS_NONE */
	int errnum;
	struct addr icmp_from;
	uint8_t icmp_type, icmp_code;
};

/* The look-up, as a program here would make it. */
enum dns_verdict {
	DNS_LITERAL,
	DNS_OK,
	DNS_NXDOMAIN,
	DNS_NODATA,
	DNS_SERVFAIL,
	DNS_REFUSED,
	DNS_SILENT,
	DNS_ERROR
};
struct resolver_fact {
	struct addr addr;
	unsigned asked, answered, timed_out, port_closed, unreachable;
	ns_t rtt; /* median of its answers */
	uint16_t rcode;
	ns_t path_rtt; /* least round trip to the resolver itself (ICMP, TCP), NS_NONE */
};
struct dns_facts {
	enum dns_verdict verdict;
	bool from_hosts;
	ns_t program_wait; /* what a program waits, time-outs included */
	ns_t repeated;     /* the same, asked again later; NS_NONE not asked */
	int dead_servers;  /* waited for in vain before the one that answers */
	ns_t timeout;      /* of resolv.conf */
	int attempts;
	unsigned resolver_count;
	struct resolver_fact resolvers[RESOLVERS_MAX];
	bool no_resolver; /* resolv.conf missing or empty */
	char error[256];
	char name[256];
	char ede[256];
	int addr_count;
	bool way_known;
	struct path way; /* to the first resolver, looked at when none answered */
};

/* This machine while it measured. */
struct machine_facts {
	enum fact pressure_known;
	double cpu_some; /* per cent of the time that some task waited for a CPU, during the measurement */
	ns_t lateness_p50, lateness_p95, lateness_max; /* how late our own timers fired */
	unsigned lateness_samples;
	bool counters_known;
	int64_t
	    retransmit_failures; /* TcpExt.TCPRetransFail: segments that this host itself refused to send again */
	int64_t rp_filter_drops, in_header_errors;
	int64_t ofo_queued, dsack_sent, dsack_received, spurious_rtos;
	int64_t reordering_seen;
	int64_t timeouts, syn_retransmits;
	int64_t port_low, port_high; /* ip_local_port_range, 0 unknown */
	char proxy[256], proxy_source[32];
	bool down_link; /* an Ethernet-like link here is down */
	char down_link_name[16];
	bool down_is_carrier; /* up, but without carrier */
	bool icmp_allowed;
	bool raw_allowed;
};

enum certificate_fault {
	CERT_UNKNOWN,
	CERT_GOOD,
	CERT_EXPIRED,
	CERT_NOT_YET,
	CERT_NAME,
	CERT_ISSUER,
	CERT_OTHER
};
struct tls_facts {
	enum certificate_fault certificate;
	char text[256]; /* what is wrong, a finished sentence */
	char alert[96];
	char version[16];
	ns_t not_before, not_after;   /* CLOCK_REALTIME; NS_NONE */
	ns_t server_date, local_date; /* Date: of the response, and our clock then; NS_NONE */
};

/* What a raw socket saw of the target's segments (root only). */
struct witness_facts {
	bool watched;
	uint64_t segments, syn_acks, repeated_syn_acks, resets, repeated_data, overtaken, zero_windows;
	int ttl;           /* of the host's ordinary segments (first SYN-ACK), -1 unknown */
	int reset_ttl;     /* of the last RST in mid-connection, -1 none */
	int refuse_ttl;    /* of a RST that answered a SYN */
	int closed_ttl;    /* of the RST of the closed port: the host's own */
	bool ack_probed;   /* a stray ACK was sent to the service's port ... */
	bool ack_answered; /* ... and answered by RST: the port is not filtered */
};

/* How far SYNs with a small TTL got: which routers answered that it ended there. Needs no privilege. */
struct hops_facts {
	bool tried;
	int service,
	    other; /* the farthest router that answered for the service's port, for the other one; 0 none */
	struct addr service_router, other_router;
};

/* Transfers compared: alone, and several at once (SIGNALS 9, 10). */
struct load_facts {
	double rate_alone, rate_together; /* bytes a second; together: the sum. 0: not measured */
	unsigned flows;
};

enum target_kind { TARGET_URL, TARGET_SERVICE, TARGET_HOST };
enum service_talk { TALK_UNKNOWN, TALK_HTTP, TALK_HTTPS, TALK_TLS, TALK_BANNER, TALK_SILENT };

struct facts {
	enum target_kind kind;
	enum service_talk talk;
	char target[300], host[256];
	uint16_t port;
	char banner[128];
	bool any_name;    /* an address was given, no URL: whose name its certificate bears does not matter */
	bool interrupted; /* the user or the budget ended it before its time */
	ns_t began, took;
	struct dns_facts dns;
	unsigned path_count;
	struct path paths[PATHS_MAX];
	int primary; /* index of the path that was used; -1 none connected */
	struct series icmp, closed, service;
	unsigned attempt_count;
	struct attempt attempts[ATTEMPTS_MAX];
	struct tls_facts tls;
	struct witness_facts witness;
	struct hops_facts hops;
	struct load_facts load;
	struct machine_facts machine;
};

/* Everything unknown. */
void facts_init(struct facts *facts);

/* An attempt of which nothing is known yet. */
void attempt_init(struct attempt *attempt);

/* Adds a sample to a series (ignored when it is full). */
void series_add(struct series *series, ns_t at, ns_t rtt, bool loaded);

#endif
