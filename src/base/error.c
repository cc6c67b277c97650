#include "ntsh/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_fill(struct error *err, enum status status, const char *code, const char *hint,
                       const char *format, va_list args)
{
	err->status = status;
	snprintf(err->code, sizeof err->code, "%s", code);
	snprintf(err->hint, sizeof err->hint, "%s", hint ? hint : "");
	err->text[0] = '\0';
	vsnprintf(err->message, sizeof err->message, format, args);
}

int error_set(struct error *err, enum status status, const char *code, const char *hint,
              const char *format, ...)
{
	if (!err)
		return -1;
	va_list args;
	va_start(args, format);
	error_fill(err, status, code, hint, format, args);
	va_end(args);
	return -1;
}

int error_errno(struct error *err, int errnum, const char *hint, const char *format, ...)
{
	if (!err)
		return -1;
	va_list args;
	va_start(args, format);
	error_fill(err, STATUS_CANNOT, error_errno_name(errnum), hint, format, args);
	va_end(args);
	size_t used = strlen(err->message);
	const char *what = strerrordesc_np(errnum);
	snprintf(err->message + used, sizeof err->message - used, ": %s", what ? what : "unknown error");
	return -1;
}

void error_point(struct error *err, const char *text, size_t at)
{
	/* A third of the room goes to what stands before. */
	size_t before = at < ERROR_TEXT_MAX / 3 ? at : ERROR_TEXT_MAX / 3;
	if (!err)
		return;
	snprintf(err->text, sizeof err->text, "%s", text + at - before);
	err->at = (unsigned)before;
}

void error_clear(struct error *err)
{
	*err = (struct error)ERROR_INIT;
}

const char *error_errno_name(int errnum)
{
	const char *name = strerrorname_np(errnum);
	return name ? name : "EUNKNOWN";
}
