#include "ntsh/dns_ask.h"

#include "base/mem.h"
#include "net/dns/idn.h"
#include "wire/dns_name.h"

#include <stdlib.h>

enum { TYPE_A = 1, TYPE_AAAA = 28 };

struct dns_request dns_ask_request(const struct dns_ask *ask, const struct call *call)
{
	return (struct dns_request){
		.transport = ask->tcp ? DNS_TCP : DNS_UDP,
		.recursion_desired = true,
		.authentic_data = true,
		.dnssec_ok = ask->dnssec,
		.udp_size = (uint16_t)ask->bufsize,
		.timeout = ask->timeout,
		.tries = (int)ask->retry + 1,
		.interface = call->settings->interface,
	};
}

int dns_type_read(const char *text, uint16_t *out, struct error *err)
{
	int type = dns_type_parse(text);
	if (type < 0)
		return error_set(err, STATUS_USAGE, "EUSAGE",
				 "write A, AAAA, MX ... or TYPE and its number (TYPE65)",
				 "'%.60s' is no DNS type", text);
	*out = (uint16_t)type;
	return 0;
}

int dns_ask_types(const struct dns_ask *ask, uint16_t *types, size_t max, struct error *err)
{
	const struct option_list *lists[] = { &ask->types, &ask->dashed_types };
	size_t count = 0;
	for (int list = 0; list < 2; list++)
		for (size_t i = 0; i < lists[list]->count && count < max; i++)
			if (dns_type_read(lists[list]->items[i], &types[count++], err) < 0)
				return -1;
	if (count)
		return (int)count;
	types[0] = TYPE_A;
	types[1] = TYPE_AAAA;
	return 2;
}

char *dns_ask_name(const char *text, struct error *err)
{
	struct addr addr;
	struct dns_name name;
	char buf[ADDR_TEXT_MAX];
	char *made = addr_parse(text, &addr) == 0 ? mem_strdup(addr_reverse_name(&addr, buf))
		     : dns_idn_is_needed(text)    ? dns_idn_to_ascii(text, err)
						  : mem_strdup(text);
	if (made && dns_name_parse(made, &name, err) == 0)
		return made;
	free(made);
	return NULL;
}
