#include "shell/shell.h"

#include "base/mem.h"
#include "ntsh/netns.h"
#include "opt/opt.h"
#include "shell/batch.h"
#include "shell/dispatch.h"
#include "shell/exec.h"
#include "shell/find.h"
#include "shell/globals.h"
#include "shell/guide.h"
#include "shell/points.h"
#include "shell/prompt.h"
#include "shell/usage.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- lines --- */

bool shell_line_incomplete(const char *text, size_t length)
{
	struct lex_scan scan = { 0 };
	lex_scan(&scan, text, length);
	return lex_scan_open(&scan);
}

/* At the prompt keywords may be shortened like all names. */
static enum keyword keyword_short(const char *word, void *arg)
{
	struct found found;
	if (find_command(1, &word, true, &found, NULL) || !found.builtin || found.builtin->run)
		return KEYWORD_NONE;
	return keyword_exact(found.builtin->name, arg);
}

int shell_execute_line(struct shell *shell, const char *text, size_t length, const struct origin *origin)
{
	struct script script = { origin, text, length };
	struct error error = ERROR_INIT;
	struct node *line;
	size_t place;
	if (parse_line(text, length, shell->abbreviations ? keyword_short : keyword_exact, NULL, &line,
		       &place, &error)) {
		shell->status = dispatch_failure(shell, NULL, NULL, &script, place, &error);
		if (shell->status > shell->worst)
			shell->worst = shell->status;
		return shell->status;
	}
	if (line)
		exec_line(shell, &script, line);
	parse_free(line);
	return shell->status;
}

/* --- the process --- */

/* A closed descriptor would be given to the next file that is opened. In its place comes one that fails as a closed one
 * does. */
static void process_guard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(STATUS_CANNOT);
}

static void shell_terminated(struct loop *loop, int signo, void *arg)
{
	struct shell *shell = arg;
	shell->terminated = signo;
	loop_cancel(loop, LOOP_INTERRUPTED);
}

/* An ignored SIGHUP (nohup) stays ignored. */
static void shell_take_signals(struct shell *shell)
{
	static const int signals[] = { SIGTERM, SIGHUP };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction action;
		if (!sigaction(signals[i], NULL, &action) && action.sa_handler != SIG_IGN)
			loop_on_signal(shell->loop, signals[i], shell_terminated, shell, NULL);
	}
}

#ifndef NDEBUG
/* A table's mistakes die in the first run. */
static void tables_check(void)
{
	const char *defect = opt_table_defect(globals_table, sizeof(struct globals));
	for (size_t i = 0; !defect && command_registry[i]; i++)
		defect = opt_table_defect(command_registry[i]->options, command_registry[i]->args_size);
	for (size_t i = 0; !defect && builtin_registry[i]; i++)
		defect = opt_table_defect(builtin_registry[i]->options, builtin_registry[i]->args_size);
	if (!defect)
		return;
	fprintf(stderr, "ntsh: a defect in a table of options: %s\n", defect);
	abort();
}
#else
static void tables_check(void)
{
}
#endif

static int shell_init(struct shell *shell, const struct globals *globals, struct error *err)
{
	globals_apply(globals, &shell->settings, &shell->style);
	shell->keep_going = globals->keep_going;
	shell->loop = loop_new(err);
	if (!shell->loop)
		return -1;
	signal(SIGPIPE, SIG_IGN); /* after loop_new, which remembers what children get */
	shell_take_signals(shell);
	if (shell->settings.netns && netns_enter(shell->settings.netns, err))
		return -1;
	return points_begin(shell,
			    globals->tap          ? FORM_TAP
			    : globals->nagios     ? FORM_NAGIOS
			    : globals->prometheus ? FORM_PROMETHEUS
						  : FORM_RESULTS,
			    globals->junit, err);
}

static void shell_release(struct shell *shell)
{
	vars_release(&shell->vars);
	results_release(&shell->results);
	guide_release(shell);
	free(shell->netns_text);
	free(shell->interface_text);
	if (shell->loop)
		loop_free(shell->loop);
}

/* --- sources of commands --- */

static int run_words(struct shell *shell, int argc, const char *const *argv)
{
	struct words words = { 0 };
	for (int i = 0; i < argc; i++)
		words_add(&words, argv[i], strlen(argv[i]), NOWHERE);
	int status = dispatch_words(shell, &words, NULL);
	words_release(&words);
	return status;
}

static int run_one(struct shell *shell, int argc, const char *const *argv)
{
	shell->settings.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int status = run_words(shell, argc, argv);
	return shell->leaving ? shell->leave_status : status;
}

static int run_batch(struct shell *shell, const struct globals *globals, int argc, const char *const *argv)
{
	static const char *const stdin_argv[] = { "-", NULL };
	shell->keep_results = true;
	shell->stops = !shell->keep_going;
	if (globals->text)
		batch_text(shell, "-c", globals->text);
	else if (globals->file)
		batch_file(shell, globals->file, argc, argv);
	else
		batch_file(shell, "-", 1, stdin_argv);
	if (shell->terminated)
		shell->worst = STATUS_INTERRUPTED;
	uint64_t ran = shell->commands + shell->checks;
	bool worth = globals->text ? ran > 1 : ran || !shell->worst;
	if (!shell->settings.quiet && worth)
		batch_summary(shell);
	return shell->leaving && shell->worst != STATUS_INTERRUPTED ? shell->leave_status : shell->worst;
}

static int run_prompt(struct shell *shell)
{
	signal(SIGQUIT, SIG_IGN);
	shell->keep_results = true;
	shell->settings.interactive = true;
	shell->abbreviations = true;
	return (int)prompt_run(shell);
}

static int run_information(struct shell *shell, const struct globals *globals)
{
	const char *name = "ntsh";
	struct error error = ERROR_INIT;
	struct result *result = result_new(&shell->style, name, 1, &name);
	struct call call = { NULL, &shell->settings, shell->loop, result, &error };
	if (globals->version) {
		result_put(result, "version", value_text(NTSH_VERSION));
		result_line(result, TONE_PLAIN, "ntsh {version}");
	} else {
		usage_show_program(&call);
	}
	enum status status = result_finish(result, STATUS_OK, &error);
	result_free(result);
	if (error_is_set(&error))
		out_error(&shell->style, NULL, &error);
	return (int)status;
}

/* The words behind -f FILE and -c TEXT are not ours to read. Returns how many words belong to the options at most. */
static int options_end(int argc, const char *const *argv)
{
	for (int i = 0; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--"); i++) {
		if (argv[i][1] == '-') {
			if (!strncmp(argv[i], "--file=", 7))
				return i + 1;
			if (!strcmp(argv[i], "--file"))
				return i + 2 < argc ? i + 2 : argc;
			continue;
		}
		size_t flags = strspn(argv[i] + 1, "jkqv46");
		if (argv[i][1 + flags] == 'f')
			return argv[i][2 + flags] ? i + 1 : i + 2 < argc ? i + 2 : argc;
		if (argv[i][1 + flags] && strchr("nItc", argv[i][1 + flags]) && !argv[i][2 + flags])
			i++;
	}
	return argc;
}

static int shell_run(struct shell *shell, int argc, const char *const *argv, struct opt_store *store,
		     struct error *err)
{
	struct globals globals = { 0 };
	bool help = false;
	int used = 0, end = options_end(argc, argv);
	if (opt_parse_leading(globals_table, &globals, end, argv, store, &used, &help, err) ||
	    shell_init(shell, &globals, err))
		return -1;
	bool batch = globals.text || globals.file;
	if (globals.version || ((help || globals.help) && used == argc))
		return run_information(shell, &globals);
	if (globals.text && used < argc)
		return error_set(err, STATUS_USAGE, "EUSAGE", "quote the whole text",
				 "\"%s\" is too much: -c takes one word", argv[used]);
	if (globals.file && used < argc) /* $0 is the file */
		return run_batch(shell, &globals, argc - end + 1, argv + end - 1);
	if (!batch && used < argc)
		return run_one(shell, argc - used, argv + used);
	return batch || !isatty(STDIN_FILENO)
		   ? run_batch(shell, &globals, batch, (const char *const *)&globals.file)
		   : run_prompt(shell);
}

int shell_main(int argc, char **argv)
{
	process_guard_descriptors();
	tables_check();
	struct shell shell = { .settings.timeout = NS_NEVER, .deadline = NS_NEVER, .points = -1 };
	struct opt_store store = { 0 };
	struct error error = ERROR_INIT;
	out_style_detect(&shell.style, STDOUT_FILENO);
	int skip = argc > 0;
	int status = shell_run(&shell, argc - skip, (const char *const *)argv + skip, &store, &error);
	if (status < 0)
		status = dispatch_failure(&shell, NULL, NULL, NULL, NOWHERE, &error);
	status = points_end(&shell, status);
	shell_release(&shell);
	opt_store_release(&store);
	return status;
}
