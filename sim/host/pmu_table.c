/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pmu_table.c - which event of a microarchitecture counts what we ask for.
 */
#include "host/pmu_table.h"

static const struct pmu_row rows[] = {
#include "host/pmu_rows.inc"
};

const char *counter_name(enum counter c)
{
	static const char *const names[COUNTERS] = {
		[COUNTER_XFER_IN_RD] = "xfer_in_rd",   [COUNTER_XFER_IN_RFO] = "xfer_in_rfo",
		[COUNTER_XFER_IN_ANY] = "xfer_in_any", [COUNTER_INVAL_IN] = "inval_in",
		[COUNTER_CYCLES] = "cycles",	       [COUNTER_INSTRUCTIONS] = "instructions",
	};

	return (unsigned)c < COUNTERS ? names[c] : "unknown";
}

const struct pmu_row *pmu_table_rows(unsigned *n)
{
	*n = ARRAY_SIZE(rows);
	return rows;
}

const struct pmu_row *pmu_table_find(enum uarch u, enum counter c)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].uarch == u && rows[i].counter == c)
			return &rows[i];
	}
	return NULL;
}
