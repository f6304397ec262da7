/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * relocate.h - other physical pages for a part of a ring's memory, all else kept.
 *
 * An experiment on what makes launches differ: if a launch is slow because of where a part lies, it
 * changes when that part moves, and only then. A set is memory for all parts. The first is what the engine
 * opened; for a sample in another set, the pages of the part are exchanged with those of the set, and
 * back afterwards. Their addresses stay. What the sides keep to themselves is chosen by pointers instead, so
 * its addresses change, too.
 */
#ifndef VRB_ENGINE_RELOCATE_H
#define VRB_ENGINE_RELOCATE_H

#include "vrb.h"

#include <stdbool.h>

#define PAGE_SETS_MAX 16

enum relocated {
	RELOCATE_NONE,
	RELOCATE_DESC,
	RELOCATE_AVAIL,
	RELOCATE_USED,
	RELOCATE_BUFFERS,
	RELOCATE_SHARED,  /* all that the sides share */
	RELOCATE_PRIVATE, /* what each side keeps to itself, but for stacks */
	RELOCATE_ALL,
	RELOCATED_KINDS
};

/* "none", "desc", "avail", "used", "buffers", "shared", "private", "all". */
const char *relocated_name(unsigned kind);

struct engine;
struct ring_conf;

/**
 * relocate_open - the sets, as e->conf asks; after memory and sides of the engine are open.
 * Returns 0 or -errno.
 */
int relocate_open(struct engine *e, struct vrb_err *err);
void relocate_close(struct engine *e);

/**
 * relocate_enter, relocate_leave - put the set at hand to use for a sample of @ring, and back.
 *
 * A page that the part shares with others moves whole. Neither side may run meanwhile. Return 0 or
 * -errno: the engine can then only be closed.
 */
int relocate_enter(struct engine *e, const struct ring_conf *ring, struct vrb_err *err);
int relocate_leave(struct engine *e, const struct ring_conf *ring, struct vrb_err *err);

#endif
