/* What this program may do, and the words for what it may not. */
#ifndef SYS_PRIVILEGE_H
#define SYS_PRIVILEGE_H

#include "ntsh/error.h"

#include <stddef.h>

/* The program's own file (/proc/self/exe), for setcap. Returns buf; "ntsh" when it cannot be known. */
const char *privilege_program(char *buf, size_t size);

/* "setcap cap_net_raw+ep /usr/bin/ntsh": the command that grants these capabilities ("cap_net_raw"). Returns buf. */
const char *privilege_grant(char *buf, size_t size, const char *capabilities);

/* Fills err after a system call failed with errnum: for EPERM and EACCES with the command that grants the capability as hint. Returns -1. */
int privilege_error(struct error *err, int errnum, const char *capabilities, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
