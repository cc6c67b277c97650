/* HTTP statuses: their names (RFC 9110 15, RFC 6585) and who is to act. */
#include "ntsh/http.h"

static const struct {
	int status;
	const char *reason, *blame;
} STATUSES[] = {
	{ 100, "Continue", NULL },
	{ 101, "Switching Protocols", NULL },
	{ 103, "Early Hints", NULL },
	{ 200, "OK", NULL },
	{ 201, "Created", NULL },
	{ 202, "Accepted", NULL },
	{ 203, "Non-Authoritative Information", NULL },
	{ 204, "No Content", NULL },
	{ 205, "Reset Content", NULL },
	{ 206, "Partial Content", NULL },
	{ 300, "Multiple Choices", NULL },
	{ 301, "Moved Permanently", NULL },
	{ 302, "Found", NULL },
	{ 303, "See Other", NULL },
	{ 304, "Not Modified", NULL },
	{ 307, "Temporary Redirect", NULL },
	{ 308, "Permanent Redirect", NULL },
	{ 400, "Bad Request", "the request is malformed in the server's eyes" },
	{ 401, "Unauthorized", "the server wants credentials, or does not accept these" },
	{ 403, "Forbidden", "the server, or a filter before it, does not allow this" },
	{ 404, "Not Found", "the server is there and answers, but has nothing at this path" },
	{ 405, "Method Not Allowed", "this path does not take this method" },
	{ 407, "Proxy Authentication Required", "the proxy wants credentials" },
	{ 408, "Request Timeout", "the server waited for the request in vain: was it sent whole?" },
	{ 409, "Conflict", "the request contradicts the state of the thing at this path" },
	{ 410, "Gone", "what was at this path has been removed for good" },
	{ 411, "Length Required", "the server wants a Content-Length" },
	{ 413, "Content Too Large", "the body is larger than the server, or a gateway before it, takes" },
	{ 414, "URI Too Long", "the URL is longer than the server takes" },
	{ 415, "Unsupported Media Type", "the server does not take this kind of body" },
	{ 418, "I'm a teapot", "somebody is joking" },
	{ 421, "Misdirected Request",
	  "this server does not serve this host name: DNS, SNI or a gateway leads to the wrong one" },
	{ 422, "Unprocessable Content", "the server understands the body but cannot do what it says" },
	{ 425, "Too Early", "the server does not take this in early data" },
	{ 426, "Upgrade Required", "the server wants another protocol" },
	{ 429, "Too Many Requests", "the server limits how often this client may ask" },
	{ 431, "Request Header Fields Too Large", "the headers (cookies?) are larger than the server takes" },
	{ 451, "Unavailable For Legal Reasons", "blocked by law" },
	{ 500, "Internal Server Error", "the program on the server failed: its log knows why" },
	{ 501, "Not Implemented", "the server does not know this method" },
	{ 502, "Bad Gateway",
	  "the machine that answered is a gateway and works; the server behind it refused, reset or answered "
	  "nonsense" },
	{ 503, "Service Unavailable",
	  "the server, or a gateway before it, is overloaded, in maintenance, or has no healthy server "
	  "behind it" },
	{ 504, "Gateway Timeout",
	  "the machine that answered is a gateway and works; the server behind it did not answer within the "
	  "gateway's own time-out" },
	{ 505, "HTTP Version Not Supported", "the server does not speak this version of HTTP" },
	{ 507, "Insufficient Storage", "the server's storage is full" },
	{ 508, "Loop Detected", "the server found a loop" },
	{ 511, "Network Authentication Required", "a captive portal on the way wants you to sign in" },
};

const char *http_status_reason(int status)
{
	for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++)
		if (STATUSES[i].status == status)
			return STATUSES[i].reason;
	return "";
}

const char *http_status_blame(int status)
{
	for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++)
		if (STATUSES[i].status == status)
			return STATUSES[i].blame;
	if (status >= 500)
		return "an error of the server";
	return status >= 400 ? "the server objects to the request" : NULL;
}
