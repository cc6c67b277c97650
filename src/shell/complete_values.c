#include "shell/complete_values.h"

#include "base/buf.h"
#include "base/mem.h"
#include "ntsh/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_FILE_MAX = 1024 * 1024, NAMES_MAX = 4000 };

const struct complete_places complete_places_usual = {
	.interfaces = "/sys/class/net",
	.namespaces = "/run/netns",
	.services = "/etc/services",
	.sysctls = "/proc/sys/net",
};

/* A small text file, whole; NULL when it cannot be read. To be freed. */
static char *values_read(const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	struct buf text = BUF_INIT(max);
	char chunk[8192];
	ssize_t got;
	while ((got = read(fd, chunk, sizeof chunk)) > 0 && !text.overflow)
		buf_add(&text, chunk, (size_t)got);
	close(fd);
	char *result = mem_strdup(buf_text(&text));
	buf_release(&text);
	return result;
}

static int values_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted. Hidden ones only when prefix is. */
static char **values_names(const char *folder, const char *prefix, size_t *count)
{
	char **names = NULL;
	*count = 0;
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	while (dir && *count < NAMES_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' && prefix[0] != '.')
			continue;
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		names = mem_resize(names, *count + 1, sizeof *names);
		names[(*count)++] = mem_strdup(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (names)
		qsort(names, *count, sizeof *names, values_compare);
	return names;
}

static void values_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void values_interfaces(const char *folder, struct complete *out)
{
	size_t count;
	char **names = values_names(folder, "", &count);
	for (size_t i = 0; i < count; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s/operstate", folder, names[i]);
		char *state = values_read(path, 32);
		if (!state)
			continue; /* bonding_masters is a file */
		state[strcspn(state, "\n")] = '\0';
		bool loopback = strcmp(names[i], "lo") == 0;
		complete_add(out, names[i], loopback ? "this machine itself" : state);
		free(state);
	}
	values_free(names, count);
}

static void values_namespaces(const char *folder, struct complete *out)
{
	size_t count;
	char **names = values_names(folder, "", &count);
	for (size_t i = 0; i < count; i++)
		complete_add(out, names[i], NULL);
	values_free(names, count);
}

/* hosts(5): address, then names. */
static void values_hosts_file(const char *path, struct complete *out)
{
	char *text = values_read(path, TEXT_FILE_MAX), *rest = text, *line;
	while (rest && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, "#")] = '\0';
		char *word, *address = NULL;
		while ((word = strsep(&line, " \t\r"))) {
			if (!*word)
				continue;
			if (address)
				complete_add(out, word, address);
			else
				address = word;
		}
	}
	free(text);
}

static void values_hosts(const struct complete_places *places, struct complete *out)
{
	char buf[256];
	if (places->history)
		complete_seen(places->history, false, out);
	values_hosts_file(places->hosts ? places->hosts : netns_etc_path("hosts", buf), out);
}

/* A host alone stands for http://HOST/; a URL that was begun goes on with a host. */
static void values_urls(const struct complete_places *places, struct complete *out)
{
	if (places->history)
		complete_seen(places->history, true, out);
	const char *separator = strstr(out->partial, "://");
	if (!separator) {
		complete_add(out, "https://", "over TLS");
		complete_add(out, "http://", "in the clear");
		values_hosts(places, out);
		return;
	}
	if (strchr(separator + 3, '/'))
		return;
	struct complete hosts = { .partial = mem_strdup(separator + 3), .head = mem_strdup("") };
	values_hosts(places, &hosts);
	for (size_t i = 0; i < hosts.count; i++) {
		struct buf url = BUF_INIT(4096);
		buf_add(&url, out->partial, (size_t)(separator + 3 - out->partial));
		buf_printf(&url, "%s/", hosts.items[i].text);
		complete_add(out, buf_text(&url), hosts.items[i].note);
		buf_release(&url);
	}
	complete_release(&hosts);
}

/* services(5): name, port/protocol. Only names that were begun: there are hundreds. */
static void values_services(const char *path, struct complete *out)
{
	char *text = out->partial[0] ? values_read(path, TEXT_FILE_MAX) : NULL, *rest = text, *line;
	while (rest && (line = strsep(&rest, "\n"))) {
		char *name = line, *port;
		line[strcspn(line, "#")] = '\0';
		strsep(&line, " \t");
		port = line ? line + strspn(line, " \t") : NULL;
		if (!port || !strstr(port, "/tcp"))
			continue;
		port[strcspn(port, " \t/")] = '\0';
		complete_add(out, name, port);
	}
	free(text);
}

/* ~ is not a word of the language: a file is written as the program sees it. */
static void values_files(struct complete *out)
{
	const char *slash = strrchr(out->partial, '/');
	size_t folder_length = slash ? (size_t)(slash - out->partial) + 1 : 0, count;
	char *folder = folder_length ? mem_strndup(out->partial, folder_length) : mem_strdup("");
	char **names = values_names(*folder ? folder : ".", out->partial + folder_length, &count);
	for (size_t i = 0; i < count; i++) {
		struct buf path = BUF_INIT(8192);
		struct stat st;
		buf_printf(&path, "%s%s", folder, names[i]);
		if (stat(buf_text(&path), &st) == 0 && S_ISDIR(st.st_mode))
			buf_add_char(&path, '/');
		if (!path.overflow)
			complete_add(out, buf_text(&path), NULL);
		buf_release(&path);
	}
	values_free(names, count);
	free(folder);
}

/* Files of a folder of settings, with head before their names; folders end in a dot. */
static void values_settings(const char *folder, const char *head, const char *prefix, bool folders, struct complete *out)
{
	size_t count;
	char **names = values_names(folder, prefix, &count);
	for (size_t i = 0; i < count; i++) {
		char path[512], text[256];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		bool below = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
		snprintf(text, sizeof text, "%s%s%s", head, names[i], below ? "." : "");
		if (!below || folders)
			complete_add(out, text, NULL);
	}
	values_free(names, count);
}

/* "net.ipv4.tcp_f": the dots are folders. A word without a dot may be a short name. */
static void values_sysctls(const char *root, struct complete *out)
{
	static const char *const short_names[] = { "ipv4", "core" };
	const char *dot = strrchr(out->partial, '.');
	char folder[512], head[256];
	if (!dot) {
		complete_add(out, "net.", NULL);
		for (size_t i = 0; i < 2 && out->partial[0]; i++) {
			snprintf(folder, sizeof folder, "%s/%s", root, short_names[i]);
			values_settings(folder, "", out->partial, false, out);
		}
		return;
	}
	snprintf(head, sizeof head, "%.*s", (int)(dot + 1 - out->partial), out->partial);
	if (strncmp(head, "net.", 4) != 0 || strstr(head, ".."))
		return;
	int used = snprintf(folder, sizeof folder, "%s/%s", root, head + 4);
	for (int i = (int)strlen(root) + 1; i < used && i < (int)sizeof folder - 1; i++)
		if (folder[i] == '.')
			folder[i] = '/';
	values_settings(folder, head, dot + 1, true, out);
}

static void values_programs(const char *path, struct complete *out)
{
	char *copy = mem_strdup(path ? path : getenv("PATH")), *rest = copy, *folder;
	while (rest && (folder = strsep(&rest, ":"))) {
		size_t count;
		char **names = values_names(*folder ? folder : ".", out->partial, &count);
		for (size_t i = 0; i < count; i++)
			complete_add(out, names[i], NULL);
		values_free(names, count);
	}
	free(copy);
}

void complete_values(void *arg, enum complete_kind kind, struct complete *out)
{
	const struct complete_places *places = arg;
	switch (kind) {
	case COMPLETE_INTERFACE:
		values_interfaces(places->interfaces, out);
		break;
	case COMPLETE_NETNS:
		values_namespaces(places->namespaces, out);
		break;
	case COMPLETE_HOST:
		values_hosts(places, out);
		break;
	case COMPLETE_URL:
		values_urls(places, out);
		break;
	case COMPLETE_SERVICE:
		values_services(places->services, out);
		break;
	case COMPLETE_SYSCTL:
		values_sysctls(places->sysctls, out);
		break;
	case COMPLETE_FILE:
		values_files(out);
		break;
	case COMPLETE_PROGRAM:
		values_programs(places->path, out);
		break;
	}
}
