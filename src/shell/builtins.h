/* The built-ins one by one, for the registry. */
#ifndef SHELL_BUILTINS_H
#define SHELL_BUILTINS_H

#include "shell/builtin.h"

extern const struct builtin builtin_echo, builtin_exit, builtin_expect, builtin_foreach, builtin_history,
    builtin_netns_all, builtin_repeat, builtin_results, builtin_set, builtin_sleep, builtin_source,
    builtin_unset, builtin_watch;

#endif
