/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe_litmus.c - the litmus scripts of `vringbench probe`: the section that reports them.
 *
 * What --calibrate makes of them is in probe_calibrate.c.
 */
#include "cli/probe.h"
#include "session/session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A class has its rounds in about 0.1 s; a limit because the machine may be busy. */
#define ROUNDS	 15
#define LIMIT_MS 1000

/* A guest's CPUs move between classes every 10 to 20 s: wait that long for the other one. */
#define CALIBRATE_ROUNDS   30
#define CALIBRATE_LIMIT_MS 24000u
#define TELL_EVERY_MS	   5000

/* A clean copy that answers within this of memory cannot be told from it. */
#define SAME_WITHIN 0.1

/* What no two CPUs can show, whatever the times are. */
static const char not_by_two[] =
	"who answers a third reader of a shared line (mesi, mesif, moesi); "
	"memory by itself as against a cache that all share";

static void tell(void *arg, unsigned elapsed_ms, enum place_class now)
{
	unsigned *next_ms = arg;

	if (elapsed_ms < *next_ms)
		return;
	*next_ms += TELL_EVERY_MS;
	fprintf(stderr, "calibrating: %u of at most %u s, the CPUs are %s now\n", elapsed_ms / 1000,
		CALIBRATE_LIMIT_MS / 1000, place_class_name(now));
}

int probe_litmus(const struct cpu_pair *pair, unsigned calibrate_classes, struct litmus *out,
		 struct vrb_err *err)
{
	unsigned next_ms = TELL_EVERY_MS;
	struct litmus_conf conf = {.rounds = ROUNDS, .classes = 1, .limit_ms = LIMIT_MS};

	if (calibrate_classes) {
		conf = (struct litmus_conf){.rounds = CALIBRATE_ROUNDS,
					    .classes = calibrate_classes,
					    .limit_ms = CALIBRATE_LIMIT_MS,
					    .progress = tell,
					    .arg = &next_ms};
		fprintf(stderr, "calibrating CPUs %d and %d: %s\n", pair->drv, pair->dev,
			calibrate_classes > 1 ? "until two placement classes are seen"
					      : "one placement class");
	}
	return litmus_run(pair, &conf, out, err);
}

/* A clean copy's answer: can it be told from memory's? */
static bool like_memory(const double *ns)
{
	double memory = ns[LITMUS_READ_MEMORY], clean = ns[LITMUS_READ_CLEAN];

	return isfinite(memory) && fabs(memory - clean) <= SAME_WITHIN * memory;
}

static void print_kinds(const struct litmus_class *c, enum coh_kind from, enum coh_kind to)
{
	for (unsigned k = from; k <= (unsigned)to; k++) {
		double ns = litmus_kind_ns(c->ns, (enum coh_kind)k);

		printf("%s%s ", k > (unsigned)from ? ", " : "", coh_kind_name((enum coh_kind)k));
		if (isfinite(ns))
			printf("%.1f", ns);
		else
			printf("unavailable");
	}
}

static void print_groups(const struct litmus_class *c)
{
	printf("  groups       %-12s    1  %4d lines, ns with a fence\n", "", LITMUS_MANY);
	for (unsigned g = 0; g < LITMUS_GROUPS; g++) {
		const double *ns = c->group_ns[g];

		if (isfinite(ns[0]))
			printf("%-14s %-12s %4.0f  %4.0f\n", "",
			       litmus_group_name((enum litmus_group)g), ns[0], ns[1]);
	}
	printf("%-14s", "");
	for (unsigned g = 0; g < COH_GAP_KINDS; g++)
		printf(" %s %.1f,", coh_gap_name((enum coh_gap)g),
		       litmus_gap_ns(c, (enum coh_gap)g));
	printf(" adjacent line %s, next line %s\n", litmus_adjacent(c) ? "yes" : "no",
	       litmus_next_line(c) ? "yes" : "no");
}

static void print_streams(const struct litmus_class *c)
{
	printf("  streams      %-10s least median   most, ns from number to number\n", "");
	for (unsigned i = 0; i < LITMUS_STREAMS; i++)
		printf("%-14s %-10s %5.1f %6.1f %6.1f\n", "",
		       litmus_stream_name((enum litmus_stream)i), c->stream_ns[i][0],
		       c->stream_ns[i][1], c->stream_ns[i][2]);
}

static void print_class(enum place_class place, const struct litmus_class *c)
{
	char why[256];
	enum litmus_verdict verdict = litmus_judge(c->ns, why, sizeof(why));

	printf("%-14s %u rounds, hand-off %.1f ns\n", place_class_name(place), c->rounds,
	       c->handoff_ns);
	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++) {
		enum litmus_script s = (enum litmus_script)i;

		if (isfinite(c->ns[i]))
			printf("%-14s %-8s %6.1f ns  %s\n", "", litmus_steps(s), c->ns[i],
			       litmus_meaning(s));
	}
	printf("  latency      ");
	print_kinds(c, COH_READ_MEMORY, COH_READ_DIRTY);
	printf(" ns\n%-14s ", "");
	print_kinds(c, COH_OWN_MEMORY, COH_UPGRADE);
	printf(" ns, without the fence: less W W\n");
	if (like_memory(c->ns))
		printf("%-14s read_clean is like read_memory: who answers is not known\n", "");
	print_groups(c);
	print_streams(c);
	printf("  behaves like %s\n%-14s %s\n", litmus_verdict_text(verdict), "", why);
}

void probe_litmus_print(const struct litmus *l, const struct vrb_err *none)
{
	const char *no_flush = litmus_no_flush();

	if (*none->msg) {
		printf("%-14s unavailable: %s\n", "litmus", none->msg);
		return;
	}
	printf("%-14s W, R, F: the owner writes, reads, flushes; w, r: the peer; the last is "
	       "timed\n",
	       "litmus");
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		if (l->by[c].rounds)
			print_class((enum place_class)c, &l->by[c]);
	}
	if (l->dropped)
		printf("%-14s %u rounds, within which the class or a thread moved\n", "dropped",
		       l->dropped);
	if (no_flush)
		printf("%-14s scripts with F are unavailable: %s\n", "", no_flush);
	printf("%-14s %s\n", "not by two", not_by_two);
}

static json_t *class_json(enum place_class place, const struct litmus_class *c)
{
	char why[256];
	enum litmus_verdict verdict = litmus_judge(c->ns, why, sizeof(why));
	json_t *ns = json_object(), *kinds = json_object(), *groups = json_object();
	json_t *gaps = json_object(), *streams = json_object();

	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++)
		json_object_set_new(ns, litmus_steps((enum litmus_script)i),
				    session_real(c->ns[i]));
	for (unsigned k = 0; k < COH_KINDS; k++)
		json_object_set_new(kinds, coh_kind_name((enum coh_kind)k),
				    session_real(litmus_kind_ns(c->ns, (enum coh_kind)k)));
	for (unsigned g = 0; g < LITMUS_GROUPS; g++)
		json_object_set_new(groups, litmus_group_name((enum litmus_group)g),
				    json_pack("[o, o]", session_real(c->group_ns[g][0]),
					      session_real(c->group_ns[g][1])));
	for (unsigned g = 0; g < COH_GAP_KINDS; g++)
		json_object_set_new(gaps, coh_gap_name((enum coh_gap)g),
				    session_real(litmus_gap_ns(c, (enum coh_gap)g)));
	for (unsigned i = 0; i < LITMUS_STREAMS; i++)
		json_object_set_new(streams, litmus_stream_name((enum litmus_stream)i),
				    json_pack("[f, f, f]", c->stream_ns[i][0], c->stream_ns[i][1],
					      c->stream_ns[i][2]));
	return json_pack("{s:s, s:i, s:f, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:s, s:s}",
			 "class", place_class_name(place), "rounds", (int)c->rounds, "handoff_ns",
			 c->handoff_ns, "scripts_ns", ns, "latency_ns", kinds, "groups_ns", groups,
			 "gaps_ns", gaps, "streams_ns", streams, "adjacent_line",
			 litmus_adjacent(c), "next_line", litmus_next_line(c), "clean_like_memory",
			 like_memory(c->ns), "behaves_like", litmus_verdict_text(verdict), "why",
			 why);
}

json_t *probe_litmus_json(const struct litmus *l, const struct vrb_err *none)
{
	const char *no_flush = litmus_no_flush();
	json_t *classes;

	if (*none->msg)
		return json_pack("{s:n, s:s}", "classes", "unavailable", none->msg);
	classes = json_array();
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		if (l->by[c].rounds)
			json_array_append_new(classes, class_json((enum place_class)c, &l->by[c]));
	}
	return json_pack("{s:o, s:i, s:o, s:s}", "classes", classes, "dropped", (int)l->dropped,
			 "no_flush", no_flush ? json_string(no_flush) : json_null(),
			 "not_by_two_cpus", not_by_two);
}
