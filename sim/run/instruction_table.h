/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * instruction_table.h - a file of instructions per buffer, as scripts/instructions writes it.
 *
 * Lines of tab-separated figures under a line of names; before them, behind "# compiler: " and
 * "# plan: " (JSON), for which program, rings and policies they are.
 */
#ifndef VRB_INSTRUCTION_TABLE_H
#define VRB_INSTRUCTION_TABLE_H

#include "engine/predict.h"
#include "run/prepare.h"

/* Where a table is looked for if nobody says; none is no error then. */
#define INSTRUCTIONS_DEFAULT "results/instructions.tsv"
/* So many tables, of bursts of 1, 4, 8 and of the usual one. */
#define INSTRUCTION_BURSTS 4

struct instruction_table;

/**
 * instruction_table_open - the table that a plan's cells are to have.
 * @plan: its instructions_path; NULL: @usual, if it is there and is for this plan.
 * @out: NULL: there is none. To be closed in any case.
 *
 * @points: are its points (ring size, burst, payload) to be the plan's?
 *
 * A table is for a plan if this program's compiler made it, the policies are the same, and, @points, it has
 * one of the plan's points. A policy that the table does not know came
 * later: what the table counts is its default. A sweep has many plans, and no table.
 *
 * Returns 0; -EINVAL, -ENOENT, ...: the file that was named cannot be read or is not for this
 * plan, with a line that names --instructions.
 */
int instruction_table_open(const struct plan *plan, const struct prepared *cells, bool points,
			   const char *usual, struct instruction_table **out, struct vrb_err *err);

/**
 * instruction_table_open_bursts - the usual table and those of other bursts, as predictions need them.
 * @tables: out; by burst, the usual one last. NULL: it is not there, or is not for this plan, this program and the
 * usual table's rings. All are to be closed in any case. Returns as instruction_table_open().
 */
int instruction_table_open_bursts(const struct plan *plan, const struct prepared *cells,
				  struct instruction_table *tables[INSTRUCTION_BURSTS],
				  struct vrb_err *err);

/**
 * instruction_table_counted - what a cell's variant takes in its direction, a buffer, at its burst.
 * @tables: @n, by burst, ascending; the last one, which is there, says for which rings. @simd: the cell's vector path.
 * @ring: of the cell. @out: without counts if the last table has no such row.
 *
 * Between two bursts, and beyond the last one, by a line over buffers in a burst, inverted: what a burst takes once is
 * shared; @out's ring has no burst beyond its size. With one table only: what it has, and of its burst. Returns false if it has no such row, or only that of
 * another vector path.
 */
bool instruction_table_counted(struct instruction_table *const tables[], unsigned n,
			       const char *simd, const struct cell *cell,
			       const struct ring_conf *ring, struct predict_counted *out);

/** instruction_table_source - what counted, in words, of at most @size bytes. */
void instruction_table_source(const struct instruction_table *t, char *out, size_t size);

/**
 * instruction_table_put - an instructions row for each of @n cells that the table has.
 * @simd: the vector path, where several were counted; if that is none of them, the first in the table.
 */
void instruction_table_put(const struct instruction_table *t, const char *simd,
			   const struct cell *cells, unsigned n, struct session_writer *w);

/** instruction_table_close - NULL is fine. */
void instruction_table_close(struct instruction_table *t);

#endif
