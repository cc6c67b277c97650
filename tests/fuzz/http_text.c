/* Text of HTTP that we read ourselves: URLs and redirects, response heads, proxies, and the records of a handshake. */
#include "net/http_proxy.h"
#include "net/tls_trace.h"
#include "ntsh/http.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void feed_text(const char *text)
{
	struct http_url url;
	struct http_proxy proxy;
	struct error err = ERROR_INIT;
	char joined[512];
	const char *cursor = text, *name, *value;
	size_t name_length, value_length;
	if (http_url_parse(text, &url, &err) == 0 && (!url.host[0] || url.path[0] != '/'))
		abort();
	http_url_release(&url);
	if (http_url_join("http://h/a/b?q", text, joined, sizeof joined) == 0 && strlen(joined) >= sizeof joined)
		abort();
	http_url_join(text, "../x", joined, sizeof joined);
	http_proxy_parse(text, &proxy);
	http_proxy_excluded(text, "www.example.com");
	http_proxy_excluded(text, "10.1.2.3");
	while (http_field_next(&cursor, &name, &name_length, &value, &value_length))
		if (name < text || value + value_length > text + strlen(text))
			abort();
}

/* Each message: who, type, length, bytes. */
static void feed_records(const uint8_t *data, size_t size)
{
	static struct tls_trace trace;
	static struct tls_handshake out;
	struct tcp_stamps stamps = { .enabled = true, .count = 1, .stamps = { { 99, 10, 20 } } };
	struct split_path path = { .rtt_min = 5, .rtt_recent = NS_NONE, .rtt_variation = NS_NONE };
	ns_t now = 1;
	tls_trace_begin(&trace, now);
	while (size >= 3) {
		size_t length = data[2] < size - 3 ? data[2] : size - 3;
		tls_trace_arrived(&trace, now);
		tls_trace_message(&trace, data[0] & 1, data[1] == 0 ? 256 : data[1], data + 3, length, ++now);
		data += 3 + length;
		size -= 3 + length;
	}
	tls_trace_finish(&trace, now);
	memset(&out, 0, sizeof out);
	tls_trace_split(&trace, &stamps, &path, 0, &out);
	if (out.round_trips && (out.network < 0 || out.server < 0 || out.client < 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	feed_text(text);
	free(text);
	feed_records(data, size);
	return 0;
}
