/* International names to the wire's ASCII (RFC 5891), by libidn2 when it is there. */
#include "net/dns/idn.h"

#include "base/dynlib.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* libidn2's stable ABI; its headers would be a build dependency for three prototypes. */
#define IDN2_SONAME "libidn2.so.0"
enum { IDN2_NFC_INPUT = 1, IDN2_NONTRANSITIONAL = 8, IDN2_OK = 0 };

static struct {
	int (*to_ascii_8z)(const char *input, char **output, int flags);
	const char *(*strerror)(int code);
	void (*free)(void *memory);
} idn2;

bool dns_idn_is_needed(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80)
			return true;
	return false;
}

char *dns_idn_to_ascii(const char *name, struct error *err)
{
	static const struct dynlib_symbol symbols[] = {
		{ "idn2_to_ascii_8z", &idn2.to_ascii_8z },
		{ "idn2_strerror", &idn2.strerror },
		{ "idn2_free", &idn2.free },
	};
	if (dynlib_load(IDN2_SONAME, "libidn2-0", symbols, sizeof symbols / sizeof symbols[0], NULL) < 0) {
		error_set(err, STATUS_USAGE, "EUSAGE",
			  "install libidn2-0, or write it in its ASCII form: xn--...",
			  "'%.200s' is an international name, and libidn2 is not here", name);
		return NULL;
	}
	char *ascii = NULL;
	int code = idn2.to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (code != IDN2_OK) {
		error_set(err, STATUS_USAGE, "EUSAGE", NULL, "'%.200s' cannot be a domain name: %s", name,
			  idn2.strerror(code));
		return NULL;
	}
	char *copy = mem_strdup(ascii);
	idn2.free(ascii);
	return copy;
}
