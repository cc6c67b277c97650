/* Runs a fuzz target once over every file of its corpus: the findings of yesterday stay tests for ever. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replay_file(const char *path)
{
	enum { INPUT_MAX = 1 << 20 };
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(INPUT_MAX);
	if (!file || !bytes)
		return -1;
	size_t length = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);
	/* An exact copy, so that the sanitizer sees one byte too far. */
	uint8_t *exact = malloc(length ? length : 1);
	if (!exact)
		return -1;
	memcpy(exact, bytes, length);
	free(bytes);
	LLVMFuzzerTestOneInput(exact, length);
	free(exact);
	return 0;
}

static int replay_folder(const char *name)
{
	int replayed = 0;
	DIR *folder = opendir(name);
	if (!folder)
		return -1;
	for (struct dirent *entry; (entry = readdir(folder));) {
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
		if (replay_file(path) < 0) {
			fprintf(stderr, "%s: cannot be read\n", path);
			return -1;
		}
		replayed++;
	}
	closedir(folder);
	return replayed;
}

int main(int argc, char **argv)
{
	int replayed = argc > 1 ? replay_folder(argv[1]) : -1;
	printf("%d inputs replayed\n", replayed);
	return replayed > 0 ? 0 : 1;
}
