/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan.h - what the user asked for, checked and complete: the only thing that leaves cli/.
 */
#ifndef VRB_PLAN_H
#define VRB_PLAN_H

#include "cell.h"
#include "engine/model.h"
#include "engine/relocate.h"
#include "host/memory.h"
#include "host/perfctl.h"
#include "host/perfctr.h"
#include "host/placement.h"
#include "names.h"
#include "ring/policy.h"
#include "ring/variants.h"

enum engine_kind { ENGINE_NATIVE, ENGINE_ONE_CORE, ENGINE_MODEL, ENGINE_PROCESS, ENGINE_KINDS };

/* Do the sides run at the same time, each on a CPU of its own? */
static inline bool engine_is_two_cpus(enum engine_kind e)
{
	return e == ENGINE_NATIVE || e == ENGINE_PROCESS;
}

/* "native", "one-core", "model", "process". */
const char *engine_name(enum engine_kind v);

/* In which samples the counters run. */
enum count_mode { COUNT_NONE, COUNT_ALL, COUNT_NULL_ROW, COUNT_MODES };

/* "none", "all", "null-row". */
const char *count_mode_name(enum count_mode v);

#define PLAN_LIST_MAX	  64
#define PLAN_VARIANTS_MAX 32
#define PLAN_LEFT_OUT_MAX 16
#define PLAN_CELLS_MAX	  65536

struct step;

/* A list option: values in the order given, no duplicates. */
struct plan_list {
	uint32_t v[PLAN_LIST_MAX];
	unsigned n;
};

struct plan {
	/* what */
	const struct variant *variants
		[PLAN_VARIANTS_MAX]; /* baseline first, without the null row; with a fault to inject only those named */
	unsigned nvariants;
	bool only;	   /* the variants named and nothing else: no baseline, no null row */
	bool all_variants; /* --variant all: leave out, and say so, what a policy forbids */
	bool no_baseline;  /* a point of a sweep where baseline may not run: no ratios there */
	char left_out[PLAN_LEFT_OUT_MAX][160]; /* what was left out and why, a line each */
	unsigned nleft_out;
	unsigned directions; /* bits 1 << DIR_x */
	char no_effect
		[100]; /* options that are of the other one: "--rx-room"; a plan's defaults may be for other steps */
	struct plan_list ring_sizes, bursts, payloads;
	uint32_t
		burst_least; /* bursts are drawn from it up to those of the list; 0: they are not */
	uint64_t burst_seed;
	struct ring_policy policy;
	enum ring_align align;
	uint32_t start_idx; /* first value of avail->idx and used->idx */
	enum simd simd;	    /* resolved, never SIMD_AUTO */

	/* where */
	enum engine_kind engine;
	struct cpu_pair pair;		   /* native only */
	bool pair_by_number;		   /* --cpus, not --pair */
	struct cpu_pair pairs[QUEUES_MAX]; /* the same of each queue pair, the first with pair */
	enum page_kind pages;
	int mem_node;		 /* NODE_ANY: not bound */
	enum relocated relocate; /* native only: what moves to other pages in each round */
	uint32_t restarts;	 /* process: of a device, in a launch */
	uint32_t page_sets;	 /* how many places it has; 0: nothing moves */
	struct model_conf model; /* model only */
	unsigned places;	 /* bit i: predict for model.machine.places[i] */

	/* what else is counted; native only */
	enum count_mode count;
	struct perfctr_conf counters;
	struct perfctl_conf perfctl; /* .on: false: no perf around us */
	bool hold;		     /* let somebody join before the first sample */
	bool strict;		     /* a disturbed session is an error */

	/* how buffers are sent; latency only */
	unsigned paces;		/* bits 1 << PACE_x; 0: PACE_FULL, and nothing is timed by itself */
	struct plan_list rates; /* open loop: buffers per second */
	const char *hgrm_dir;	/* NULL: no percentile distributions as files */

	/* how much */
	unsigned rounds, launches; /* rounds: in each launch */
	uint64_t buffers;	   /* a sample; 0: each round is sized for sample_ms */
	double sample_ms;
	double time_limit_s; /* no round begins after it; 0: none */
	uint64_t seed;
	double margin; /* for --strict null rows' intervals must lie within 1 +- margin */

	/* out */
	enum output_format format;
	const char *json_path;	       /* NULL: a new name under results_dir */
	const char *results_dir;       /* "results/sessions" */
	const char *plots_dir;	       /* NULL: no plots */
	const char *trace_path;	       /* model only; NULL: no trace */
	const char *instructions_path; /* a table of instruction counts; NULL: the usual one */
	const char *against_path;      /* predict only: a session that measured; NULL: none */
	const char *
		computing_path; /* predict only: an older prediction, whose computing is taken; NULL: measure */
	char command[1024];   /* as typed, for the record */
	bool quiet;	      /* no progress */
	const char *question; /* what is to be answered, for the record; NULL: not given */
	struct step *step;    /* of a plan file (cli/step.h); NULL: a command by itself */
};

/*
 * plan_compares - are ratios to baseline taken? Not of a fault to inject, and not of --only.
 * plan_null_rows - and how many copies of baseline are there beside it? The model gives them the same
 * numbers: nothing to learn from them.
 */
bool plan_compares(const struct plan *plan);
unsigned plan_null_rows(const struct plan *plan);

/**
 * plan_cells - every cell of the plan.
 * @cells: out; plan_cell_count() entries, ids 0.., groups in the order direction, ring
 * size, burst, payload, pace, rate; within a group baseline, the variants, the null row last; without
 * comparing, only the variants that were named.
 */
unsigned plan_cell_count(const struct plan *plan);
void plan_cells(const struct plan *plan, struct cell *cells);

#endif
