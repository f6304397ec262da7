/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_litmus.c - what the litmus scripts' times are taken to say; and that the scripts run.
 */
#include "cli/probe.h"
#include "coherence/coherence.h"
#include "host/litmus.h"
#include "spawned.h"

#include <ctype.h>
#include <sched.h>

/* ---- the verdict ---- */

/* By script: those that the verdict looks at, and the upgrade. */
struct times {
	double hit, store_hit, read_dirty, own_dirty, reread, peer_writes;
};

static void put(double ns[LITMUS_SCRIPTS], const struct times *t)
{
	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++)
		ns[i] = (double)NAN;
	ns[LITMUS_HIT] = t->hit;
	ns[LITMUS_STORE_HIT] = t->store_hit;
	ns[LITMUS_READ_DIRTY] = t->read_dirty;
	ns[LITMUS_OWN_DIRTY] = t->own_dirty;
	ns[LITMUS_REREAD] = t->reread;
	ns[LITMUS_PEER_WRITES] = t->peer_writes;
}

Test(litmus, times_decide_as_the_papers_have_it)
{
	static const struct {
		struct times times;
		enum litmus_verdict want;
		const char *why;
	} cases[] = {
		/* a reread that misses and a write that hits: near, far, dearer */
		{{1, 19, 21, 36, 19, 20}, LITMUS_MIGRATORY, "is a transfer"},
		{{1, 19, 117, 134, 106, 19}, LITMUS_MIGRATORY, "is a hit"},
		{{1, 19, 117, 134, 130, 15}, LITMUS_MIGRATORY, "is a hit"},
		/* a reread that hits and a write that does not: near, xsocket */
		{{1, 12, 48, 60, 1.2, 55}, LITMUS_SHARING, "is a hit"},
		{{1, 12, 140, 150, 1, 170}, LITMUS_SHARING, "transfer"},
		/* both hit, both miss, half a reread, half a write */
		{{1, 19, 21, 36, 1, 19}, LITMUS_CANNOT_TELL, "a hit"},
		{{1, 19, 21, 36, 21, 36}, LITMUS_CANNOT_TELL, "transfer"},
		{{1, 19, 21, 36, 11, 19}, LITMUS_CANNOT_TELL, "neither"},
		{{1, 19, 21, 36, 21, 27.5}, LITMUS_CANNOT_TELL, "neither"},
		/* up to a third of the way is a hit, from two thirds on a transfer */
		{{1, 20, 61, 80, 41, 40}, LITMUS_MIGRATORY, ""},
		{{1, 20, 61, 80, 40.9, 40}, LITMUS_CANNOT_TELL, "neither"},
		{{1, 20, 61, 80, 41, 40.1}, LITMUS_CANNOT_TELL, "neither"},
		/* threads of one core: loads, stores, backwards */
		{{1.5, 19, 1.6, 60, 1.5, 19}, LITMUS_CANNOT_TELL, "share"},
		{{1.5, 19, 30, 20, 30, 19}, LITMUS_CANNOT_TELL, "share"},
		{{30, 19, 1, 60, 30, 19}, LITMUS_CANNOT_TELL, "share"},
	/* a time that is none: of the hit, the reread, the write */
#define NO_TIME(bad)                                                                      \
	{{bad, 19, 21, 36, 19, 20}, LITMUS_CANNOT_TELL, "W R was not measured"},          \
		{{1, 19, 21, 36, bad, 20}, LITMUS_CANNOT_TELL, "W r R was not measured"}, \
		{{1, 19, 21, 36, 19, bad}, LITMUS_CANNOT_TELL, "W r w was not measured"}
		NO_TIME(0),
		NO_TIME(-1),
		NO_TIME((double)NAN),
		NO_TIME((double)INFINITY),
		/* the figures stand in the reason */
		{{1, 19, 21, 36, 19.3, 20}, LITMUS_MIGRATORY, "19.3"},
		{{1, 19, 21, 36, 19.3, 20.7}, LITMUS_MIGRATORY, "20.7"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double ns[LITMUS_SCRIPTS];
		char why[256] = "";
		enum litmus_verdict got;

		put(ns, &cases[i].times);
		got = litmus_judge(ns, why, sizeof(why));
		cr_assert_eq(got, cases[i].want, "case %zu: %s (%s)", i, litmus_verdict_text(got),
			     why);
		cr_assert(strstr(why, cases[i].why), "case %zu: no '%s' in: %s", i, cases[i].why,
			  why);
	}
}

/* ---- scripts and kinds ---- */

Test(litmus, scripts_are_steps_with_spaces_between)
{
	for (enum litmus_script i = 0; i < LITMUS_SCRIPTS; i++) {
		const char *at = litmus_steps(i);
		char last = at[strlen(at) - 1];

		for (unsigned c = 0; at[c]; c++)
			cr_assert(c % 2 ? at[c] == ' ' : strchr("WRFwr", at[c]) != NULL, "%s", at);
		cr_assert_eq(litmus_stores(i), last == 'W' || last == 'w', "%s", at);
		for (unsigned j = 0; j < i; j++)
			cr_assert_str_neq(at, litmus_steps((enum litmus_script)j));
	}
}

static unsigned one_region(const void *arg, size_t offset)
{
	(void)arg;
	(void)offset;
	return 0;
}

static void note(void *arg, const struct coh_event *e)
{
	*(struct coh_event *)arg = *e;
}

/* What the model says of a script's last step. A flush can only be its first: all begins flushed. */
static struct coh_event on_model(enum litmus_script script, enum coh_protocol protocol)
{
	static _Alignas(64) char line[64];
	struct coh_conf conf = {.protocol = protocol,
				.agents = 2,
				.line = 64,
				.window = 1,
				.check = true,
				.size = sizeof(line),
				.region_of = one_region};
	struct coh_event last = {0};
	struct coh *model;

	must(coh_open, &model, &conf, line);
	coh_on_event(model, note, &last);
	for (const char *at = litmus_steps(script); *at; at++) {
		struct coh_agent *a = coh_agent(model, islower((unsigned char)*at) ? 1 : 0);

		if (*at == 'R' || *at == 'r')
			coh_access(a, line, 8, COH_LOAD);
		else if (*at == 'W' || *at == 'w')
			coh_access(a, line, 8, COH_STORE);
	}
	cr_assert_null(coh_broken(model), "%s", coh_broken(model));
	coh_close(model);
	return last;
}

Test(litmus, each_kinds_script_ends_with_that_kind_in_every_protocol)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		for (enum coh_kind k = 0; k < COH_KINDS; k++) {
			enum litmus_script s = litmus_kind_script(k);
			struct coh_event last = on_model(s, p);

			cr_assert(last.transaction, "%s %s", coh_protocol_name(p), litmus_steps(s));
			cr_assert_eq(last.kind, k, "%s %s: %s, not %s", coh_protocol_name(p),
				     litmus_steps(s), coh_kind_name(last.kind), coh_kind_name(k));
		}
		cr_assert(!on_model(LITMUS_HIT, p).transaction);
		cr_assert(!on_model(LITMUS_STORE_HIT, p).transaction);
		cr_assert_eq(on_model(LITMUS_REREAD_WRITE, p).kind, COH_UPGRADE);
	}
}

/* The verdict's two questions part the protocols in the model as they are meant to in time. */
Test(litmus, reread_and_readers_write_part_the_protocols)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		struct coh_event reread = on_model(LITMUS_REREAD, p);
		struct coh_event writes = on_model(LITMUS_PEER_WRITES, p);
		bool migratory = p == COH_MOESI_MIGRATORY;

		cr_assert_eq(reread.transaction, migratory, "%s", coh_protocol_name(p));
		cr_assert_eq(writes.transaction, !migratory, "%s", coh_protocol_name(p));
	}
}

Test(litmus, a_stores_latency_is_without_the_fence)
{
	double ns[LITMUS_SCRIPTS];

	put(ns, &(struct times){1, 19, 21, 36, 19, 20});
	cr_assert_float_eq(litmus_kind_ns(ns, COH_READ_DIRTY), 21, 1e-9);
	cr_assert_float_eq(litmus_kind_ns(ns, COH_OWN_DIRTY), 17, 1e-9);
	ns[LITMUS_OWN_DIRTY] = 18; /* noise: never below nothing */
	cr_assert_float_eq(litmus_kind_ns(ns, COH_OWN_DIRTY), 0, 1e-9);
}

Test(litmus, without_a_flush_only_the_upgrade_has_another_way)
{
	double ns[LITMUS_SCRIPTS];

	put(ns, &(struct times){1, 19, 21, 36, 19, 20});
	ns[LITMUS_REREAD_WRITE] = 40;
	for (enum coh_kind k = 0; k < COH_KINDS; k++) {
		bool has = k == COH_READ_DIRTY || k == COH_OWN_DIRTY || k == COH_UPGRADE;

		cr_assert_eq(isfinite(litmus_kind_ns(ns, k)), has, "%s", coh_kind_name(k));
	}
	cr_assert_float_eq(litmus_kind_ns(ns, COH_UPGRADE), 21, 1e-9);
}

/* ---- a machine from them ---- */

static const struct machine zen5_host = {
	.hostname = "box", .cpu_model = "AMD EPYC", .cpu_id = "AuthenticAMD family 26 model 2"};

static const struct core_size unsized;

static void see(struct litmus *l, enum place_class place, double handoff, const struct times *t)
{
	l->by[place].rounds = 15;
	l->by[place].handoff_ns = handoff;
	put(l->by[place].ns, t);
	l->by[place].ns[LITMUS_REREAD_WRITE] = 40;
}

Test(timed_calibrate, a_place_for_each_class_seen)
{
	struct litmus l = {0};
	struct latency_machine m;

	see(&l, CLASS_FAR, 123, &(struct times){1, 19, 117, 134, 106, 19});
	see(&l, CLASS_NEAR, 27, &(struct times){1, 19, 21, 36, 19, 20});
	probe_calibrated(&l, &unsized, &zen5_host, &m);
	cr_assert_str_eq(m.name, "box");
	assert_have(&m, protocol == COH_MOESI_MIGRATORY, nplaces == 2);
	cr_assert_str_eq(m.places[0].name, "near");
	cr_assert_str_eq(m.places[1].name, "far");
	cr_assert_eq(m.places[0].ps[COH_READ_DIRTY], 21000, "%u", m.places[0].ps[COH_READ_DIRTY]);
	cr_assert_eq(m.places[1].ps[COH_OWN_DIRTY], 115000, "%u", m.places[1].ps[COH_OWN_DIRTY]);
	cr_assert_float_eq(m.places[1].handoff_ns, 123, 1e-9);
}

Test(timed_calibrate, what_is_filled_in_is_told)
{
	struct litmus l = {0};
	struct latency_machine m;

	see(&l, CLASS_NEAR, 27, &(struct times){1, 19, 21, 36, 19, 20});
	probe_calibrated(&l, &unsized, &zen5_host, &m);
	assert_have(&m.places[0], ps[COH_READ_CLEAN] == 21000, ps[COH_OWN_MEMORY] == 17000);
	expect_in(m.source, "clean and memory = dirty", "as preset zen5");
	for (unsigned i = 0; i < LITMUS_SCRIPTS; i++)
		l.by[CLASS_NEAR].ns[i] =
			isfinite(l.by[CLASS_NEAR].ns[i]) ? l.by[CLASS_NEAR].ns[i] : 50;
	probe_calibrated(&l, &unsized, &zen5_host, &m);
	expect_not_in(m.source, "clean and memory");
	cr_assert_eq(m.places[0].ps[COH_READ_CLEAN], 50000);
}

Test(timed_calibrate, what_the_scripts_do_not_tell_goes_by_the_maker)
{
	static const struct {
		const char *cpu_id;
		enum coh_protocol want;
	} cases[] = {{"GenuineIntel family 6 model 143 stepping 8", COH_MESIF},
		     {"AuthenticAMD family 25 model 17 stepping 1", COH_MOESI},
		     {"", COH_MESI}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct litmus l = {0};
		struct machine host = {.hostname = "box"};
		struct latency_machine m;

		snprintf(host.cpu_id, sizeof(host.cpu_id), "%s", cases[i].cpu_id);
		see(&l, CLASS_NEAR, 50, &(struct times){1, 12, 48, 60, 1.2, 55});
		probe_calibrated(&l, &unsized, &host, &m);
		cr_assert_eq(m.protocol, cases[i].want, "%s: %s", host.cpu_id,
			     coh_protocol_name(m.protocol));
		expect_in(m.source, "assumed");
	}
}

Test(timed_calibrate, sizes_that_times_show_go_before_those_of_a_preset)
{
	static const struct {
		struct core_size size;
		unsigned store_buffer, window;
		const char *source;
	} cases[] = {
		{{0, 0}, 104, 74, "hit, store buffer, window as preset zen5"},
		{{52, 0}, 52, 74, "hit, window as preset zen5"},
		{{0, 256}, 104, 42, "hit, store buffer as preset zen5"},
		{{112, 512}, 112, 85, "hit as preset zen5"},
		{{4000, 4000}, COH_STORE_BUFFER_MAX, COH_WINDOW_MAX, "hit as preset zen5"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct litmus l = {0};
		struct latency_machine m;

		see(&l, CLASS_NEAR, 27, &(struct times){1, 19, 21, 36, 19, 20});
		probe_calibrated(&l, &cases[i].size, &zen5_host, &m);
		cr_assert_eq(m.store_buffer, cases[i].store_buffer, "%zu: %u", i, m.store_buffer);
		cr_assert_eq(m.window, cases[i].window, "%zu: %u", i, m.window);
		expect_in(m.source, cases[i].source);
	}
}

/* What goes along with a line that is read: with floors of stores of 20 ns and transfers of 100. */
Test(timed_calibrate, lines_that_come_along_are_told_from_groups)
{
	static const struct {
		double reads, ascending, ahead[2]; /* ns of a group */
		bool adjacent, next_line;
	} cases[] = {
		{100, 100, {20, 20}, false, false}, {100, 60, {20, 20}, true, false},
		{100, 60, {22, 86}, true, true},    {100, 100, {22, 86}, false, true},
		{100, 60, {22, 59}, true, false},   {100, 60, {22, 61}, true, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct litmus l = {0};
		struct litmus_class *c = &l.by[CLASS_NEAR];
		struct latency_machine m;

		see(&l, CLASS_NEAR, 27, &(struct times){1, 20, 100, 100, 20, 100});
		c->ns[LITMUS_STORE_HIT] = 20;
		c->ns[LITMUS_OWN_DIRTY] = 100;
		c->group_ns[LITMUS_READS][0] = cases[i].reads;
		c->group_ns[LITMUS_ASCENDING][0] = cases[i].ascending;
		memcpy(c->group_ns[LITMUS_AHEAD], cases[i].ahead, sizeof(cases[i].ahead));
		probe_calibrated(&l, &unsized, &zen5_host, &m);
		cr_assert_eq(m.adjacent, cases[i].adjacent, "%zu", i);
		cr_assert_eq(m.next_line, cases[i].next_line, "%zu", i);
	}
}

Test(timed_calibrate, odd_names_make_a_file_that_can_be_read)
{
	struct machine host = {.hostname = "b\xc3o\nx", .cpu_model = "\x1b[31mred"};
	struct litmus l = {0};
	struct latency_machine m, again;
	TEMP_DIR(dir);
	char path[96];

	snprintf(path, sizeof(path), "%s/m.json", dir);
	see(&l, CLASS_SMT, 8, &(struct times){1, 19, 8, 20, 1, 19});
	probe_calibrated(&l, &unsized, &host, &m);
	must(latency_save, path, &m);
	must(latency_load, path, &again);
	cr_assert_str_eq(again.name, "b?o?x");
}

/* ---- between two CPUs ---- */

static int two_cpus(struct cpu_pair *pair)
{
	int cpu[2] = {0};
	const int n = cpus_allowed(cpu, 2);

	*pair = (struct cpu_pair){.drv = cpu[0], .dev = cpu[1]};
	return n;
}

Test(timed_litmus_run, each_script_gives_a_time, .timeout = HANG_S)
{
	struct litmus_conf conf = {.rounds = 3, .classes = 1, .limit_ms = 10000};
	struct cpu_pair pair;
	struct litmus l;
	struct vrb_err err = {""};
	unsigned rounds = 0;

	if (two_cpus(&pair) < 2)
		cr_skip_test("needs two CPUs");
	/* A busy machine may not let one round pass in peace; that is said, and no failure. */
	if (litmus_run(&pair, &conf, &l, &err) == -ETIMEDOUT)
		cr_skip_test("too busy");
	cr_assert_str_eq(err.msg, "");
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		rounds += l.by[c].rounds;
		for (unsigned i = 0; i < LITMUS_SCRIPTS && l.by[c].rounds; i++) {
			const char *steps = litmus_steps((enum litmus_script)i);
			double ns = l.by[c].ns[i];

			if (steps[0] == 'F' && litmus_no_flush())
				cr_assert(isnan(ns), "%s: %g", steps, ns);
			else
				cr_assert(ns > 0 && isfinite(ns), "%s: %g", steps, ns);
		}
		for (unsigned i = 0; i < LITMUS_STREAMS && l.by[c].rounds; i++) {
			const double *ns = l.by[c].stream_ns[i];

			cr_assert(ns[0] > 0 && ns[0] <= ns[1] && ns[1] <= ns[2] && isfinite(ns[2]),
				  "%s: %g %g %g", litmus_stream_name((enum litmus_stream)i), ns[0],
				  ns[1], ns[2]);
		}
	}
	cr_assert_gt(rounds, 0);
}

Test(timed_litmus_run, ends_at_its_limit, .timeout = HANG_S)
{
	/* More classes than there are: only the limit ends it. */
	struct litmus_conf conf = {.rounds = 2, .classes = CLASS_COUNT + 1, .limit_ms = 300};
	struct cpu_pair pair;
	struct litmus l;
	struct vrb_err err = {""};
	uint64_t began = now_ns();
	int rc;

	if (two_cpus(&pair) < 2)
		cr_skip_test("needs two CPUs");
	rc = litmus_run(&pair, &conf, &l, &err);
	cr_assert(rc == 0 || rc == -ETIMEDOUT, "%d: %s", rc, err.msg);
	cr_assert_geq(now_ns() - began, 300000000);
}

Test(timed_litmus_run, a_cpu_that_is_not_there_is_an_error, .timeout = HANG_S)
{
	struct litmus_conf conf = {.rounds = 2, .classes = 1, .limit_ms = 1000};
	struct cpu_pair pair;
	struct litmus l;
	struct vrb_err err = {""};

	two_cpus(&pair);
	pair.dev = CPU_SETSIZE - 1;
	cr_assert_lt(litmus_run(&pair, &conf, &l, &err), 0);
	cr_assert_str_neq(err.msg, "");
}

/* ---- as it is told ---- */

Test(timed_probe_litmus, the_table_has_the_section, .timeout = HANG_S)
{
	struct cpu_pair pair;

	RAN(s, 0, spawn_root(), "probe");
	expect_in(s.out, "\nlitmus  ");
	if (two_cpus(&pair) == 2 && !strstr(s.out, "litmus         unavailable"))
		cr_assert(strstr(s.out, "W r R") && strstr(s.out, "behaves like") &&
				  strstr(s.out, "read_dirty"),
			  "%s", s.out);
}

Test(timed_probe_litmus, one_cpu_says_why_there_is_none, .timeout = HANG_S)
{
	static const struct bad_line bad = {"probe --calibrate /tmp/never-written.json",
					    {"--calibrate", "two CPUs"}};
	struct cpu_pair pair;

	two_cpus(&pair);
	confine_to(pair.drv);
	SPAWNED(s, spawn_root(), "probe");
	expect_in(s.out, "\nlitmus         unavailable: ");
	expect_refused(spawn_root(), "", &bad, 1);
}

Test(timed_probe_litmus, a_file_that_cannot_be_written_is_refused_at_once, .timeout = HANG_S)
{
	static const struct bad_line bad = {"probe --calibrate /dev/null",
					    {"/dev/null", "plain file"}};
	struct cpu_pair pair;

	if (two_cpus(&pair) < 2)
		cr_skip_test("needs two CPUs");
	expect_refused(spawn_root(), "", &bad, 1);
}
