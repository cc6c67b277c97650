/* The first messages of TLS in a line (RFC 8446 4, 5; RFC 6066 3; RFC 7301): what is readable before all is encrypted. */
#include "net/capture/line.h"
#include "wire/bytes.h"
#include "wire/tls_hello.h"

static const char *version_name(uint16_t version)
{
	static const char *const names[] = { "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };
	return version >= 0x300 && version <= 0x304 ? names[version - 0x300] : NULL;
}

static void alpn(struct pen *pen, const struct tls_hello *hello)
{
	struct bytes_reader list = bytes_reader_of(hello->alpn, hello->alpn_length);
	const char *before = " (";
	while (list.rest && !list.short_) {
		size_t length = bytes_u8(&list), there = length < list.rest ? length : list.rest;
		pen_text(pen, before);
		pen_escaped(pen, bytes_take(&list, there), there, 32);
		before = ", ";
	}
	if (hello->alpn_length)
		pen_char(pen, ')');
}

static void hello_write(struct pen *pen, const struct tls_hello *hello)
{
	pen_text(pen, hello->client ? "ClientHello" : "ServerHello");
	if (hello->name_length) {
		pen_char(pen, ' ');
		pen_escaped(pen, hello->name, hello->name_length, 255);
	}
	if (version_name(hello->version)) {
		pen_text(pen, hello->client ? ", up to " : ", ");
		pen_text(pen, version_name(hello->version));
	}
	alpn(pen, hello);
}

static void handshake(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const char *const words[] = {
		[0] = "HelloRequest",       [4] = "NewSessionTicket",    [11] = "Certificate",
		[12] = "ServerKeyExchange", [13] = "CertificateRequest", [14] = "ServerHelloDone",
		[16] = "ClientKeyExchange", [22] = "CertificateStatus"
	};
	struct tls_hello hello;
	uint8_t type = bytes[TLS_RECORD_HEADER];
	const char *word = type < sizeof words / sizeof words[0] ? words[type] : NULL;
	if (tls_hello_read(bytes, length, &hello))
		hello_write(pen, &hello);
	else
		pen_text(pen, word ? word : "handshake, encrypted");
}

static void alert(struct pen *pen, const uint8_t *bytes, size_t length)
{
	int code = tls_alert_read(bytes, length);
	pen_text(pen, "alert");
	if (code < 0) {
		pen_text(pen, ", encrypted");
		return;
	}
	pen_text(pen, bytes[TLS_RECORD_HEADER] == 2 ? " fatal: " : " warning: ");
	if (tls_alert_text(code))
		pen_text(pen, tls_alert_text(code));
	else
		pen_number(pen, (uint64_t)code);
}

bool line_tls(struct pen *pen, const uint8_t *bytes, size_t length)
{
	uint8_t type;
	size_t claimed;
	if (length <= TLS_RECORD_HEADER || !tls_record_peek(bytes, length, &type, &claimed) || !claimed ||
	    type == TLS_APPLICATION)
		return false;
	/* Another record may follow: only this one is spoken of. */
	size_t there = length - TLS_RECORD_HEADER < claimed ? length : claimed + TLS_RECORD_HEADER;
	if (type == TLS_HANDSHAKE && there < TLS_RECORD_HEADER + 4)
		return false;
	pen_text(pen, "TLS ");
	if (type == TLS_ALERT)
		alert(pen, bytes, there);
	else if (type == TLS_CHANGE_CIPHER)
		pen_text(pen, "ChangeCipherSpec");
	else
		handshake(pen, bytes, there);
	return true;
}
