#include "wire/tls_hello.h"

#include "wire/bytes.h"

enum {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	EXTENSION_NAME = 0,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
	RANDOM_BYTES = 32,
	MESSAGE_HEADER = 4,
};

bool tls_record_peek(const uint8_t *bytes, size_t there, uint8_t *type, size_t *length)
{
	if (there < TLS_RECORD_HEADER || bytes[0] < TLS_CHANGE_CIPHER || bytes[0] > TLS_APPLICATION ||
	    bytes[1] != 3 || bytes[2] > 4)
		return false;
	if (type)
		*type = bytes[0];
	if (length)
		*length = bytes_get_u16(bytes + 3);
	return true;
}

/* A vector behind its length of 1 or 2 octets; what is cut off is missing at its end. */
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

static bool is_version(uint16_t version)
{
	return version >= 0x300 && version <= 0x304;
}

static void extension(struct tls_hello *hello, uint16_t type, struct bytes_reader body)
{
	if (type == EXTENSION_NAME && hello->client) {
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
	} else if (type == EXTENSION_VERSIONS && !hello->client) {
		hello->version = bytes_u16(&body);
	} else if (type == EXTENSION_VERSIONS) {
		struct bytes_reader list = vector(&body, 1);
		while (list.rest >= 2) {
			uint16_t version = bytes_u16(&list);
			/* The others are GREASE (RFC 8701). */
			if (is_version(version) && version > hello->version)
				hello->version = version;
		}
	}
}

bool tls_hello_read(const uint8_t *bytes, size_t there, struct tls_hello *out)
{
	uint8_t type;
	size_t length;
	*out = (struct tls_hello){ 0 };
	if (!tls_record_peek(bytes, there, &type, &length) || type != TLS_HANDSHAKE ||
	    there < TLS_RECORD_HEADER + MESSAGE_HEADER)
		return false;
	const uint8_t *message = bytes + TLS_RECORD_HEADER;
	if (message[0] != CLIENT_HELLO && message[0] != SERVER_HELLO)
		return false;
	out->client = message[0] == CLIENT_HELLO;
	struct bytes_reader reader =
	    bytes_reader_of(message + MESSAGE_HEADER, there - TLS_RECORD_HEADER - MESSAGE_HEADER);
	out->version = bytes_u16(&reader);
	bytes_take(&reader, RANDOM_BYTES);
	vector(&reader, 1);
	if (out->client) {
		vector(&reader, 2);
		vector(&reader, 1);
	} else {
		bytes_take(&reader, 3);
	}
	struct bytes_reader extensions = vector(&reader, 2);
	size_t claimed = (size_t)message[1] << 16 | bytes_get_u16(message + 2);
	out->whole = claimed <= there - TLS_RECORD_HEADER - MESSAGE_HEADER;
	while (!extensions.short_ && extensions.rest >= 4) {
		uint16_t kind = bytes_u16(&extensions);
		extension(out, kind, vector(&extensions, 2));
	}
	return true;
}

int tls_alert_read(const uint8_t *bytes, size_t there)
{
	uint8_t type;
	size_t length;
	if (!tls_record_peek(bytes, there, &type, &length) || type != TLS_ALERT || length != 2 ||
	    there < TLS_RECORD_HEADER + 2)
		return -1;
	return bytes[TLS_RECORD_HEADER + 1];
}

const char *tls_alert_text(int code)
{
	static const struct {
		int code;
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
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].code == code)
			return words[i].says;
	return NULL;
}
