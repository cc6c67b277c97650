/* The text-like types: what can be seen to be wrong before anything is asked of the network. */
#include "base/text.h"
#include "ntsh/targets.h"
#include "opt/parser.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool has_blank_or_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p <= ' ' || *p == 0x7f)
			return true;
	return false;
}

static int bad_text(const char *what, const char *text, opt_spelling spelling, const char *hint,
		    struct error *err)
{
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "%s: '%.200s' is not %s", spelling, text, what);
}

/* RFC 1035 2.3.4: labels of 1 to 63 octets, 255 in all; a backslash escapes (RFC 1035 5.1). */
static bool name_is_sound(const char *text)
{
	size_t label = 0, total = 0;
	if (strcmp(text, ".") == 0)
		return true;
	for (const char *p = text; *p; p++) {
		if (*p == '.') {
			if (!label)
				return false;
			label = 0;
		} else {
			if (*p == '\\' && p[1] >= '0' && p[1] <= '9' && p[2] && p[3])
				p += 3;
			else if (*p == '\\' && p[1])
				p++;
			label++;
		}
		if (label > 63 || ++total > 254)
			return false;
	}
	return total > 0;
}

static int check_host(const char *text, opt_spelling spelling, struct error *err)
{
	struct addr addr;
	char hint[ERROR_HINT_MAX] = "write a name, an IPv4 or an IPv6 address";
	const char *scheme = strstr(text, "://");
	if (addr_parse(text, &addr) == 0)
		return 0;
	if (scheme && scheme[3]) {
		size_t length = strcspn(scheme + 3, "/:?#");
		snprintf(hint, sizeof hint, "this takes the host alone: %.*s",
			 (int)(length > 100 ? 100 : length), scheme + 3);
		return bad_text("a host but a URL", text, spelling, hint, err);
	}
	const char *percent = strchr(text, '%');
	if (percent && strchr(text, ':')) {
		snprintf(hint, sizeof hint, "is there an interface %.40s here?", percent + 1);
		return bad_text("an address with a zone of this machine", text, spelling, hint, err);
	}
	const char *colon = strchr(text, ':');
	if (colon && !strchr(colon + 1, ':'))
		snprintf(hint, sizeof hint, "the port does not belong to it here");
	size_t digits = strspn(text, "0123456789.");
	if (*text && !text[digits] && strchr(text, '.') && text[strlen(text) - 1] != '.')
		return bad_text("an address", text, spelling, "an IPv4 address is four numbers of 0 to 255",
				err);
	if (!*text || has_blank_or_control(text) || strpbrk(text, ":/@[]'\"") || !name_is_sound(text) ||
	    *text == '-')
		return bad_text("a host", text, spelling, hint, err);
	return 0;
}

/* A finished sentence gets the option in front. */
static int spelled(opt_spelling spelling, int failed, const struct error *wrong, struct error *err)
{
	if (!failed)
		return 0;
	return error_set(err, wrong->status, wrong->code, *wrong->hint ? wrong->hint : NULL, "%s: %s",
			 spelling, wrong->message);
}

static int check_target(const char *text, opt_spelling spelling, struct error *err)
{
	struct target_word word;
	struct error wrong = ERROR_INIT;
	int failed = target_word_read(text, &word, &wrong);
	if (!failed && word.kind == TARGET_NAME)
		return check_host(text, spelling, err);
	return spelled(spelling, failed, &wrong, err);
}

static int check_ports(const char *text, opt_spelling spelling, struct error *err)
{
	struct port_set set;
	struct error wrong = ERROR_INIT;
	return spelled(spelling, port_set_read(text, &set, &wrong), &wrong, err);
}

static int check_url(const char *text, opt_spelling spelling, struct error *err)
{
	static const char hint[] = "write http://HOST/PATH or https://HOST/PATH";
	if (*text == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0 ||
	    strncasecmp(text, "file:", 5) == 0)
		return bad_text("a URL but a file", text, spelling, hint, err);
	if (strpbrk(text, " \t"))
		return bad_text("a URL: it holds a blank", text, spelling,
				"write %20 for a blank, and quote the URL", err);
	if (!*text || has_blank_or_control(text))
		return bad_text("a URL", text, spelling, hint, err);
	return 0;
}

static int check_interface(const struct option *option, const char *text, opt_spelling spelling,
			   struct error *err)
{
	for (size_t i = 0; option->words && option->words[i]; i++)
		if (strcmp(option->words[i], text) == 0)
			return 0;
	if (*text && strlen(text) < IF_NAMESIZE && if_nametoindex(text))
		return 0;
	char hint[ERROR_HINT_MAX] = "here are";
	struct if_nameindex *names = if_nameindex();
	for (struct if_nameindex *one = names; one && one->if_name; one++) {
		size_t used = strlen(hint);
		if (used > 150) {
			snprintf(hint + used, sizeof hint - used, " ... (see: iface list)");
			break;
		}
		snprintf(hint + used, sizeof hint - used, " %s", one->if_name);
	}
	if_freenameindex(names);
	return error_set(err, STATUS_USAGE, "ENODEV", names ? hint : NULL,
			 "%s: there is no interface '%.60s'", spelling, text);
}

bool opt_is_dns_type(const struct option *option, const char *text)
{
	for (size_t i = 0; option->words && option->words[i]; i++)
		if (strcasecmp(option->words[i], text) == 0)
			return true;
	/* dig's IXFR=SERIAL. */
	if (strncasecmp(text, "IXFR=", 5) == 0)
		return text[5] && strspn(text + 5, "0123456789") == strlen(text + 5);
	if (strncasecmp(text, "TYPE", 4) != 0)
		return false;
	size_t digits = strspn(text + 4, "0123456789");
	unsigned number = 0;
	for (size_t i = 0; i < digits && i < 6; i++)
		number = number * 10 + (unsigned)(text[4 + i] - '0');
	return digits && !text[4 + digits] && number <= 65535;
}

static int check_dns_type(const struct option *option, const char *text, opt_spelling spelling,
			  struct error *err)
{
	if (opt_is_dns_type(option, text))
		return 0;
	struct opt_near near = { .text = text };
	char hint[ERROR_HINT_MAX] = "write A, AAAA, MX ... or TYPE and its number (TYPE65)";
	for (size_t i = 0; option->words && option->words[i]; i++)
		opt_near_offer(&near, option->words[i]);
	/* Without a list of types only the shape can be judged. */
	if (!option->words && *text &&
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text))
		return 0;
	opt_near_hint(&near, hint, sizeof hint);
	return bad_text("a DNS type", text, spelling, hint, err);
}

int opt_check_text(const struct option *option, const char *text, opt_spelling spelling, struct error *err)
{
	switch (option->type) {
	case OPT_HOST:
		return check_host(text, spelling, err);
	case OPT_TARGET:
		return check_target(text, spelling, err);
	case OPT_PORTS:
		return check_ports(text, spelling, err);
	case OPT_URL:
		return check_url(text, spelling, err);
	case OPT_INTERFACE:
		return check_interface(option, text, spelling, err);
	case OPT_DNS_TYPE:
		return check_dns_type(option, text, spelling, err);
	case OPT_NAME:
		if (has_blank_or_control(text) || !name_is_sound(text))
			return bad_text("a DNS name", text, spelling,
					"labels have 1 to 63 characters, a name 253", err);
		return 0;
	case OPT_FILE:
		return *text ? 0 : bad_text("a file's name", text, spelling, NULL, err);
	default:
		return 0;
	}
}
