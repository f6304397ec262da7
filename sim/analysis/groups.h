/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * groups.h - what is asked of the groups of a session: hand-off, null row, words of a title.
 */
#ifndef VRB_GROUPS_H
#define VRB_GROUPS_H

#include "analysis/summary.h"
#include "session/head.h"

/** group_handoff_ns - median one-way hand-off of a group in a class over the used samples; NAN: none. */
double group_handoff_ns(const struct session *s, uint32_t group, enum place_class place);

/* For a title: ", 3 buffers a packet" of a cell with mergeable ones, "" of all others. */
const char *pieces_words(const struct session *s, const struct cell *c, char *buf, size_t size);

/* The words for a class in a title: "near", ...; "one core" where there is none. */
const char *class_words(const struct session *s, enum place_class place);

/* The null row of a group's rows; NULL if the plan had none. */
const struct summary_row *group_null_row(const struct summary *sum, const struct summary_group *g);

#endif
