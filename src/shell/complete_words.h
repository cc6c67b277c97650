/* Values that are known without looking at the machine. */
#ifndef SHELL_COMPLETE_WORDS_H
#define SHELL_COMPLETE_WORDS_H

#include "shell/complete.h"

void complete_dns_types(struct complete *out);

/* What help and explain know: pages of commands ("dns dig") and topics. */
void complete_pages(struct complete *out);

#endif
