#include "shell/history_lines.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int history_open(struct history *history, struct error *err)
{
	*history = (struct history){ .first_number = 1 };
	history->path = history_file_path(err);
	if (!history->path)
		return -1;
	int result = history_file_load(history, err);
	if (result < 0) {
		free(history->path);
		history->path = NULL;
	}
	history->session = history->count;
	return result;
}

static void history_forget_oldest(struct history *history)
{
	free(history->lines[0]);
	memmove(history->lines, history->lines + 1, --history->count * sizeof *history->lines);
	history->first_number++;
	if (history->session)
		history->session--;
}

int history_add(struct history *history, const char *line, struct error *err)
{
	if (line[strspn(line, " \t\n")] == '\0' || line[0] == ' ')
		return 0;
	if (history->count && strcmp(history->lines[history->count - 1], line) == 0)
		return 0;
	if (history->count == HISTORY_LINES_MAX)
		history_forget_oldest(history);
	history->lines = mem_resize(history->lines, history->count + 1, sizeof *history->lines);
	history->lines[history->count++] = mem_strdup(line);
	if (!history->path || strlen(line) > HISTORY_LINE_MAX)
		return 0;
	if (history_file_append(history->path, line, err) == 0)
		return 0;
	free(history->path);
	history->path = NULL;
	return -1;
}

void history_each(void *arg, size_t newest, history_line_fn *fn, void *fn_arg)
{
	const struct history *history = arg;
	size_t begin = newest < history->count ? history->count - newest : 0;
	for (size_t i = begin; i < history->count; i++)
		fn(history->first_number + (unsigned)i, history->lines[i], fn_arg);
}

void history_close(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		free(history->lines[i]);
	free(history->lines);
	free(history->path);
	*history = (struct history){ .first_number = 1 };
}
