/* Sets of ports. */
#include "base/mem.h"
#include "ntsh/targets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PART_MAX = 64 };

/* What is found open most on servers, routers, printers and phones, TCP and UDP. */
static const char COMMON[] =
    "7,9,13,19,21-23,25,37,49,53,67-69,79-81,88,106,110,111,113,119,123,135-139,143,144,161,162,179,199,"
    "389,427,443-445,465,500,513-515,520,543,544,548,554,587,623,631,636,646,853,873,990,993,995,1080,1194,"
    "1433,"
    "1434,1521,1701,1720,1723,1812,1813,1883,1900,2000,2049,2082,2083,2222,2375,2376,2379,3000,3128,3268,"
    "3306,"
    "3389,3478,4500,5000,5001,5044,5060,5061,5201,5353,5357,5432,5601,5666,5671,5672,5683,5900,5901,5984,"
    "5985,6000,"
    "6379,6443,6667,7001,8000,8008,8009,8080,8081,8086,8088,8443,8500,8883,8888,9000,9042,9090,9092,9100,"
    "9200,"
    "9300,9418,9999,10000,10050,10250,11211,15672,25565,27017,32768,49152-49157,51820";

static void add_range(struct port_set *set, unsigned first, unsigned last)
{
	for (unsigned port = first; port <= last; port++) {
		uint64_t bit = (uint64_t)1 << port % 64;
		set->count += !(set->bits[port / 64] & bit);
		set->bits[port / 64] |= bit;
	}
}

/* One end of a range, which may be empty. */
static bool read_end(const char *text, unsigned empty, unsigned *out)
{
	size_t digits = strspn(text, "0123456789");
	if (!*text) {
		*out = empty;
		return true;
	}
	if (text[digits] || digits > 5)
		return false;
	*out = (unsigned)strtoul(text, NULL, 10);
	return *out >= 1 && *out <= UINT16_MAX;
}

static int bad_port(struct error *err, const char *part)
{
	bool number = part[strspn(part, "0123456789-")] == '\0';
	return error_set(err, STATUS_USAGE, "EUSAGE",
			 number ? "a port is 1 to 65535, a range 8000-8100"
				: "write 22,80,8000-8100, names of /etc/services, common or all",
			 number ? "port %s is out of range" : "there is no service '%s'", part);
}

static int list_read(const char *text, struct port_set *out, struct error *err);

static int read_part(const char *part, struct port_set *out, struct error *err)
{
	unsigned first, last;
	char head[PART_MAX];
	if (strcasecmp(part, "all") == 0 || strcmp(part, "-") == 0) {
		add_range(out, 1, UINT16_MAX);
		return 0;
	}
	if (strcasecmp(part, "common") == 0)
		return list_read(COMMON, out, err);
	struct servent *service = getservbyname(part, NULL);
	if (service) {
		unsigned port = ntohs((uint16_t)service->s_port);
		add_range(out, port, port);
		return 0;
	}
	const char *hyphen = strchr(part, '-');
	snprintf(head, sizeof head, "%.*s", hyphen ? (int)(hyphen - part) : PART_MAX, part);
	if (!read_end(head, hyphen ? 1 : 0, &first) ||
	    !read_end(hyphen ? hyphen + 1 : head, UINT16_MAX, &last))
		return bad_port(err, part);
	if (first > last)
		return error_set(err, STATUS_USAGE, "EUSAGE", "the lower port comes first",
				 "the port range %s ends before it begins", part);
	add_range(out, first, last);
	return 0;
}

static int list_read(const char *text, struct port_set *out, struct error *err)
{
	char part[PART_MAX];
	do {
		size_t length = strcspn(text, ",");
		if (!length || length >= sizeof part)
			return error_set(err, STATUS_USAGE, "EUSAGE", "write 22,80,8000-8100,https",
					 "'%.200s' is not a list of ports", text);
		snprintf(part, sizeof part, "%.*s", (int)length, text);
		if (read_part(part, out, err) < 0)
			return -1;
		text += length;
	} while (*text++ == ',');
	return 0;
}

int port_set_read(const char *text, struct port_set *out, struct error *err)
{
	*out = (struct port_set){ 0 };
	return list_read(text, out, err);
}

uint16_t port_set_next(const struct port_set *set, uint32_t from)
{
	for (uint32_t word = from / 64; word < 1024; word++) {
		uint64_t bits = set->bits[word];
		if (word == from / 64)
			bits &= UINT64_MAX << from % 64;
		if (bits)
			return (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(bits));
	}
	return 0;
}

const char *port_service(uint16_t port, const char *protocol)
{
	/* libc reads the whole file each time. */
	static char *names[2][UINT16_MAX + 1];
	static bool asked[2][UINT16_MAX + 1];
	size_t which = strcmp(protocol, "udp") == 0;
	if (!asked[which][port]) {
		struct servent *service = getservbyport(htons(port), protocol);
		asked[which][port] = true;
		names[which][port] = service ? mem_strdup(service->s_name) : NULL;
	}
	return names[which][port];
}
