/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alike.h - are two sessions of the same thing: machine, build, policies; and which cells of theirs?
 */
#ifndef VRB_ALIKE_H
#define VRB_ALIKE_H

#include "session/session.h"

/* What the heads of two sessions say differently. */
struct difference {
	const char *name;	    /* "kernel" */
	const char *before, *after; /* theirs; "": not visible */
};

#define DIFFERENCES_MAX 16

/**
 * alike_machines - what of machine, engine, pages and build differs, so that times cannot be compared.
 * @out: room for DIFFERENCES_MAX. Returns how many there are. What is not visible in both is alike.
 */
unsigned alike_machines(const struct session *before, const struct session *after,
			struct difference *out);

/** alike_hardware - the same engine on the same CPU? The rest of a machine may change under it. */
bool alike_hardware(const struct session *a, const struct session *b);

/** alike_build - "compiler" or "flags", if they differ: then instructions do. NULL: the same. */
const char *alike_build(const struct session *before, const struct session *after);

/**
 * alike_policies - are the plans' policies the same? A swept one is a matter of cells. Members that
 * an older program did not write have the value that it always used.
 * Returns 0; -ENODATA: @err has the line, with the first that differs.
 */
int alike_policies(const struct session *before, const struct session *after, struct vrb_err *err);

/**
 * alike_unusual - the next policy of a plan that is neither swept nor what it is without an option.
 * @at: 0 at first. @value: of @size bytes. Returns false: there is none more.
 */
bool alike_unusual(const struct session *s, size_t *at, const char **key, char *value, size_t size);

/** alike_sessions - is it one session, read twice? */
bool alike_sessions(const struct session *before, const struct session *after);

/** alike_cells - are they the same, whatever their numbers? A null row is like no other. */
bool alike_cells(const struct cell *a, const struct cell *b);

/** alike_cell - the cell of @s that is what @cell of another session is; NULL: there is none. */
const struct cell *alike_cell(const struct session *s, const struct cell *cell);

/** alike_model - on which model counts were made, as far as it decides them. */
void alike_model(const struct session *s, const struct cell_counts *c, char *buf, size_t size);

#endif
