/* Faults of certificates in words. */
#include "ntsh/tls.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static const char *span_text(ns_t ns, char buf[48])
{
	int64_t hours = ns / (3600 * NS_PER_S);
	if (hours >= 48)
		snprintf(buf, 48, "%lld days", (long long)(hours / 24));
	else if (hours >= 1)
		snprintf(buf, 48, "%lld hour%s", (long long)hours, hours == 1 ? "" : "s");
	else
		snprintf(buf, 48, "%lld min", (long long)(ns / (60 * NS_PER_S)));
	return buf;
}

static void names_text(const struct tls_handshake *handshake, struct buf *out)
{
	const int most = 4;
	for (int i = 0; i < handshake->name_count && i < most; i++)
		buf_printf(out, "%s%s", i ? ", " : "", handshake->names[i]);
	if (handshake->name_count > most)
		buf_printf(out, " and %d more", handshake->name_count - most);
	if (!handshake->name_count)
		buf_add_text(out, "no name at all");
}

static void dates_text(const struct tls_certificate *cert, bool expired, const char *whose, ns_t now,
		       char *out, size_t size)
{
	char date[CLOCK_TEXT_MAX], span[48];
	ns_t when = expired ? cert->not_after : cert->not_before;
	clock_format_rfc3339(when, date);
	date[10] = '\0';
	if (expired)
		snprintf(out, size, "%s expired %s ago, on %s", whose, span_text(now - when, span), date);
	else
		snprintf(out, size, "%s is not valid before %s, in %s: is this machine's clock right?", whose,
			 date, span_text(when - now, span));
}

void tls_fault_format(const struct tls_handshake *handshake, enum tls_fault fault, const char *asked,
		      ns_t now_real, char out[256])
{
	int depth = handshake->fault_depth[fault];
	const struct tls_certificate *cert = &handshake->chain[depth < handshake->chain_count ? depth : 0];
	const struct tls_certificate *last =
	    &handshake->chain[handshake->chain_count ? handshake->chain_count - 1 : 0];
	char whose[160] = "the certificate";
	struct buf names = BUF_INIT(180);
	if (depth)
		snprintf(whose, sizeof whose, "the issuer's certificate %.120s", cert->subject);
	switch (fault) {
	case TLS_FAULT_NONE:
		out[0] = '\0';
		break;
	case TLS_FAULT_EXPIRED:
	case TLS_FAULT_NOT_YET_VALID:
		dates_text(cert, fault == TLS_FAULT_EXPIRED, whose, now_real, out, 256);
		break;
	case TLS_FAULT_NAME_MISMATCH:
		names_text(handshake, &names);
		snprintf(out, 256, "the certificate is not for %.60s: it is valid for %.140s",
			 asked && asked[0] ? asked : "this name", buf_text(&names));
		break;
	case TLS_FAULT_SELF_SIGNED:
		snprintf(out, 256, "the certificate is self-signed: nobody vouches for it");
		break;
	case TLS_FAULT_UNKNOWN_ISSUER:
		snprintf(out, 256, "it was issued by an authority that is not trusted here: %.180s",
			 last->issuer);
		break;
	case TLS_FAULT_INCOMPLETE_CHAIN:
		snprintf(
		    out, 256,
		    "the chain is incomplete: the server does not send the intermediate certificate %.150s",
		    last->issuer);
		break;
	case TLS_FAULT_REVOKED:
		snprintf(out, 256, "%s is revoked", whose);
		break;
	case TLS_FAULT_WEAK:
		snprintf(out, 256, "%s is weak: %s", whose,
			 handshake->fault_detail[0] ? handshake->fault_detail : "key or signature too short");
		break;
	case TLS_FAULT_OTHER:
		snprintf(out, 256, "%s is not acceptable: %s", whose, handshake->fault_detail);
		break;
	}
	buf_release(&names);
}
