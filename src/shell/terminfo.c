#include "shell/terminfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool terminfo_in(const char *folder, const char *below, const char *term)
{
	char path[1024];
	int size = snprintf(path, sizeof path, "%s%s/%c/%s", folder, below, term[0], term);
	return size > 0 && (size_t)size < sizeof path && access(path, R_OK) == 0;
}

bool terminfo_known(const char *term)
{
	static const char *const folders[] = { "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo",
					       "/usr/lib/terminfo" };
	const char *own = getenv("TERMINFO"), *home = getenv("HOME");
	if (!*term || strchr(term, '/'))
		return false;
	if ((own && terminfo_in(own, "", term)) || (home && terminfo_in(home, "/.terminfo", term)))
		return true;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (terminfo_in(folders[i], "", term))
			return true;
	return false;
}
