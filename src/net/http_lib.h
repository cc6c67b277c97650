/* libcurl, loaded on first use. */
#ifndef NET_HTTP_LIB_H
#define NET_HTTP_LIB_H

#include "ntsh/error.h"

#include <curl/curl.h>

#define HTTP_LIB(X)                                                                                          \
	X(global_init)                                                                                       \
	X(version_info) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_cleanup) X(easy_strerror)         \
	    X(multi_init) X(multi_setopt) X(multi_add_handle) X(multi_remove_handle) X(multi_socket_action)  \
		X(multi_assign) X(multi_info_read) X(multi_cleanup) X(slist_append) X(slist_free_all)

#define HTTP_LIB_MEMBER(name) __typeof__(&curl_##name) name;
struct http_lib {
	HTTP_LIB(HTTP_LIB_MEMBER)
	bool openssl; /* its TLS is OpenSSL: handshakes can be watched */
};
#undef HTTP_LIB_MEMBER

/* Valid after http_lib_load returned 0. */
extern struct http_lib curl;

/* Returns 0, or -1 with err (STATUS_CANNOT). Again is free. */
int http_lib_load(struct error *err);

#endif
