/* Any bytes as resolv.conf, nsswitch.conf and hosts: a container or a VPN client writes these, not always well. */
#include "net/dns/etc.h"
#include "net/dns/program.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct resolv_conf conf;
	struct nss_line line;
	struct addr addrs[4];
	struct program_name names[LOOKUP_SEARCH_MAX + 1];
	char name[32];
	resolv_conf_parse(text, size, &conf);
	program_names(&conf, "www.example", names);
	nss_line_parse(text, size, &line);
	size_t found = hosts_find(text, size, "localhost", AF_UNSPEC, addrs, 4, NULL);
	for (size_t i = 0; i < found; i++)
		hosts_name(text, size, &addrs[i], name, sizeof name);
	return 0;
}
