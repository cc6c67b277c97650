/* The text of the IEEE's lists. */
#ifndef NET_VENDOR_H
#define NET_VENDOR_H

#include "ntsh/vendor.h"

/* Adds the blocks of one list to vendors (NULL: a new one, which is returned). */
struct vendors *vendors_read(struct vendors *vendors, const char *text);

#endif
