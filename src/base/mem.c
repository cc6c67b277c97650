#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *mem_check(void *bytes)
{
	static const char said[] = "ntsh: out of memory\n";
	if (!bytes) {
		(void)!write(STDERR_FILENO, said, sizeof said - 1);
		_exit(3);
	}
	return bytes;
}

void *mem_alloc(size_t size)
{
	return mem_check(calloc(1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		return mem_check(NULL);
	return mem_check(realloc(old, bytes ? bytes : 1));
}

char *mem_strdup(const char *text)
{
	return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t length)
{
	char *copy = mem_alloc(length + 1);
	memcpy(copy, text, length);
	return copy;
}

void *mem_dup(const void *bytes, size_t size)
{
	void *copy = mem_alloc(size);
	memcpy(copy, bytes, size);
	return copy;
}
