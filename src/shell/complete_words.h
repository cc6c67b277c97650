/* Values that are known without looking at the machine. */
#ifndef SHELL_COMPLETE_WORDS_H
#define SHELL_COMPLETE_WORDS_H

#include "shell/complete.h"

void complete_dns_types(struct complete *out);

/* What `help` knows: the next word of pages' names ("dns dig": two words) that begin with before ("", or "dns "). */
void complete_pages(struct complete *out, const char *before);

/* What `explain` knows: names and numbers that the topics have entries for. */
void complete_explained(struct complete *out);

#endif
