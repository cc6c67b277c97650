/* What a terminal sends, and the line it makes: keys and pastes, completion, `?`. */
#include "shell/prompt_keys.h"
#include "base/mem.h"
#include "shell/complete.h"
#include "shell/hint.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void complete_any(const char *line)
{
	struct complete_world world = { .abbreviate = true };
	struct hint_screen screen = { 40, 10, true, true };
	struct buf text = BUF_INIT(1 << 20);
	struct complete complete;
	complete_line(&complete, &world, line, strlen(line));
	if (complete.start > strlen(line))
		abort();
	free(complete_insert(&complete));
	hint_list(&text, &complete, &screen);
	hint_explain(&text, &complete, &screen);
	complete_release(&complete);
	buf_release(&text);
	complete_question_is_text(line, strlen(line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keys keys = KEYS_INIT;
	wchar_t *line = mem_resize(NULL, size + 8, sizeof *line);
	size_t count = 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	for (size_t i = 0; i < size; i++) {
		enum keys_event event = keys_byte(&keys, data[i]);
		while (keys_next(&keys, &line[count]))
			count += line[count] != L'\0';
		if (event == KEYS_PASTE) {
			free(keys_paste_text(&keys));
			keys_paste_done(&keys);
		}
	}
	line[count] = L'\0';
	char *bytes = keys_narrow(line, count);
	complete_any(bytes);
	free(keys_widen(bytes));
	free(bytes);
	free(line);
	keys_release(&keys);
	return 0;
}
