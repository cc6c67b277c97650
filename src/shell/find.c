#include "shell/find.h"

#include "base/buf.h"
#include "opt/opt.h"

#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 200, NEAREST_WORDS_MAX = 512 };

/* One walk over commands and built-ins alike. */
static const char *name_at(size_t index, struct found *found)
{
	size_t commands = 0;
	while (command_registry[commands])
		commands++;
	*found = (struct found){ 0 };
	if (index < commands) {
		found->command = command_registry[index];
		return found->command->name;
	}
	found->builtin = builtin_registry[index - commands];
	return found->builtin ? found->builtin->name : NULL;
}

/* How many words of argv spell the whole name; 0: they do not. *exact counts words given in full. */
static int match_words(const char *name, int argc, const char *const *argv, bool abbreviate, int *exact)
{
	int words = 0;
	*exact = 0;
	for (;;) {
		if (words == argc || !argv[words][0])
			return 0;
		size_t length = strcspn(name, " "), given = strlen(argv[words]);
		if (given > length || strncmp(name, argv[words], given) || (given < length && !abbreviate))
			return 0;
		*exact += given == length;
		words++;
		if (!name[length])
			return words;
		name += length + 1;
	}
}

/* Whether words[0..upto) of a name are spelled by argv at all (for choosing the nearest next word). */
static const char *skip_words(const char *name, int count, const char *const *argv)
{
	for (int i = 0; i < count; i++) {
		size_t length = strlen(argv[i]);
		if (strncmp(name, argv[i], length) || name[length] != ' ')
			return NULL;
		name += length + 1;
	}
	return name;
}

struct words {
	const char *items[NEAREST_WORDS_MAX];
	size_t count;
	char store[NEAREST_WORDS_MAX * 16];
	size_t used;
};

static void words_add(const char *word, const char *summary, void *arg)
{
	(void)summary;
	struct words *words = arg;
	size_t size = strlen(word) + 1;
	if (words->count + 1 >= NEAREST_WORDS_MAX || words->used + size > sizeof words->store)
		return;
	char *copy = words->store + words->used;
	memcpy(copy, word, size);
	words->used += size;
	words->items[words->count++] = copy;
	words->items[words->count] = NULL;
}

static int unknown_command(int argc, const char *const *argv, struct error *err)
{
	int family = 0;
	struct words words = { .count = 0 };
	for (int upto = argc < 3 ? argc : 3; upto > 0 && !family; upto--) {
		find_next_words(upto, argv, "", words_add, &words);
		if (words.count)
			family = upto;
	}
	char hint[ERROR_HINT_MAX] = "";
	struct buf list = BUF_INIT(CHOICES_MAX);
	if (family) {
		for (size_t i = 0; i < words.count; i++)
			buf_printf(&list, "%s%s", i ? ", " : "", words.items[i]);
		const char *near = family < argc ? opt_nearest(argv[family], words.items) : NULL;
		if (near)
			snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
		else
			snprintf(hint, sizeof hint, "there are: %s", buf_text(&list));
		buf_release(&list);
		if (family == argc)
			return error_set(err, STATUS_USAGE, "EUSAGE", hint, "\"%.60s\" needs one more word",
					 argv[0]);
		return error_set(err, STATUS_USAGE, "EUSAGE", hint, "there is no \"%.60s %.60s\"", argv[0],
				 argv[family]);
	}
	find_next_words(0, NULL, "", words_add, &words);
	const char *near = words.count ? opt_nearest(argv[0], words.items) : NULL;
	if (near)
		snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
	else
		snprintf(hint, sizeof hint, "\"help\" lists what there is, !%.60s runs an outside program",
			 argv[0]);
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "there is no command \"%.60s\"", argv[0]);
}

static int ambiguous_command(const char *word, const struct buf *choices, struct error *err)
{
	char hint[ERROR_HINT_MAX];
	snprintf(hint, sizeof hint, "it could be %s", buf_text(choices));
	return error_set(err, STATUS_USAGE, "EUSAGE", hint, "\"%s\" is ambiguous", word);
}

/* More words beat fewer; of equally long ones, more exact words win. */
int find_command(int argc, const char *const *argv, bool abbreviate, struct found *found, struct error *err)
{
	struct found candidate, best = { 0 };
	int best_exact = -1;
	struct buf choices = BUF_INIT(CHOICES_MAX);
	const char *name;
	for (size_t i = 0; (name = name_at(i, &candidate)); i++) {
		int exact, words = match_words(name, argc, argv, abbreviate, &exact);
		if (!words)
			continue;
		/* "dns d": an abbreviated second word never takes what may be an operand of a command that is spelled out */
		bool better =
		    words > best.words ? exact >= best_exact : words == best.words && exact > best_exact;
		bool equal = words == best.words && exact == best_exact;
		if (better) {
			buf_clear(&choices);
			best = candidate;
			best.words = words;
			best_exact = exact;
		}
		if (better || equal)
			buf_printf(&choices, "%s%s", choices.length ? ", " : "", name);
		if (equal)
			best.command = NULL, best.builtin = NULL;
	}
	int result = 0;
	if (best.words && !best.command && !best.builtin)
		result = ambiguous_command(argv[0], &choices, err);
	else if (!best.words)
		result = unknown_command(argc, argv, err);
	*found = best;
	buf_release(&choices);
	return result;
}

void find_next_words(int argc, const char *const *argv, const char *prefix, find_word_fn *fn, void *arg)
{
	struct found candidate;
	const char *name;
	char last[64] = "";
	for (size_t i = 0; (name = name_at(i, &candidate)); i++) {
		const char *rest = skip_words(name, argc, argv);
		if (!rest || strncmp(rest, prefix, strlen(prefix)))
			continue;
		size_t length = strcspn(rest, " ");
		char word[64];
		snprintf(word, sizeof word, "%.*s", (int)length, rest);
		if (!strcmp(word, last))
			continue;
		memcpy(last, word, sizeof last);
		const char *summary =
		    candidate.command ? candidate.command->summary : candidate.builtin->summary;
		fn(word, rest[length] ? NULL : summary, arg);
	}
}
