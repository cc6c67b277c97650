#include "shell/shell.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	int status = shell_main(argc, argv);
#ifndef NTSH_SANITIZED
	/* Everything is written and closed by now. What would still run are the destructors of the libraries that were loaded (thirty
	 * with libcurl: half a millisecond), which only give back what the kernel takes anyway. */
	_exit(status);
#endif
	return status;
}
