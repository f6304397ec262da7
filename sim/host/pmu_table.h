/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pmu_table.h - which event of a microarchitecture counts what we ask for.
 *
 * The rows are made by scripts/pmu-table from sim/host/pmu_events.csv (raw codes, each with its
 * source) and sim/host/pmu_choice.csv (which of them stands for which of our counters).
 */
#ifndef VRB_PMU_TABLE_H
#define VRB_PMU_TABLE_H

#include "host/uarch.h"

/* What we ask for: seen from one core. */
enum counter {
	COUNTER_XFER_IN_RD,  /* lines that a read of mine took from another core's cache */
	COUNTER_XFER_IN_RFO, /* lines that a store of mine took from there */
	COUNTER_XFER_IN_ANY, /* lines that came from there, whatever asked for them */
	COUNTER_INVAL_IN,    /* lines that another core took away from me */
	COUNTER_CYCLES,
	COUNTER_INSTRUCTIONS,
	COUNTERS
};

/* "xfer_in_rd", ..., "cycles", "instructions". */
const char *counter_name(enum counter c);

/* How near it comes. Of either kind, the note says which lines are missed for all that. */
enum pmu_quality {
	PMU_EXACT,	 /* counts just that */
	PMU_UPPER_BOUND, /* counts that and something else: never less */
	PMU_UNAVAILABLE, /* no event of this microarchitecture comes near it */
};

struct pmu_row {
	enum uarch uarch;
	enum counter counter;
	enum pmu_quality quality;
	/*
	 * "cpu": PERF_TYPE_RAW, the core's PMU whatever the kernel calls it (on Arm not "cpu").
	 * "cpu_core", "cpu_atom": of a hybrid CPU, the type stands in sysfs; where the kernel shows
	 * neither (small cores only, a virtual machine), PERF_TYPE_RAW. "": unavailable.
	 */
	const char *pmu;
	/* The vendor's name; "A.B + C" is A.B and A.C, unit masks counted together. */
	const char *event;
	uint64_t config, config1; /* of perf_event_attr; 0 where unavailable */
	const char *note;	  /* what else it counts, what it misses, or why there is none */
	const char *source;	  /* of the code, as pmu_events.csv has it */
};

/**
 * pmu_table_find - the row of a counter; NULL: not in the table (the microarchitecture is not,
 * or the counter is cycles or instructions, which perf has by itself).
 */
const struct pmu_row *pmu_table_find(enum uarch u, enum counter c);

/** pmu_table_rows - all of them. @n: out. */
const struct pmu_row *pmu_table_rows(unsigned *n);

#endif
