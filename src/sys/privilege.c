#include "sys/privilege.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

const char *privilege_program(char *buf, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", buf, size - 1);
	if (length > 0 && (size_t)length < size - 1)
		buf[length] = '\0';
	else
		snprintf(buf, size, "ntsh");
	return buf;
}

const char *privilege_grant(char *buf, size_t size, const char *capabilities)
{
	char program[ERROR_HINT_MAX - 64];
	snprintf(buf, size, "setcap %s+ep %s", capabilities, privilege_program(program, sizeof program));
	return buf;
}

int privilege_error(struct error *err, int errnum, const char *capabilities, const char *format, ...)
{
	char what[ERROR_MESSAGE_MAX - 64], hint[ERROR_HINT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	bool denied = errnum == EPERM || errnum == EACCES;
	return error_errno(err, errnum, denied ? privilege_grant(hint, sizeof hint, capabilities) : NULL,
			   "%s", what);
}
