/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment_rows.h - the machine and the build, as a session keeps them and as they are printed.
 */
#ifndef VRB_ENVIRONMENT_ROWS_H
#define VRB_ENVIRONMENT_ROWS_H

#include "host/environment.h"
#include "session/session.h"

#include <stdio.h>

/**
 * environment_json - the member "environment" of a session's head.
 * @items: n of them, from environment_read().
 *
 * Returns a new array of {"name", "value", "status", "why"} in the same order, "value" null
 * where it is hidden; NULL: no memory.
 */
json_t *environment_json(const struct env_item *items, unsigned n);

/**
 * environment_lines - all items, human-readable, within 100 columns: name, status, value, and below
 * it why; then how many are bad and how many are hidden.
 */
void environment_lines(FILE *out, const struct env_item *items, unsigned n);

/** environment_tsv - a header line, then a line an item: name, status, value, why. */
void environment_tsv(FILE *out, const struct env_item *items, unsigned n);

/**
 * environment_table - what a report says of it: a line for each item that is bad, and one with the
 * number of those that are not visible. Nothing for a session that does not have the member.
 */
void environment_table(FILE *out, const struct session *s);

#endif
