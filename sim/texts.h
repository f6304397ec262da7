/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * texts.h - arrays that grow, and lists of texts.
 */
#ifndef VRB_TEXTS_H
#define VRB_TEXTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A list of texts; all zero is an empty one. */
struct texts {
	char **v;
	unsigned n, room;
	bool failed; /* out of memory: some are missing */
};

/** vrb_grow - room for one more; it doubles. false: out of memory, and the old array stays. */
bool vrb_grow(void **v, unsigned n, unsigned *room, size_t each);

/** texts_add - one more, as printf does; texts_add_v - as vprintf does. */
void texts_add(struct texts *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void texts_add_v(struct texts *t, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** texts_add_lines - each line of @text is one more; empty ones are passed over. */
void texts_add_lines(struct texts *t, const char *text);
void texts_free(struct texts *t);

#endif
