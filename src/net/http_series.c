/* Several exchanges one after the other: repetitions, redirects. */
#include "ntsh/http.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HOPS_MAX = 10, URL_BYTES = 8192, HEADERS_MAX = 64 };
static const ns_t PATIENCE = 120 * NS_PER_S; /* longer than gateways wait for the servers behind them */

struct course {
	struct http_client *client;
	struct loop *loop;
	const struct http_series *series;
	struct http_request request;
	const char *headers[HEADERS_MAX];
	char url[URL_BYTES];
	http_step_fn *fn;
	void *arg;
	struct error *err;
	size_t hops;
	struct http_summary *out;
	struct http_phases *fresh, *kept;
	bool done, failed, again;
};

static bool leads_on(const struct http_exchange *ex)
{
	int status = ex->status;
	return ex->phase == HTTP_COMPLETE && ex->location[0] &&
	       (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

/* Credentials are for the host they were given for (RFC 9110 15.4). */
static bool is_credential(const char *header)
{
	return !strncasecmp(header, "authorization:", 14) || !strncasecmp(header, "cookie:", 7) ||
	       !strncasecmp(header, "proxy-authorization:", 20);
}

static bool same_origin(const struct http_url *a, const struct http_url *b)
{
	return !strcasecmp(a->host, b->host) && a->port == b->port && a->tls == b->tls;
}

static void drop_credentials(struct course *course)
{
	size_t kept = 0;
	for (size_t i = 0; i < course->request.header_count; i++)
		if (!is_credential(course->headers[i]))
			course->headers[kept++] = course->headers[i];
	course->request.header_count = kept;
}

/* What is asked next (RFC 9110 15.4.2 to 15.4.9). Returns 0, or -1 with the error. */
static int follow(struct course *course, const struct http_exchange *ex)
{
	char next[URL_BYTES];
	struct http_url from, to;
	if (course->hops++ == HOPS_MAX)
		return error_set(course->err, STATUS_BAD, "ELOOP", "-v shows where each one leads",
				 "%d redirects and still no answer", HOPS_MAX);
	if (http_url_join(course->url, ex->location, next, sizeof next) < 0 ||
	    http_url_parse(next, &to, course->err) < 0)
		return error_set(course->err, STATUS_BAD, "EURL", NULL,
				 "the redirect to \"%.200s\" cannot be followed", ex->location);
	if (http_url_parse(course->url, &from, NULL) == 0) {
		if (!same_origin(&from, &to))
			drop_credentials(course);
		http_url_release(&from);
	}
	http_url_release(&to);
	bool post =
	    course->request.body && (!course->request.method || !strcmp(course->request.method, "POST"));
	if (ex->status == 303 || (ex->status < 303 && post)) {
		course->request.body = NULL;
		if (course->request.method && strcmp(course->request.method, "HEAD"))
			course->request.method = NULL;
	}
	snprintf(course->url, sizeof course->url, "%s", next);
	course->request.addr_count = 0;
	course->out->redirects++;
	return 0;
}

static void keep(struct course *course, const struct http_exchange *ex)
{
	struct http_summary *out = course->out;
	http_summary_release(out);
	out->last = *ex;
	out->last.headers = mem_strdup(ex->headers);
	out->url = mem_strdup(course->url);
	if (ex->phase == HTTP_COMPLETE && !course->again)
		http_phases_of(ex, ex->reused ? &course->kept[out->kept_count++]
					      : &course->fresh[out->fresh_count++]);
}

static void on_exchange(struct loop *loop, const struct http_exchange *ex, void *arg)
{
	struct course *course = arg;
	struct http_step step = { .exchange = ex, .url = course->url };
	char url[URL_BYTES];
	(void)loop;
	course->done = true;
	course->again = course->series->follow && leads_on(ex);
	step.redirected = course->again;
	snprintf(url, sizeof url, "%s", course->url);
	step.url = url;
	keep(course, ex);
	if (ex->phase != HTTP_COMPLETE && course->err)
		*course->err = ex->error;
	course->failed = ex->phase != HTTP_COMPLETE || (course->again && follow(course, ex) < 0);
	course->fn(&step, course->arg);
}

/* A little less than the command's own deadline, so that there is an answer to show. */
static ns_t patience(const struct course *course)
{
	ns_t deadline = loop_deadline(course->loop);
	ns_t wanted = course->series->request.timeout > 0 ? course->series->request.timeout : PATIENCE;
	if (deadline == NS_NEVER)
		return wanted;
	ns_t left = deadline - clock_mono() - 20 * NS_PER_MS;
	return left < NS_PER_MS ? NS_PER_MS : left < wanted ? left : wanted;
}

static int ask(struct course *course, bool fresh)
{
	course->request.url = course->url;
	course->request.new_connection = fresh;
	course->request.timeout = patience(course);
	course->done = course->again = false;
	struct http_fetch *fetch =
	    http_fetch_start(course->client, &course->request, on_exchange, course, course->err);
	if (!fetch)
		return -1;
	if (loop_run(course->loop, &course->done) == LOOP_DONE)
		return course->failed ? -1 : 0;
	http_fetch_cancel(fetch);
	return -1;
}

static void rewind_to_start(struct course *course)
{
	course->request = course->series->request;
	course->request.headers = course->headers;
	if (course->request.header_count > HEADERS_MAX)
		course->request.header_count = HEADERS_MAX;
	for (size_t i = 0; i < course->request.header_count; i++)
		course->headers[i] = course->series->request.headers[i];
	snprintf(course->url, sizeof course->url, "%s", course->series->request.url);
	course->hops = 0;
}

int http_series_run(struct http_client *client, const struct http_series *series, http_step_fn *fn, void *arg,
		    struct http_summary *out, struct error *err)
{
	struct course *course = NEW(struct course);
	*course = (struct course){ .client = client,
				   .loop = http_client_loop(client),
				   .series = series,
				   .fn = fn,
				   .arg = arg,
				   .err = err,
				   .out = out };
	course->fresh = mem_alloc(series->count * sizeof *course->fresh);
	course->kept = mem_alloc(series->count * sizeof *course->kept);
	*out = (struct http_summary){ .url = NULL };
	int failed = 0;
	if (strlen(series->request.url) >= URL_BYTES)
		failed = error_set(err, STATUS_USAGE, "EURL", NULL, "the URL is longer than %d bytes",
				   URL_BYTES - 1);
	for (size_t n = 0; n < series->count && !failed; n++) {
		rewind_to_start(course);
		/* In turn: a new connection, and the same one again. */
		do
			failed = ask(course, n % 2 == 0);
		while (!failed && course->again);
	}
	if (out->fresh_count)
		http_phases_median(course->fresh, out->fresh_count, &out->fresh);
	else if (out->url)
		http_phases_of(&out->last, &out->fresh);
	http_phases_median(course->kept, out->kept_count, &out->kept);
	free(course->fresh);
	free(course->kept);
	free(course);
	return failed;
}

void http_summary_release(struct http_summary *summary)
{
	free(summary->last.headers);
	free(summary->url);
	summary->last.headers = summary->url = NULL;
}

int http_body_write(const char *bytes, size_t length, void *arg)
{
	struct http_body_file *file = arg;
	while (length) {
		ssize_t wrote = write(file->fd, bytes, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0) {
			file->errnum = errno;
			return -1;
		}
		bytes += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

bool http_field_next(const char **cursor, const char **name, size_t *name_length, const char **value,
		     size_t *value_length)
{
	const char *line = *cursor;
	while (line && *line) {
		size_t length = strcspn(line, "\r\n");
		const char *colon = memchr(line, ':', length);
		*cursor = line + length + strspn(line + length, "\r\n");
		/* The status line and whatever else is no field is passed over. */
		if (colon && colon > line && strncmp(line, "HTTP/", 5)) {
			*name = line;
			*name_length = (size_t)(colon - line);
			*value = colon + 1 + strspn(colon + 1, " \t");
			*value_length = *value < line + length ? (size_t)(line + length - *value) : 0;
			return true;
		}
		line = *cursor;
	}
	return false;
}
