#!/usr/bin/env python3
"""Functions that do not belong here, and functions that belong to one room only."""
import re

from house import code_only, finish, read, room_of, sources

EVERYWHERE = {
    "strcpy": "buf_add or snprintf", "strcat": "buf_add_text", "sprintf": "snprintf", "vsprintf": "vsnprintf",
    "strtok": "a bounded scan", "atoi": "base/units.h", "atol": "base/units.h", "atof": "base/units.h",
    "gets": "a bounded read", "system": "a measurement of ours", "popen": "a measurement of ours",
    "alloca": "base/mem.h", "tmpnam": "mkstemp", "gethostbyname": "ntsh/resolve.h",
    "getaddrinfo": "ntsh/resolve.h (it blocks)", "inet_addr": "addr_parse", "inet_ntoa": "addr_format",
    "usleep": "loop_sleep", "sleep": "loop_sleep", "nanosleep": "loop_sleep", "scanf": "base/units.h",
    "rand": "getrandom",
}


def only(rooms, why, *names):
    return {name: (rooms, why) for name in names}


ROOM_ONLY = {
    **only({"out", "shell"}, "only src/out and src/shell write to standard output",
           "printf", "puts", "putchar", "fputs", "fprintf", "vprintf", "vfprintf", "perror"),
    **only({"sys"}, "only src/sys opens sockets", "socket", "socketpair", "accept", "accept4"),
    **only({"sys"}, "namespaces are the business of src/sys", "setns", "unshare"),
    **only({"shell"}, "libraries return errors", "exit"),
    **only({"shell", "base"}, "libraries return errors", "_exit"),
    **only({"shell"}, "only the shell starts programs",
           "fork", "vfork", "execv", "execve", "execvp", "execl", "execlp", "posix_spawn"),
    **only({"base"}, "base/dynlib.h loads libraries", "dlopen"),
    **only({"base"}, "base/mem.h allocates", "malloc", "calloc", "realloc", "strdup", "strndup"),
}

complaints = []
for path in sources("src", "commands"):
    room = room_of(path)
    for number, line in enumerate(code_only(read(path)).splitlines(), 1):
        for name in re.findall(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(", line):
            if name in EVERYWHERE:
                complaints.append(f"{path}:{number}: {name}: use {EVERYWHERE[name]}")
            elif name in ROOM_ONLY and room not in ROOM_ONLY[name][0]:
                complaints.append(f"{path}:{number}: {name}: {ROOM_ONLY[name][1]}")
    for number, line in enumerate(read(path).splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            complaints.append(f"{path}:{number}: work promised, not done")
finish(complaints, "forbidden functions")
