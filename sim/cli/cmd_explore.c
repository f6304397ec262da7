/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_explore.c - `vringbench explore`: which rings move the fewest cache lines for a workload, why,
 * and how far the fewest that any ring needs are.
 */
#include "cli/cli.h"
#include "explore/floor.h"
#include "explore/rings.h"
#include "plan/ranges.h"
#include "run/prepare.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the way to the winner begins. */
static const char *from_of(bool lab)
{
	return lab ? "lab-packed-in-order" : "packed+in-order";
}

#define POINTS	     20000
#define QUICK_POINTS 1000
#define THREADS_MAX  256

enum minimise { MINIMISE_LINES, MINIMISE_NS };

struct explore_args {
	enum output_format format;
	enum direction dir;
	uint64_t burst, ring_size, payload, points, seed, threads, address_bits, length_bits;
	const char *machine, *space;
	enum minimise minimise;
	bool lab, quick, quiet;
};

/* All that one exploration owns. */
struct explore {
	const struct explore_args *args;
	struct ring_space space;
	struct search found;
	struct ring_bench *bench[THREADS_MAX];
	unsigned threads;
	struct floor floor;
};

/* ---- options ---- */

static int put_burst(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 1, RING_SIZE_MAX, to, err);
}

static int put_payload(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, PAYLOAD_MAX, to, err);
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
	return ranges_u64(option, arg, 1, THREADS_MAX, to, err);
}

static int put_bits(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, 64, to, err);
}

static int put_ring_size(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	uint64_t n = 0;
	int ret = ranges_u64(option, arg, RING_SIZE_MIN, RING_SIZE_MAX, &n, err);

	if (!ret && (n & (n - 1)))
		ret = vrb_fail(err, EINVAL, "%s '%s': a power of 2 from %d to %d", option, arg,
			       RING_SIZE_MIN, RING_SIZE_MAX);
	*(uint64_t *)to = n;
	return ret;
}

static int put_direction(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {[DIR_RX] = "rx", [DIR_TX] = "tx"};

	return names_choice(option, arg, names, ARRAY_SIZE(names), to, err);
}

static int put_minimise(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {[MINIMISE_LINES] = "lines", [MINIMISE_NS] = "ns"};

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
	{"--burst", 0, false, "N", "Buffers of a burst (default: 32)", put_burst, AT(burst)},
	{"--direction", 0, false, "rx|tx", "Default: rx", put_direction, AT(dir)},
	{"--length-bits", 0, false, "N", "The floor: bits of a packet's length (default: 16)",
	 put_bits, AT(length_bits)},
	{"--machine", 0, false, "NAME|FILE", "What lines cost, as of predict; gives a column ns",
	 args_text, AT(machine)},
	{"--minimise", 0, false, "lines|ns",
	 "Transfers per buffer (default), or ns on the machine, without computing", put_minimise,
	 AT(minimise)},
	{"--payload", 0, false, "BYTES", "Default: 0, the ring alone", put_payload, AT(payload)},
	{"--points", 0, false, "N",
	 "Most rings to run on the model (default: 20000); if there are more, a descent by --seed",
	 put_points, AT(points)},
	{"--quick", 0, false, NULL, "At most 1000 rings", args_flag, AT(quick)},
	{"--rings", 0, false, "known|lab",
	 "Variants under every policy (default), or all points of the family lab", put_rings,
	 AT(lab)},
	{"--quiet", 'q', false, NULL, "No progress on stderr", args_flag, AT(quiet)},
	{"--ring-size", 0, false, "N", "Default: 256", put_ring_size, AT(ring_size)},
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

/* ---- the run ---- */

static bool step(void *arg, uint64_t done)
{
	const struct explore *x = arg;

	if (!x->args->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%lu rings ", done);
	return prepare_interrupted();
}

static int make_space(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = x->args;
	struct ring_load load = {.dir = a->dir,
				 .ring_size = (uint32_t)a->ring_size,
				 .burst = (uint32_t)a->burst,
				 .payload = (uint32_t)a->payload,
				 .timed = a->machine,
				 .lab = a->lab};
	int ret = 0;

	if (a->quick && a->points)
		return vrb_fail(err, EINVAL, "--quick is --points %d: one of the two",
				QUICK_POINTS);
	if (a->minimise == MINIMISE_NS && !a->machine)
		return vrb_fail(err, EINVAL,
				"--minimise ns needs --machine: list --machines names them");
	if (a->machine)
		ret = latency_find(a->machine, &load.machine, &load.place, err);
	if (ret)
		return ret;
	load.first_ns = a->minimise == MINIMISE_NS;
	ring_space_open(&x->space, &load);
	return a->space ? space_restrict(&x->space.space, x->space.fields, a->space, err) : 0;
}

static int search(struct explore *x, struct vrb_err *err)
{
	const struct explore_args *a = x->args;
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct search_conf conf = {.points = a->points,
				   .seed = a->seed,
				   .step = step,
				   .step_arg = x,
				   .stop = prepare_interrupted};
	int ret = 0;

	if (!conf.points)
		conf.points = a->quick ? QUICK_POINTS : POINTS;
	x->threads = a->threads		  ? (unsigned)a->threads
		     : cpus < 1		  ? 1
		     : cpus > THREADS_MAX ? THREADS_MAX
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

/* ---- what is printed ---- */

/* A row: a ring, what it is here, and what it costs. */
struct row {
	const char *role; /* "front", "winner", "step" */
	char text[RING_TEXT];
	struct ring_cost cost;
	char moved[256]; /* which regions' transfers changed since the row before; a step */
};

struct rows {
	struct row *v;
	unsigned n;
};

static int add_row(struct explore *x, struct rows *rows, const char *role, const struct point *p,
		   struct vrb_err *err)
{
	struct row *more = realloc(rows->v, (rows->n + 1) * sizeof(*rows->v));
	struct row *r;

	if (!more) {
		vrb_fail(err, ENOMEM, "no memory for the table");
		return -ENOMEM;
	}
	rows->v = more;
	r = &more[rows->n++];
	*r = (struct row){.role = role};
	ring_space_text(&x->space, p, r->text);
	return ring_bench_cost(&x->space, x->bench[0], p, &r->cost, err);
}

static void tell_moved(struct row *r, const struct row *before)
{
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const double by = r->cost.region[i] - before->cost.region[i];

		if (by >= .0005 || by <= -.0005)
			text_add(r->moved, sizeof(r->moved), "%s%s %+.3f", *r->moved ? ", " : "",
				 ring_region_name((enum ring_region)i), by);
	}
}

/* The front by lines, the winner, and the way to it from FROM. */
static int make_rows(struct explore *x, struct rows *rows, struct vrb_err *err)
{
	const struct search *f = &x->found;
	const struct point best = space_point(&x->space.space, f->points[f->best].number);
	struct point from, steps[SPACE_FIELDS + 1];
	int ret = 0, n;

	for (uint64_t i = 0; i < f->n && !ret; i++) {
		const struct point p = space_point(&x->space.space, f->points[i].number);

		if (f->points[i].front)
			ret = add_row(x, rows, "front", &p, err);
	}
	if (!ret)
		ret = add_row(x, rows, "winner", &best, err);
	/* the way costs more runs */
	if (ret || f->interrupted || !ring_space_find(&x->space, from_of(x->args->lab), &from))
		return ret;
	n = search_path(&x->space.space, x->bench[0], &from, &best, steps, err);
	for (int i = 0; i < n && !ret; i++) {
		ret = add_row(x, rows, "step", &steps[i], err);
		if (i && !ret)
			tell_moved(&rows->v[rows->n - 1], &rows->v[rows->n - 2]);
	}
	/* where no single field leads on, the rest changes at once */
	if (!ret && n > 0 && memcmp(&steps[n - 1], &best, sizeof(best)) != 0) {
		ret = add_row(x, rows, "step", &best, err);
		if (!ret)
			tell_moved(&rows->v[rows->n - 1], &rows->v[rows->n - 2]);
	}
	return n < 0 ? n : ret;
}

/* By accesses, which fall along a front as what it minimises rises. */
static int by_accesses(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->cost.busier < y->cost.busier) - (x->cost.busier > y->cost.busier);
}

static void print_tsv(const struct explore *x, const struct rows *rows)
{
	printf("role\tring\ttransfers\tupgrades\taccesses\tns\tmoved\n");
	printf("floor\t\t%.6f\t\t\t\t\n", x->floor.packets + x->floor.buffers);
	for_each (r, rows->v, rows->n) {
		printf("%s\t%s\t%.6f\t%.6f\t%.6f\t", r->role, r->text, r->cost.lines,
		       r->cost.upgrades, r->cost.busier);
		if (x->args->machine)
			printf("%.3f", r->cost.ns);
		printf("\t%s\n", r->moved);
	}
}

static void print_json(const struct explore *x, const struct rows *rows)
{
	json_t *list = json_array(), *all, *excluded = json_array();

	for_each (e, x->found.excluded, x->found.nexcluded)
		json_array_append_new(excluded, json_pack("{s:s,s:I}", "why", e->why, "points",
							  (json_int_t)e->points));
	for_each (r, rows->v, rows->n) {
		json_t *row = json_pack("{s:s,s:s,s:f,s:f,s:f}", "role", r->role, "ring", r->text,
					"transfers", r->cost.lines, "upgrades", r->cost.upgrades,
					"accesses", r->cost.busier);

		if (x->args->machine)
			json_object_set_new(row, "ns", json_real(r->cost.ns));
		if (*r->moved)
			json_object_set_new(row, "moved", json_string(r->moved));
		json_array_append_new(list, row);
	}
	all = json_pack("{s:I,s:I,s:b,s:b,s:{s:f,s:f},s:o,s:o}", "points",
			(json_int_t)x->found.size, "costed", (json_int_t)x->found.n, "exhaustive",
			x->found.exhaustive, "interrupted", x->found.interrupted, "floor",
			"packets", x->floor.packets, "buffers", x->floor.buffers, "excluded",
			excluded, "rows", list);
	json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(8));
	putchar('\n');
	json_decref(all);
}

static void print_part(const struct explore *x, const struct rows *rows, const char *role,
		       const char *title)
{
	int width = 4;

	for_each (r, rows->v, rows->n) {
		if (!strcmp(r->role, role) && (int)strlen(r->text) > width)
			width = (int)strlen(r->text);
	}
	printf("\n%s\n  %-*s  transfers  upgrades  accesses%s\n", title, width, "ring",
	       x->args->machine ? "       ns" : "");
	for_each (r, rows->v, rows->n) {
		if (strcmp(r->role, role) != 0)
			continue;
		printf("  %-*s  %9.3f  %8.3f  %8.3f", width, r->text, r->cost.lines,
		       r->cost.upgrades, r->cost.busier);
		if (x->args->machine)
			printf("  %7.2f", r->cost.ns);
		printf("%s%s\n", *r->moved ? "  " : "", r->moved);
	}
}

static void print_table(const struct explore *x, const struct rows *rows)
{
	const struct explore_args *a = x->args;
	const struct search *f = &x->found;
	const double least = x->floor.packets + x->floor.buffers;
	const struct row *winner = rows->v;
	char way[96];

	while (strcmp(winner->role, "winner") != 0)
		winner++;
	printf("%s, ring %lu, burst %lu, payload %lu B: %lu rings, %lu run on the model%s\n",
	       direction_name(a->dir), a->ring_size, a->burst, a->payload, f->size, f->n,
	       f->interrupted  ? "; interrupted"
	       : f->exhaustive ? ", all that are legal"
			       : "; the rest was not looked at");
	for_each (e, f->excluded, f->nexcluded)
		printf("  excluded %6lu: %s\n", e->points, e->why);
	print_part(x, rows, "front",
		   a->minimise == MINIMISE_NS
			   ? "front: ns against accesses of the busier side, per buffer"
			   : "front: transfers against accesses of the busier side, per buffer");
	snprintf(way, sizeof(way), "from %s to the winner, a field a row; transfers by region",
		 from_of(a->lab));
	print_part(x, rows, "step", way);
	printf("\nfloor      %.3f transfers per buffer: %.3f bring packets, %.3f empty buffers\n"
	       "winner     %.3f, %.1f times the floor: %s\n",
	       least, x->floor.packets, x->floor.buffers, winner->cost.lines,
	       winner->cost.lines / least, winner->text);
}

static int show(struct explore *x, struct vrb_err *err)
{
	struct rows rows = {0};
	int ret = make_rows(x, &rows, err);
	unsigned front = 0;

	while (front < rows.n && !strcmp(rows.v[front].role, "front"))
		front++;
	if (!ret) {
		qsort(rows.v, front, sizeof(*rows.v), by_accesses);
		if (x->args->format == FORMAT_TSV)
			print_tsv(x, &rows);
		else if (x->args->format == FORMAT_JSON)
			print_json(x, &rows);
		else
			print_table(x, &rows);
	}
	free(rows.v);
	return ret;
}

/* RX packets carry their lengths, and postings the addresses; of TX the packets carry both. */
static struct floor floor_for(const struct explore_args *a)
{
	const uint32_t address = (uint32_t)a->address_bits, length = (uint32_t)a->length_bits;

	return floor_of(
		&(struct floor_load){.burst = (uint32_t)a->burst,
				     .capacity = (uint32_t)a->ring_size,
				     .line = CACHE_LINE,
				     .packet_bits = a->dir == DIR_TX ? address + length : length,
				     .buffer_bits = a->dir == DIR_TX ? 0 : address});
}

static enum vrb_exit explore(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct explore *x = calloc(1, sizeof(*x));
	enum vrb_exit code = EXIT_DONE;
	int ret;

	(void)operands;
	if (!x) {
		vrb_fail(err, ENOMEM, "no memory");
		return EXIT_USAGE;
	}
	x->args = asked;
	x->floor = floor_for(x->args);
	prepare_signals(true);
	ret = make_space(x, err);
	if (!ret)
		ret = search(x, err);
	if (!ret)
		ret = show(x, err);
	if (ret)
		code = ret == -EBADMSG ? EXIT_INVALID
		       : ret == -EINTR ? EXIT_INTERRUPTED
				       : EXIT_USAGE;
	else if (x->found.interrupted)
		code = EXIT_INTERRUPTED;
	else if (fflush(stdout) || ferror(stdout))
		code = EXIT_NOT_WRITTEN;
	for (unsigned i = 0; i < x->threads; i++)
		ring_bench_close(x->bench[i]);
	search_close(&x->found);
	prepare_signals(false);
	free(x);
	return code;
}

static const struct explore_args defaults = {
	.burst = 32, .ring_size = 256, .seed = 1, .length_bits = 16};

const struct tool tool_explore = {
	.args = {.name = "explore",
		 .options = options,
		 .doc = "Runs the rings that there are under every policy that changes what moves "
			"on the model of the caches, in lockstep, every buffer verified, and prints "
			"those that need the fewest transfers, or the fewest accesses at as many; "
			"which field of the winner saves what; and the floor: the fewest transfers "
			"that any ring needs (docs/better-ring.md). Packets and their headers are not "
			"counted. Deterministic.\n\n"
			"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 130 "
			"interrupted: what was run until then is printed."},
	.size = sizeof(struct explore_args),
	.defaults = &defaults,
	.run = explore,
};
