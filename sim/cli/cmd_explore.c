/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explore.c - `vringbench explore`: which rings move the fewest cache lines for a workload, why,
 * and how far the fewest that any ring needs are.
 */
#include "cli/cli.h"
#include "cli/explore.h"
#include "plan/ranges.h"
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- options ---- */

/* What an option of `run` has, which reads it: make_plan(). */
static int as_run(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return args_text(option, arg, to, err);
}

static int put_points(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 1, 100000000, to, err);
}

static int put_seed(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, UINT64_MAX, to, err);
}

static int put_threads(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 1, EXPLORE_THREADS, to, err);
}

static int put_bits(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, 64, to, err);
}

static int put_direction(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {[DIR_RX] = "rx", [DIR_TX] = "tx"};

	return names_choice(option, arg, names, ARRAY_SIZE(names), to, err);
}

static int put_rings(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {"known", "lab"};
	unsigned which = 0;
	int ret = names_choice(option, arg, names, ARRAY_SIZE(names), &which, err);

	*(bool *)to = which;
	return ret;
}

#define AT(member) offsetof(struct explore_args, member)

static const struct args_option options[] = {
	{"--address-bits", 0, false, "N",
	 "The floor: bits that choose a buffer's address, 0 if it follows from its place (default: 0)",
	 put_bits, AT(address_bits)},
	{"--burst", 0, false, "N|random:...", "Buffers of a burst, as of run (default: 32)", as_run,
	 AT(burst)},
	{"--device-order", 0, false, "ORDER", "As of run (default: in-order)", as_run,
	 AT(device_order)},
	{"--direction", 0, false, "rx|tx", "Default: rx", put_direction, AT(dir)},
	{"--format", 'f', false, "table|tsv|json", "On stdout (default: table)", as_run,
	 AT(format)},
	{"--instructions", 0, false, "FILE",
	 "Instructions per buffer of rings, as scripts/lab-instructions counts them (default: "
	 "results/lab/instructions-BURST.tsv, if it is there and is for this workload)",
	 args_path, AT(instructions)},
	{"--json", 'o', false, "FILE", "The session file (default: a new name below --results)",
	 as_run, AT(json)},
	{"--length-bits", 0, false, "N", "The floor: bits of a packet's length (default: 16)",
	 put_bits, AT(length_bits)},
	{"--machine", 0, false, "NAME|FILE,...",
	 "What lines cost, as of predict, up to four; gives a column ns each", args_text,
	 AT(machines)},
	{"--minimise", 0, false, "lines|ns|weighted:A:B",
	 "Transfers per buffer (default); ns on the machine, without computing, on several their mean; "
	 "or A times transfers and B times ns",
	 args_text, AT(minimise)},
	{"--outstanding", 0, false, "N",
	 "Most buffers in the ring at once (default: as many as fit)", as_run, AT(outstanding)},
	{"--payload", 0, false, "BYTES", "Default: 0, the ring alone", as_run, AT(payload)},
	{"--plots", 0, false, "DIR", "Draw the session there with gnuplot (default: do not)",
	 as_run, AT(plots)},
	{"--points", 0, false, "N",
	 "Most rings to run on the model (default: 20000); if there are more, a descent by --seed",
	 put_points, AT(points)},
	{"--protocol", 0, false, "NAME",
	 "Of the caches where lines are counted, as of run (default: mesi)", as_run, AT(protocol)},
	{"--question", 0, false, "TEXT", "What the session is to answer, for the record", as_run,
	 AT(question)},
	{"--queue-layout", 0, false, "separate|adjacent", "As of run (default: separate)", as_run,
	 AT(queue_layout)},
	{"--queues", 0, false, "N",
	 "Queue pairs, each with the workload; figures are of all their buffers (default: 1)",
	 as_run, AT(queues)},
	{"--quick", 0, false, NULL, "At most 1000 rings, whatever --points says", args_flag,
	 AT(quick)},
	{"--quiet", 'q', false, NULL, "No progress on stderr", args_flag, AT(quiet)},
	{"--results", 0, false, "DIR", "Where session files go (default: results/sessions)", as_run,
	 AT(results)},
	{"--resume", 0, false, "FILE",
	 "Go on with a session that was interrupted, or with the temporary file of a search that was "
	 "killed, with the options that it was begun with",
	 args_path, AT(resume)},
	{"--ring-size", 0, false, "N", "Default: 256", as_run, AT(ring_size)},
	{"--rings", 0, false, "known|lab",
	 "Variants under every policy (default), or all points of the family lab", put_rings,
	 AT(lab)},
	{"--seed", 0, false, "N", "Of the descent's starts (default: 1)", put_seed, AT(seed)},
	{"--space", 0, false, "FIELD=VALUE,...;...",
	 "Only these values of these fields: variant, publish, device-publish, free-list, "
	 "ring-align, device-avail, tx-header, tx-free-thresh; of lab those that "
	 "docs/lab-rings.md has",
	 args_text, AT(space)},
	{"--threads", 0, false, "N", "Default: one a CPU. The result does not depend on it",
	 put_threads, AT(threads)},
	{0},
};

/* ---- what is asked ---- */

static void add_word(struct texts *words, const char *option, const char *value)
{
	texts_add(words, "%s", option);
	texts_add(words, "%s", value);
}

/* The workload, and where results go: a line of `run`. Its cell is the ring that is varied. */
static int make_plan(struct explore *x, struct ring_conf *out, struct vrb_err *err)
{
	static const struct run_command command = {.name = "explore", .engine = ENGINE_MODEL};
	struct texts words = {0};
	struct prepared cells = {0};
	int ret;

	texts_add(&words, "explore");
	texts_add(&words, "--only");
	add_word(&words, "--variant", "baseline");
	add_word(&words, "--direction", direction_name(x->args.dir));
	add_word(&words, "--tx-header", "none");
	for (const struct args_option *o = options; o->name; o++) {
		const char *const *value = (const void *)((const char *)&x->args + o->at);

		if (o->put == as_run && *value)
			add_word(&words, o->name, *value);
	}
	if (x->args.quiet)
		texts_add(&words, "--quiet");
	ret = words.failed ? vrb_fail(err, ENOMEM, "no memory for the options")
			   : run_options_parse(&command, (int)words.n, words.v, &x->job.plan, err);
	if (!ret)
		ret = prepare_cells(&x->job.plan, &cells, err);
	x->job.plan.no_effect[0] = '\0'; /* the words are not the user's */
	if (!ret && cells.n != 1)
		ret = vrb_fail(
			err, EINVAL,
			"--ring-size, --burst, --payload: one workload is explored; legal: a value each");
	if (!ret)
		*out = cells.rings[0];
	prepared_free(&cells);
	x->words = words;
	return ret;
}

/* "lines", "ns" or "weighted:A:B". */
static int read_weights(const char *text, struct ring_load *l, struct vrb_err *err)
{
	static const char legal[] =
		"legal: lines, ns, weighted:A:B with A and B from 0 to 1000000, one of "
		"them above 0";
	char first[32];
	const char *at, *colon;

	l->weight_lines = !strcmp(text, "lines");
	l->weight_ns = !strcmp(text, "ns");
	if (l->weight_lines + l->weight_ns > 0)
		return 0;
	at = strncmp(text, "weighted:", 9) ? "" : text + 9;
	colon = strchr(at, ':');
	if (!colon || colon - at >= (int)sizeof(first))
		return vrb_fail(err, EINVAL, "--minimise '%.60s'; %s", text, legal);
	snprintf(first, sizeof(first), "%.*s", (int)(colon - at), at);
	if (ranges_real("--minimise", first, 0, 1e6, &l->weight_lines, NULL) ||
	    ranges_real("--minimise", colon + 1, 0, 1e6, &l->weight_ns, NULL) ||
	    l->weight_lines + l->weight_ns <= 0)
		return vrb_fail(err, EINVAL, "--minimise '%.60s'; %s", text, legal);
	return 0;
}

static int read_machines(const char *text, const char *json, struct ring_load *l,
			 struct vrb_err *err)
{
	char *copy = strdup(text), *rest = copy;
	int ret = copy ? 0 : vrb_fail(err, ENOMEM, "no memory for --machine");

	for (char *name; !ret && (name = strsep(&rest, ",")) != NULL;) {
		struct ring_machine *m = &l->on[l->machines];
		char file[PATH_MAX];
		const char *path = latency_path(name, file);

		if (l->machines == RING_MACHINES)
			ret = vrb_fail(err, EINVAL, "--machine %.200s; legal: at most %d", text,
				       RING_MACHINES);
		else
			ret = whole_apart("--json", json, "--machine", &path, 1, err);
		if (!ret)
			ret = latency_find(name, &m->machine, &m->place, err);
		l->machines += !ret;
	}
	free(copy);
	return ret;
}

static int make_space(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = &x->args;
	struct ring_load load = {.lab = a->lab};
	int ret = read_weights(a->minimise ? a->minimise : "lines", &load, err);

	if (!ret)
		ret = make_plan(x, &load.ring, err);
	if (!ret && a->machines)
		ret = read_machines(a->machines, a->json, &load, err);
	if (!ret && load.weight_ns > 0 && !a->machines)
		ret = vrb_fail(err, EINVAL,
			       "--minimise %s needs --machine: list --machines names them",
			       a->minimise);
	if (ret)
		return ret;
	load.protocol = x->job.plan.model.protocol;
	ring_space_open(&x->space, &load);
	return a->space ? space_restrict(&x->space.space, x->space.fields, a->space, err) : 0;
}

static int open_instructions(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = &x->args;
	char usual[64];
	int ret = whole_apart("--json", a->json, "--instructions", &a->instructions, 1, err);

	snprintf(usual, sizeof(usual), "results/lab/instructions-%u.tsv", x->space.load.ring.burst);
	x->job.plan.instructions_path = a->instructions;
	return ret ? ret
		   : instruction_table_open(&x->job.plan, &x->job.cells, true, usual,
					    &x->instructions, err);
}

/* RX packets carry their lengths, and postings the addresses; of TX the packets carry both. */
static struct floor floor_for(const struct explore *x)
{
	const struct explore_args *a = &x->args;
	const struct ring_conf *c = &x->space.load.ring;
	const uint32_t address = (uint32_t)a->address_bits, length = (uint32_t)a->length_bits;
	const uint32_t room = c->policy.outstanding ? c->policy.outstanding : c->ring_size;
	/* bursts that one transfer may tell of */
	const uint32_t waits = ring_space_waits(&x->space);

	return floor_of(
		&(struct floor_load){.burst = c->burst * waits < room ? c->burst * waits : room,
				     .least = waits > 1 ? 0 : c->burst_least,
				     .capacity = room,
				     .line = CACHE_LINE,
				     .packet_bits = a->dir == DIR_TX ? address + length : length,
				     .buffer_bits = a->dir == DIR_TX ? 0 : address});
}

static int explore_plan(struct job *j, int argc, char **argv, struct vrb_err *err)
{
	static const struct args_command command = {
		.name = "explore",
		.options = options,
		.doc = "Runs the rings that there are under every policy that changes what moves "
		       "on the model of the caches, in lockstep, every buffer verified, and prints "
		       "those that need the fewest transfers, or the fewest accesses at as many; "
		       "which field of the winner saves what; and the floor: the fewest transfers "
		       "that any ring needs (docs/better-ring.md). Packets and their headers are not "
		       "counted. Deterministic.\n\n"
		       "Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 the session "
		       "could not be written, 130 interrupted: what was run until then is printed, and kept, "
		       "for --resume."};
	struct explore *x = (struct explore *)j;
	struct explore_args *a = &x->args;
	int ret;

	*a = (struct explore_args){.seed = 1, .length_bits = 16, .points = EXPLORE_POINTS};
	ret = args_read(&command, argc, argv, a, NULL, err);
	if (!ret && a->quick && a->points > EXPLORE_QUICK)
		a->points = EXPLORE_QUICK;
	if (!ret)
		ret = make_space(x, err);
	if (!ret)
		ret = open_instructions(x, err);
	if (ret)
		return ret;
	args_command_line("vringbench explore", argc, argv, j->plan.command,
			  sizeof(j->plan.command));
	x->floor = floor_for(x);
	return a->resume ? explore_resume(x, err) : 0;
}

static int prepare(struct job *j, struct vrb_err *err)
{
	struct explore *x = (struct explore *)j;
	const struct explore_args *a = &x->args;
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int ret = 0;

	x->threads = a->threads		      ? (unsigned)a->threads
		     : cpus < 1		      ? 1
		     : cpus > EXPLORE_THREADS ? EXPLORE_THREADS
					      : (unsigned)cpus;
	for (unsigned i = 0; i < x->threads && !ret; i++)
		ret = ring_bench_open(&x->bench[i], &x->space, err);
	return ret;
}

/* ---- the run ---- */

/* Between two batches. What is known is in the temporary file, should the process be killed. */
static bool step(void *arg, uint64_t done)
{
	struct explore *x = arg;

	if (!x->job.plan.quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%lu rings ", done);
	explore_keep(x);
	/* not before all that --resume knows is here, too: this session may take the place of that one */
	return session_error(x->job.writer) || (done >= x->nknown && prepare_interrupted());
}

static int search(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = &x->args;
	const struct search_conf conf = {.points = a->points,
					 .seed = a->seed,
					 .threads = x->threads,
					 .contexts = (void *const *)x->bench,
					 .step = step,
					 .step_arg = x,
					 .stop = prepare_interrupted,
					 .known = x->known,
					 .nknown = x->nknown};
	const int ret = search_run(&x->space.space, &conf, &x->found, err);

	if (!x->job.plan.quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	return ret;
}

static int run(struct job *j, struct vrb_err *err)
{
	struct explore *x = (struct explore *)j;
	int ret = search(x, err);

	return explore_session(x, ret, err);
}

static void explore_close(struct job *j)
{
	struct explore *x = (struct explore *)j;

	for (unsigned i = 0; i < x->threads; i++)
		ring_bench_close(x->bench[i]);
	search_close(&x->found);
	texts_free(&x->words);
	instruction_table_close(x->instructions);
	free(x->known);
}

const struct job_kind job_explore = {.size = sizeof(struct explore),
				     .plan = explore_plan,
				     .present = report_rows,
				     .prepare = prepare,
				     .run = run,
				     .head = explore_head,
				     .close = explore_close};
