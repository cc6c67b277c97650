/* Pages taken apart. */
#ifndef OPT_PAGES_H
#define OPT_PAGES_H

#include "ntsh/help.h"

/* The value of a key in the page's front matter, cut to size; "" when there is none. Returns buf. */
char *page_key(const struct page *page, const char *key, char *buf, size_t size);

/* Where the page's text begins, behind its front matter. */
const char *page_body(const struct page *page);

#endif
