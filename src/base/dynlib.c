#include "base/dynlib.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int dynlib_load(const char *soname, const char *package, const struct dynlib_symbol *symbols, size_t count,
                struct error *err)
{
	char hint[128];
	snprintf(hint, sizeof hint, "apt-get install %s", package);
	void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
	if (!library)
		return error_set(err, STATUS_CANNOT, "ENOLIB", hint, "library %s cannot be loaded", soname);
	for (size_t i = 0; i < count; i++) {
		void *symbol = dlsym(library, symbols[i].name);
		if (!symbol)
			return error_set(err, STATUS_CANNOT, "ENOLIB", hint, "library %s has no %s", soname,
			                 symbols[i].name);
		memcpy(symbols[i].slot, &symbol, sizeof symbol);
	}
	return 0;
}
