/* Questions to the kernel by netlink (libmnl), one at a time, answered at once: the kernel answers within the system call, so
 * nothing here waits. */
#ifndef SYS_NETLINK_H
#define SYS_NETLINK_H

#include "ntsh/addr.h"
#include "ntsh/error.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink;

/* protocol: NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_GENERIC, NETLINK_NETFILTER. Returns NULL with err. */
struct netlink *netlink_open(int protocol, struct error *err);
void netlink_close(struct netlink *netlink);

/* A place for one request. */
struct netlink_request {
	_Alignas(8) uint8_t bytes[1024];
};

/* Begins a request: header and a zeroed family header of size bytes, which is returned for filling in. flags: NLM_F_DUMP,
 * NLM_F_ACK ... besides NLM_F_REQUEST. */
void *netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size);

/* Adds an attribute (of at most 256 bytes). */
void netlink_add(struct netlink_request *request, uint16_t type, const void *bytes, size_t size);
void netlink_add_u32(struct netlink_request *request, uint16_t type, uint32_t value);
void netlink_add_text(struct netlink_request *request, uint16_t type, const char *text);

/* Gets each message of the answer. Returns true to go on, false when the rest does not matter (it is still read to its end). */
typedef bool netlink_message_fn(const struct nlmsghdr *message, void *arg);

/* Called when a dump changed while it was read (NLM_F_DUMP_INTR) and begins again: forget what came. */
typedef void netlink_again_fn(void *arg);

/* Sends the request and reads its whole answer. Returns 0, or -1 with errno: what the kernel refused with (netlink_refusal says more),
 * or EPROTO for an answer that makes no sense. again may be NULL when no dump is asked for. */
int netlink_ask(struct netlink *netlink, struct netlink_request *request, netlink_message_fn *fn,
		netlink_again_fn *again, void *arg);

/* Sends a dump request and reads its answer once, however large: what was shown cannot be taken back, so nothing begins again.
 * *interrupted (may be NULL): the table changed meanwhile, and the answer may miss entries or hold them twice (NLM_F_DUMP_INTR). When fn
 * returns false the rest is given up (the socket is opened anew, as the kernel would go on). Returns as netlink_ask. */
int netlink_dump(struct netlink *netlink, struct netlink_request *request, netlink_message_fn *fn, void *arg,
		 bool *interrupted);

/* True when the last dump of netlink_ask changed under the reader in each of its tries: it is not to be shown as the truth. */
bool netlink_interrupted(const struct netlink *netlink);

/* --- what happens: notifications --- */

/* Joins a multicast group (RTNLGRP_*). Returns 0, or -1 with errno. */
int netlink_subscribe(struct netlink *netlink, int group);

/* For loop_watch. */
int netlink_fd(const struct netlink *netlink);

/* Passes on what has arrived, without waiting. Returns 0, or -1 with errno; ENOBUFS: the kernel dropped notifications because we read
 * too slowly. */
int netlink_receive(struct netlink *netlink, netlink_message_fn *fn, void *arg);

/* The kernel's own words about the last refusal (extended ACK), "" when it had none. */
const char *netlink_refusal(const struct netlink *netlink);

/* --- reading attributes: of hostile bytes --- */

/* The message at *at, or NULL when the rest is none: *at and *rest are moved behind it. (mnl_nlmsg_ok takes lengths beyond
 * INT_MAX for negative ones, and so for good.) */
const struct nlmsghdr *netlink_message_next(const uint8_t **at, size_t *rest);

/* Points table[type] to each attribute with type <= max that is whole and lies behind offset bytes of family header; others are
 * skipped. table has max + 1 places, all are set. Returns false when the message is too short for its family header. */
bool netlink_attributes(const struct nlmsghdr *message, size_t offset, const struct nlattr **table,
			uint16_t max);

/* The same for the attributes inside another. */
void netlink_nested(const struct nlattr *nest, const struct nlattr **table, uint16_t max);

/* The same for attributes in bare bytes (behind a struct rtnexthop). */
void netlink_walk(const uint8_t *bytes, size_t size, const struct nlattr **table, uint16_t max);

/* An address payload; AF_UNSPEC for NULL, too short, or a family that is not ours. */
struct addr netlink_address(const struct nlattr *attribute, sa_family_t family);

/* The attribute at *at, for lists in which one type comes again and again, or NULL when the rest is none: *at and *rest are moved
 * behind it. Begin with mnl_attr_get_payload and mnl_attr_get_payload_len of the nest. */
const struct nlattr *netlink_attribute_next(const uint8_t **at, size_t *rest);

/* Its type without the flags. */
uint16_t netlink_attribute_type(const struct nlattr *attribute);

/* Payloads; fallback when attribute is NULL or shorter than that. */
uint32_t netlink_u32(const struct nlattr *attribute, uint32_t fallback);
uint64_t netlink_u64(const struct nlattr *attribute, uint64_t fallback);
uint16_t netlink_u16(const struct nlattr *attribute, uint16_t fallback);
uint8_t netlink_u8(const struct nlattr *attribute, uint8_t fallback);

/* Copies a text payload, always ended, cut at size. "" for NULL. */
void netlink_text(const struct nlattr *attribute, char *out, size_t size);

#endif
