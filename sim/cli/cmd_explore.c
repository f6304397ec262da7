/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explore.c - `vringbench explore`: which rings move the fewest cache lines for a workload, why,
 * and how far the fewest that any ring needs are.
 */
#include "cli/cli.h"
#include "cli/explore.h"
#include "plan/options.h"
#include "plan/ranges.h"
#include "present/report.h"
#include "run/prepare.h"
#include "texts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- options ---- */

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
	ARGS_FORMAT(AT(format)),
	{"--address-bits", 0, false, "N",
	 "The floor: bits that choose a buffer's address, 0 if it follows from its place (default: 0)",
	 put_bits, AT(address_bits)},
	{"--burst", 0, false, "N|random:...", "Buffers of a burst, as of run (default: 32)",
	 args_text, AT(burst)},
	{"--device-order", 0, false, "ORDER", "As of run (default: in-order)", args_text,
	 AT(device_order)},
	{"--direction", 0, false, "rx|tx", "Default: rx", put_direction, AT(dir)},
	{"--json", 0, false, "FILE", "Write a session, for table, plot and report", args_path,
	 AT(json_path)},
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
	 "Most buffers in the ring at once (default: as many as fit)", args_text, AT(outstanding)},
	{"--payload", 0, false, "BYTES", "Default: 0, the ring alone", args_text, AT(payload)},
	{"--points", 0, false, "N",
	 "Most rings to run on the model (default: 20000); if there are more, a descent by --seed",
	 put_points, AT(points)},
	{"--protocol", 0, false, "NAME",
	 "Of the caches where lines are counted, as of run (default: mesi)", args_text,
	 AT(protocol)},
	{"--queue-layout", 0, false, "separate|adjacent", "As of run (default: separate)",
	 args_text, AT(queue_layout)},
	{"--queues", 0, false, "N",
	 "Queue pairs, each with the workload; figures are of all their buffers (default: 1)",
	 args_text, AT(queues)},
	{"--quick", 0, false, NULL, "At most 1000 rings", args_flag, AT(quick)},
	{"--quiet", 'q', false, NULL, "No progress on stderr", args_flag, AT(quiet)},
	{"--resume", 0, false, "FILE",
	 "Go on with a session that was interrupted, with the options that it was begun with",
	 args_path, AT(resume)},
	{"--ring-size", 0, false, "N", "Default: 256", args_text, AT(ring_size)},
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
	if (value) {
		texts_add(words, "%s", option);
		texts_add(words, "%s", value);
	}
}

/* The workload, as the options of `run` have it. */
static void add_load(struct texts *words, const struct explore_args *a)
{
	add_word(words, "--ring-size", a->ring_size);
	add_word(words, "--burst", a->burst);
	add_word(words, "--payload", a->payload);
	add_word(words, "--outstanding", a->outstanding);
	add_word(words, "--device-order", a->device_order);
	add_word(words, "--queues", a->queues);
	add_word(words, "--queue-layout", a->queue_layout);
	add_word(words, "--protocol", a->protocol);
}

/* The command again, by what decides the result. */
static void put_command(struct explore *x)
{
	const struct explore_args *a = x->args;
	const struct {
		const char *option;
		uint64_t v, usual;
	} numbers[] = {{"--points", a->points, EXPLORE_POINTS},
		       {"--seed", a->seed, 1},
		       {"--address-bits", a->address_bits, 0},
		       {"--length-bits", a->length_bits, 16}};
	struct texts words = {0};

	texts_add(&words, "explore");
	add_word(&words, "--rings", a->lab ? "lab" : NULL);
	add_word(&words, "--direction", direction_name(a->dir));
	add_load(&words, a);
	add_word(&words, "--machine", a->machines);
	add_word(&words, "--minimise", a->minimise);
	add_word(&words, "--space", a->space);
	for_each (n, numbers, ARRAY_SIZE(numbers)) {
		char text[24];

		snprintf(text, sizeof(text), "%lu", n->v);
		add_word(&words, n->option, n->v != n->usual ? text : NULL);
	}
	if (!words.failed)
		args_command_line("vringbench explore", (int)words.n, words.v, x->plan.command,
				  sizeof(x->plan.command));
	texts_free(&words);
}

/* The workload, by the options of `run`. */
static int make_plan(struct explore *x, struct ring_conf *out, struct vrb_err *err)
{
	static const struct run_command command = {.name = "explore", .engine = ENGINE_MODEL};
	const struct explore_args *a = x->args;
	struct texts words = {0};
	struct prepared cells = {0};
	int ret;

	texts_add(&words, "explore");
	texts_add(&words, "--only");
	add_word(&words, "--variant", "baseline");
	add_word(&words, "--direction", direction_name(a->dir));
	add_word(&words, "--tx-header", "none");
	add_load(&words, a);
	ret = words.failed ? vrb_fail(err, ENOMEM, "no memory for the options")
			   : run_options_parse(&command, (int)words.n, words.v, &x->plan, err);
	if (!ret)
		ret = prepare_cells(&x->plan, &cells, err);
	if (!ret && cells.n != 1)
		ret = vrb_fail(
			err, EINVAL,
			"--ring-size, --burst, --payload: one workload is explored; legal: a value each");
	if (!ret)
		*out = cells.rings[0];
	prepared_free(&cells);
	texts_free(&words);
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

static int read_machines(const char *text, struct ring_load *l, struct vrb_err *err)
{
	char *copy = strdup(text), *rest = copy;
	int ret = copy ? 0 : vrb_fail(err, ENOMEM, "no memory for --machine");

	for (char *name; !ret && (name = strsep(&rest, ",")) != NULL;) {
		struct ring_machine *m = &l->on[l->machines];

		if (l->machines == RING_MACHINES)
			ret = vrb_fail(err, EINVAL, "--machine %.200s; legal: at most %d", text,
				       RING_MACHINES);
		else
			ret = latency_find(name, &m->machine, &m->place, err);
		l->machines += !ret;
	}
	free(copy);
	return ret;
}

static int make_space(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = x->args;
	struct ring_load load = {.lab = a->lab};
	int ret = read_weights(a->minimise ? a->minimise : "lines", &load, err);

	if (!ret)
		ret = make_plan(x, &load.ring, err);
	if (!ret && a->machines)
		ret = read_machines(a->machines, &load, err);
	if (!ret && load.weight_ns > 0 && !a->machines)
		ret = vrb_fail(err, EINVAL,
			       "--minimise %s needs --machine: list --machines names them",
			       a->minimise);
	if (ret)
		return ret;
	load.protocol = x->plan.model.protocol;
	ring_space_open(&x->space, &load);
	return a->space ? space_restrict(&x->space.space, x->space.fields, a->space, err) : 0;
}

/* RX packets carry their lengths, and postings the addresses; of TX the packets carry both. */
static struct floor floor_for(const struct explore *x)
{
	const struct explore_args *a = x->args;
	const struct ring_conf *c = &x->space.load.ring;
	const uint32_t address = (uint32_t)a->address_bits, length = (uint32_t)a->length_bits;
	const uint32_t room = c->policy.outstanding ? c->policy.outstanding : c->ring_size;

	return floor_of(
		&(struct floor_load){.burst = c->burst,
				     .least = c->burst_least,
				     .capacity = room,
				     .line = CACHE_LINE,
				     .packet_bits = a->dir == DIR_TX ? address + length : length,
				     .buffer_bits = a->dir == DIR_TX ? 0 : address});
}

/* ---- the run ---- */

static bool step(void *arg, uint64_t done)
{
	const struct explore *x = arg;

	if (!x->args->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%lu rings ", done);
	return prepare_interrupted();
}

static int search(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = x->args;
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct search_conf conf = {.points = a->points,
				   .seed = a->seed,
				   .step = step,
				   .step_arg = x,
				   .stop = prepare_interrupted,
				   .known = x->known,
				   .nknown = x->nknown};
	int ret = 0;

	x->threads = a->threads		      ? (unsigned)a->threads
		     : cpus < 1		      ? 1
		     : cpus > EXPLORE_THREADS ? EXPLORE_THREADS
					      : (unsigned)cpus;
	for (unsigned i = 0; i < x->threads && !ret; i++)
		ret = ring_bench_open(&x->bench[i], &x->space, err);
	if (ret)
		return ret;
	conf.threads = x->threads;
	conf.contexts = (void *const *)x->bench;
	ret = search_run(&x->space.space, &conf, &x->found, err);
	if (!a->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	return ret;
}

/* ---- what it leaves ---- */

static int show(const struct explore *x, const struct session *s, struct vrb_err *err)
{
	struct summary sum;
	int ret = summary_make(s, &sum, err);

	if (ret)
		return ret;
	ret = report_rows(stdout, s, &sum, x->args->format, err);
	summary_free(&sum);
	return ret;
}

/* The session, if it is wanted, and what is printed of it. @code: out. */
static int leave(struct explore *x, struct session_writer **w, enum vrb_exit *code,
		 struct vrb_err *err)
{
	struct session s;
	int ret = explore_session(x, &s, err);

	if (ret)
		return ret;
	if (*w) {
		session_put_all(*w, &s);
		ret = session_commit(*w, s.status, NULL, 0, err);
		*w = NULL;
		*code = ret ? EXIT_NOT_WRITTEN : *code;
	}
	if (!ret)
		ret = show(x, &s, err);
	session_free(&s);
	return ret;
}

static enum vrb_exit exit_of(const struct explore *x, int ret)
{
	if (ret)
		return ret == -EBADMSG ? EXIT_INVALID
		       : ret == -EINTR ? EXIT_INTERRUPTED
				       : EXIT_USAGE;
	if (x->found.interrupted)
		return EXIT_INTERRUPTED;
	return fflush(stdout) || ferror(stdout) ? EXIT_NOT_WRITTEN : EXIT_DONE;
}

static enum vrb_exit explore(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct explore *x = calloc(1, sizeof(*x));
	struct explore_args *a = asked;
	struct session_writer *w = NULL;
	enum vrb_exit code = EXIT_DONE;
	int ret = 0;

	(void)operands;
	if (!x) {
		vrb_fail(err, ENOMEM, "no memory");
		return EXIT_USAGE;
	}
	x->args = a;
	if (a->quick && a->points)
		ret = vrb_fail(err, EINVAL, "--quick is --points %d: one of the two",
			       EXPLORE_QUICK);
	a->points = a->points ? a->points : a->quick ? EXPLORE_QUICK : EXPLORE_POINTS;
	prepare_signals(true);
	if (!ret)
		ret = make_space(x, err);
	if (!ret) {
		x->floor = floor_for(x);
		put_command(x);
	}
	if (!ret && a->resume)
		ret = explore_resume(x, err);
	if (!ret && a->json_path)
		ret = session_create(&w, a->json_path, NULL, err);
	if (!ret)
		ret = search(x, err);
	if (!ret)
		ret = leave(x, &w, &code, err);
	if (code == EXIT_DONE)
		code = exit_of(x, ret);
	session_abandon(w);
	for (unsigned i = 0; i < x->threads; i++)
		ring_bench_close(x->bench[i]);
	search_close(&x->found);
	prepare_signals(false);
	free(x->known);
	free(x);
	return code;
}

static const struct explore_args defaults = {.seed = 1, .length_bits = 16};

const struct tool tool_explore = {
	.args = {.name = "explore",
		 .options = options,
		 .doc = "Runs the rings that there are under every policy that changes what moves "
			"on the model of the caches, in lockstep, every buffer verified, and prints "
			"those that need the fewest transfers, or the fewest accesses at as many; "
			"which field of the winner saves what; and the floor: the fewest transfers "
			"that any ring needs (docs/better-ring.md). Packets and their headers are not "
			"counted. Deterministic.\n\n"
			"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 the session "
			"could not be written, 130 interrupted: what was run until then is printed, and with "
			"--json kept, for --resume."},
	.size = sizeof(struct explore_args),
	.defaults = &defaults,
	.run = explore,
};
