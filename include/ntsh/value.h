/* Typed values: what a measurement hands to the output layer, and what an option holds. */
#ifndef NTSH_VALUE_H
#define NTSH_VALUE_H

#include "ntsh/addr.h"
#include "ntsh/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The JSON name's ending tells the unit and must agree with the kind: KIND_TIME _ms, KIND_BYTES
 * _bytes, KIND_PERCENT _percent, KIND_BIT_RATE _bps, KIND_PACKET_RATE _pps. */
enum value_kind {
	KIND_NONE,        /* JSON null; text "-": asked for, could not be measured */
	KIND_TEXT,        /* UTF-8 or not; escaped by the renderer, may come from the network */
	KIND_COUNT,       /* unsigned number of things; text "1,074,974" */
	KIND_INTEGER,     /* signed number, or one that names something (port, pid, table): text "8080" */
	KIND_REAL,        /* dimensionless ratio or score */
	KIND_FLAG,        /* true or false */
	KIND_TIME,        /* duration in ns; JSON in ms, text with a fitting unit */
	KIND_SECONDS,     /* whole seconds (TTL); JSON number, text "1 h 5 min" */
	KIND_DATE,        /* CLOCK_REALTIME in ns; JSON RFC 3339 UTC */
	KIND_BYTES,       /* number of bytes; text with KiB, MiB */
	KIND_PERCENT,     /* 0..100 */
	KIND_BIT_RATE,    /* bits a second */
	KIND_PACKET_RATE, /* packets a second */
	KIND_ADDRESS,     /* without port */
	KIND_ENDPOINT,    /* address and port */
};

struct value {
	enum value_kind kind;
	union {
		struct { const char *bytes; size_t length; } text;
		uint64_t count;
		int64_t integer;
		double real;
		bool flag;
		ns_t ns;
		struct addr addr;
	};
};

/* Constructors. Text is borrowed for the call it is passed to. A NULL text, NS_NONE, a NaN or an AF_UNSPEC address
 * becomes KIND_NONE. */
struct value value_none(void);
struct value value_text(const char *text);
struct value value_text_n(const char *bytes, size_t length);
struct value value_count(uint64_t count);
struct value value_integer(int64_t integer);
struct value value_real(double real);
struct value value_flag(bool flag);
struct value value_time(ns_t ns);
struct value value_seconds(uint64_t seconds);
struct value value_date(ns_t real);
struct value value_bytes(uint64_t bytes);
struct value value_percent(double percent);
struct value value_bit_rate(double bits_per_second);
struct value value_packet_rate(double packets_per_second);
struct value value_address(const struct addr *addr);
struct value value_endpoint(const struct addr *addr);

#endif
