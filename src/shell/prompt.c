#include "shell/prompt.h"

#include <stdio.h>
#include <stdlib.h>

enum status prompt_run(struct shell *shell)
{
	char *line = NULL;
	size_t capacity = 0;
	while (!shell->leaving) {
		fputs("ntsh> ", stderr);
		ssize_t length = getline(&line, &capacity, stdin);
		if (length < 0)
			break;
		shell_execute_line(shell, line, (size_t)length, &(struct origin){ 0 });
	}
	free(line);
	return shell->leaving ? (enum status)shell->leave_status : (enum status)shell->status;
}
