/* The first messages of TLS in a line (RFC 8446 4, 5; RFC 6066 3; RFC 7301): what is readable before all is encrypted. */
#include "net/capture/line.h"
#include "wire/bytes.h"

enum {
	CONTENT_CHANGE_CIPHER = 20,
	CONTENT_ALERT = 21,
	CONTENT_HANDSHAKE = 22,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	EXTENSION_NAME = 0,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
	TLS_1_2 = 0x303,
};

struct hello {
	const uint8_t *name, *alpn;
	size_t name_length, alpn_length;
	uint16_t version;
};

static const char *version_name(uint16_t version)
{
	static const char *const names[] = { "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };
	return version >= 0x300 && version <= 0x304 ? names[version - 0x300] : NULL;
}

/* A vector behind its length of 1 or 2 octets; what the capture cut off is missing at its end. */
static struct bytes_reader vector(struct bytes_reader *reader, unsigned octets)
{
	size_t length = octets == 1 ? bytes_u8(reader) : bytes_u16(reader);
	size_t there = length < reader->rest ? length : reader->rest;
	if (reader->short_)
		there = 0;
	struct bytes_reader inner = bytes_reader_of(reader->at, there);
	bytes_take(reader, there);
	return inner;
}

static void extension(struct hello *hello, uint16_t type, struct bytes_reader body, bool client)
{
	if (type == EXTENSION_NAME && client) {
		struct bytes_reader list = vector(&body, 2);
		if (bytes_u8(&list) != 0)
			return;
		struct bytes_reader name = vector(&list, 2);
		hello->name = name.at;
		hello->name_length = name.rest;
	} else if (type == EXTENSION_ALPN) {
		struct bytes_reader list = vector(&body, 2);
		hello->alpn = list.at;
		hello->alpn_length = list.rest;
	} else if (type == EXTENSION_VERSIONS && !client) {
		hello->version = bytes_u16(&body);
	} else if (type == EXTENSION_VERSIONS) {
		struct bytes_reader list = vector(&body, 1);
		while (list.rest >= 2) {
			uint16_t version = bytes_u16(&list);
			/* The others are GREASE (RFC 8701). */
			if (version_name(version) && version > hello->version)
				hello->version = version;
		}
	}
}

static void read_hello(struct hello *hello, struct bytes_reader reader, bool client)
{
	hello->version = bytes_u16(&reader);
	bytes_take(&reader, 32);
	vector(&reader, 1);
	if (client) {
		vector(&reader, 2);
		vector(&reader, 1);
	} else {
		bytes_take(&reader, 3);
	}
	struct bytes_reader extensions = vector(&reader, 2);
	while (!extensions.short_ && extensions.rest >= 4) {
		uint16_t type = bytes_u16(&extensions);
		extension(hello, type, vector(&extensions, 2), client);
	}
}

static void alpn(struct pen *pen, const struct hello *hello)
{
	struct bytes_reader list = bytes_reader_of(hello->alpn, hello->alpn_length);
	const char *before = " (";
	while (list.rest && !list.short_) {
		struct bytes_reader name = vector(&list, 1);
		pen_text(pen, before);
		pen_escaped(pen, name.at, name.rest, 32);
		before = ", ";
	}
	if (hello->alpn_length)
		pen_char(pen, ')');
}

static void handshake(struct pen *pen, const uint8_t *bytes, size_t length)
{
	static const char *const words[] = {
		[0] = "HelloRequest",       [4] = "NewSessionTicket",    [11] = "Certificate",
		[12] = "ServerKeyExchange", [13] = "CertificateRequest", [14] = "ServerHelloDone",
		[16] = "ClientKeyExchange", [22] = "CertificateStatus"
	};
	struct hello hello = { 0 };
	uint8_t type = bytes[0];
	if (type != CLIENT_HELLO && type != SERVER_HELLO) {
		const char *word = type < sizeof words / sizeof words[0] ? words[type] : NULL;
		pen_text(pen, word ? word : "handshake, encrypted");
		return;
	}
	read_hello(&hello, bytes_reader_of(bytes + 4, length - 4), type == CLIENT_HELLO);
	pen_text(pen, type == CLIENT_HELLO ? "ClientHello" : "ServerHello");
	if (hello.name_length) {
		pen_char(pen, ' ');
		pen_escaped(pen, hello.name, hello.name_length, 255);
	}
	if (version_name(hello.version)) {
		pen_text(pen, type == CLIENT_HELLO ? ", up to " : ", ");
		pen_text(pen, version_name(hello.version));
	}
	alpn(pen, &hello);
}

static void alert(struct pen *pen, const uint8_t *at, size_t length, uint16_t claimed)
{
	static const struct {
		uint8_t code;
		const char *says;
	} words[] = { { 0, "close notify" },
		      { 10, "unexpected message" },
		      { 20, "bad record MAC" },
		      { 40, "handshake failure" },
		      { 42, "bad certificate" },
		      { 43, "unsupported certificate" },
		      { 44, "certificate revoked" },
		      { 45, "certificate expired" },
		      { 46, "certificate unknown" },
		      { 47, "illegal parameter" },
		      { 48, "unknown CA" },
		      { 50, "decode error" },
		      { 51, "decrypt error" },
		      { 70, "protocol version" },
		      { 71, "insufficient security" },
		      { 80, "internal error" },
		      { 86, "inappropriate fallback" },
		      { 90, "user cancelled" },
		      { 109, "missing extension" },
		      { 112, "unrecognized name" },
		      { 116, "certificate required" },
		      { 120, "no application protocol" } };
	pen_text(pen, "alert");
	if (claimed != 2 || length < 2) {
		pen_text(pen, ", encrypted");
		return;
	}
	pen_text(pen, at[0] == 2 ? " fatal: " : " warning: ");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i].code == at[1]) {
			pen_text(pen, words[i].says);
			return;
		}
	}
	pen_number(pen, at[1]);
}

bool line_tls(struct pen *pen, const uint8_t *bytes, size_t length)
{
	if (length < 6 || bytes[1] != 3 || bytes[2] > 4)
		return false;
	uint16_t claimed = bytes_get_u16(bytes + 3);
	size_t there = length - 5 < claimed ? length - 5 : claimed;
	const uint8_t *at = bytes + 5;
	if (!there)
		return false;
	pen_text(pen, "TLS ");
	if (bytes[0] == CONTENT_ALERT) {
		alert(pen, at, there, claimed);
	} else if (bytes[0] == CONTENT_CHANGE_CIPHER) {
		pen_text(pen, "ChangeCipherSpec");
	} else if (bytes[0] == CONTENT_HANDSHAKE && there >= 4) {
		handshake(pen, at, there);
	} else {
		return false;
	}
	return true;
}
