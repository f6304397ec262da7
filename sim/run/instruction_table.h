/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * instruction_table.h - a file of instructions per buffer, as scripts/instructions writes it.
 *
 * Lines of tab-separated figures under a line of names; before them, behind "# compiler: " and
 * "# plan: " (JSON), for which program, rings and policies they are.
 */
#ifndef VRB_INSTRUCTION_TABLE_H
#define VRB_INSTRUCTION_TABLE_H

#include "run/prepare.h"

/* Where a table is looked for if nobody says; none is no error then. */
#define INSTRUCTIONS_DEFAULT "results/instructions.tsv"

struct instruction_table;

/**
 * instruction_table_open - the table that a plan's cells are to have.
 * @plan: its instructions_path; NULL: INSTRUCTIONS_DEFAULT, if it is there and is for this plan.
 * @out: NULL: there is none. To be closed in any case.
 *
 * A table is for a plan if this program's compiler made it, the policies are the same, and it has
 * one of the plan's points (ring size, burst, payload). A policy that the table does not know came
 * later: what the table counts is its default. A sweep has many plans, and no table.
 *
 * Returns 0; -EINVAL, -ENOENT, ...: the file that was named cannot be read or is not for this
 * plan, with a line that names --instructions.
 */
int instruction_table_open(const struct plan *plan, const struct prepared *cells,
			   struct instruction_table **out, struct vrb_err *err);

/** instruction_table_put - an instructions row for each cell that the table has. */
void instruction_table_put(const struct instruction_table *t, const struct plan *plan,
			   const struct prepared *cells, struct session_writer *w);

/** instruction_table_close - NULL is fine. */
void instruction_table_close(struct instruction_table *t);

#endif
