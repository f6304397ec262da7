/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hints.c - prefetches and demotions: what the model makes of them, and what rings of lab do with them.
 */
#include "coherence_fixture.h"
#include "ring_fixture.h"
#include "spawned.h"

#include "ring/lab_point.h"

#include <string.h>
#include <sys/utsname.h>

static void hint(struct bed *b, unsigned id, enum coh_hint what)
{
	coh_hint(coh_agent(b->coh, id), bed_at(0), what);
}

static uint64_t counted_of(struct bed *b, unsigned id, enum coh_kind k)
{
	return coh_agent(b->coh, id)->counts.by[k][0];
}

/* A wrote, B asks, B reads: one transfer, B's, and the read finds it. */
Test(hints, a_prefetch_is_the_transfer_of_the_read_after_it)
{
	char states[COH_AGENTS_MAX + 1];

	for (unsigned p = 0; p < COH_PROTOCOLS; p++) {
		BED(b, bed_conf((enum coh_protocol)p, 2), (void)0);
		bed_steps(&b, "Aw");
		hint(&b, 1, COH_PREFETCH);
		hint(&b, 1, COH_PREFETCH);
		cr_assert_eq(counted_of(&b, 1, COH_READ_DIRTY), 1);
		cr_assert_eq(coh_agent(b.coh, 1)->counts.prefetched[0], 1);
		bed_steps(&b, "Br");
		cr_assert_str_eq(bed_did(&b), "hit", "%s: %s", bed_did(&b), bed_states(&b, states));
		bed_whole(&b, "prefetch");
	}
}

/* Both have it; A asks to write: its upgrade, B's copy goes, and the store finds the right to write. */
Test(hints, a_prefetch_to_write_is_the_upgrade_of_the_store_after_it)
{
	for (unsigned p = 0; p < COH_PROTOCOLS; p++) {
		BED(b, bed_conf((enum coh_protocol)p, 2), (void)0);
		bed_steps(&b, "Ar Br");
		hint(&b, 0, COH_PREFETCHW);
		hint(&b, 0, COH_PREFETCHW);
		cr_assert_eq(counted_of(&b, 0, COH_UPGRADE), 1);
		cr_assert_eq(coh_state_of(b.coh, 1, 0), COH_I);
		bed_steps(&b, "Aw");
		cr_assert_str_eq(bed_did(&b), "hit");
		bed_whole(&b, "prefetchw");
	}
}

/* The next reader is served by what all share, and has the only copy; the next writer takes that, clean. */
Test(hints, a_demoted_line_is_read_from_what_all_share)
{
	char states[COH_AGENTS_MAX + 1];

	for (unsigned p = 0; p < COH_PROTOCOLS; p++) {
		BED(b, bed_conf((enum coh_protocol)p, 2), (void)0);
		bed_steps(&b, "Aw");
		hint(&b, 0, COH_DEMOTE);
		hint(&b, 0, COH_DEMOTE);
		cr_assert_str_eq(bed_states(&b, states), "II");
		cr_assert_eq(coh_agent(b.coh, 0)->counts.writebacks[0], 1);
		bed_steps(&b, "Br");
		cr_assert_str_eq(bed_did(&b), "read_memory");
		cr_assert_str_eq(bed_states(&b, states), "IE");
		bed_steps(&b, "Aw");
		cr_assert_str_eq(bed_did(&b), "own_clean");
		bed_whole(&b, "demote");
	}
}

/* Others keep their copies, and what was dirty is in memory. */
Test(hints, to_demote_a_line_takes_no_copy_of_others)
{
	for (unsigned p = 0; p < COH_PROTOCOLS; p++) {
		BED(b, bed_conf((enum coh_protocol)p, 3), (void)0);
		bed_steps(&b, "Aw Br Cr");
		hint(&b, 0, COH_DEMOTE);
		cr_assert_eq(coh_state_of(b.coh, 0, 0), COH_I);
		bed_steps(&b, "Cr");
		cr_assert_str_eq(bed_did(&b), "hit");
		bed_steps(&b, "Ar Bw Cr");
		bed_whole(&b, "demote");
	}
}

/*
 * A's store is done at 4000 ps (own_memory), so B's prefetch is at 7000 (read_dirty, 3000): who comes at 5000 waits
 * for 2000, who comes at 9000 does not. Without one: 3000 each.
 */
Test(hints, an_access_waits_for_what_remains_of_a_prefetch)
{
	for (unsigned k = 0; k < 4; k++) {
		BED(b, bed_conf(COH_MESI, 2), c.cycle_ps = 1);
		const uint64_t at = k & 1 ? 9000 : 5000;
		const bool hinted = k & 2;
		struct coh_agent *reader = coh_agent(b.coh, 1);

		bed_steps(&b, "Aw");
		if (hinted)
			hint(&b, 1, COH_PREFETCH);
		coh_work(reader, at);
		bed_steps(&b, "Br");
		cr_assert_eq(reader->clock,
			     !hinted	 ? at + 3000
			     : at < 7000 ? 7000
					 : at,
			     "%u: %lu", k, reader->clock);
	}
}

static uint64_t words[BED_SIZE / 8];

static void swap_turns(void *arg, struct coh_agent *a)
{
	(void)arg;
	(void)a;
}

/* A store before it that is not seen yet leaves first; one after it brings the line back. */
Test(hints, a_demotion_waits_for_the_stores_before_it)
{
	for (uint32_t depth = 0; depth <= 8; depth += 8) {
		struct coh_conf conf = bed_conf(COH_MESI, 2);
		struct coh_agent *a, *b;
		uint64_t value = 7 + depth, got = 0;
		struct coh *c;

		conf.buffered = true;
		conf.store_buffer = depth;
		must(coh_open, &c, &conf, words);
		coh_on_yield(c, swap_turns, NULL);
		a = coh_agent(c, 0);
		b = coh_agent(c, 1);
		coh_store(a, words, &value, sizeof(value), COH_STORE);
		coh_hint(a, words, COH_DEMOTE);
		coh_fence(a);
		cr_assert_eq(coh_state_of(c, 0, 0), COH_I, "%u", depth);
		b->clock = a->clock;
		coh_load(b, words, &got, sizeof(got), COH_ACQUIRE);
		cr_assert_eq(got, value);
		cr_assert_eq(b->counts.by[COH_READ_MEMORY][0], 1);
		value++;
		coh_store(a, words, &value, sizeof(value), COH_STORE);
		coh_fence(a);
		cr_assert_eq(coh_state_of(c, 0, 0), COH_M);
		cr_assert(!coh_broken(c), "%s", coh_broken(c));
		coh_close(c);
	}
}

struct moved {
	double transfers, upgrades, memory, ahead;
};

static struct moved moved_by(struct engine *e, const char *name, const char *hints,
			     enum direction dir, uint32_t burst)
{
	struct lab_point p = *variants_exact(name)->lab;
	const struct variant v = {.name = "lab point",
				  .kind = KIND_LAB,
				  .ring = RING_LAB,
				  .opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},
				  .lab = &p};
	struct ring_conf c = CONF(&v, dir, 256, burst, .policy = {.tx_header = TX_HEADER_NONE});
	const struct coh_counts *agents;
	struct moved m = {0, 0, 0, 0};
	struct sample s;

	must(lab_parse, hints, &p);
	cr_assert(!lab_excluded(&p, dir), "%s: %s", hints, lab_excluded(&p, dir));
	must_run(e, &c, 2048, SIMD_SCALAR, &s);
	agents = engine_counts(e);
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			m.transfers += (double)coh_transfers(&agents[i], r) / 2048;
			m.upgrades += (double)coh_upgrades(&agents[i], r) / 2048;
			m.ahead += (double)agents[i].prefetched[r] / 2048;
			m.memory += (double)coh_memory(&agents[i], r) / 2048;
		}
	}
	return m;
}

/* A prefetch moves what is read anyway; one to write upgrades what is written anyway. */
Test(hints, of_a_ring_in_lockstep_what_is_asked_for_ahead_moves_nothing_more)
{
	static const uint32_t bursts[] = {1, 4, 8, 32};
	static const char *const hints[] = {"out-hint=prefetch", "back-hint=prefetch",
					    "back-hint=prefetchw"};
	/* the line that is asked for last is not used any more */
	const double slack = 1.5 / 2048;
	MODEL(e, 256, 0, (void)0);

	for (unsigned k = 0; k < ARRAY_SIZE(hints) * ARRAY_SIZE(bursts); k++) {
		const char *const hint = hints[k % ARRAY_SIZE(hints)];
		const uint32_t burst = bursts[k / ARRAY_SIZE(hints)];
		const struct moved without =
			moved_by(e, "lab-compact-rx", "out-hint=none", DIR_RX, burst);
		const struct moved with = moved_by(e, "lab-compact-rx", hint, DIR_RX, burst);

		cr_assert_float_eq(with.transfers, without.transfers, slack, "%s, burst %u: %f",
				   hint, burst, with.transfers);
		cr_assert_eq(without.ahead, 0);
		/* of packets that come back a line at most, the next line has not been written yet */
		if (strcmp(hint, "back-hint=prefetch") == 0 && burst <= 8)
			cr_assert_eq(with.ahead, 0, "burst %u: %f", burst, with.ahead);
		else
			cr_assert_gt(with.ahead, 0, "%s, burst %u: no hint was executed", hint,
				     burst);
		cr_assert_float_eq(with.upgrades, without.upgrades, slack);
	}
}

/*
 * TX, bursts of 8 elements of 8 bytes: each line is read from what all share in place of the writer's cache, and the
 * writer takes the clean copy back in place of an upgrade. What is left is the counter's, each 32.
 */
Test(hints, of_a_ring_in_lockstep_a_demoted_line_is_read_from_memory_both_ways)
{
	MODEL(e, 256, 0, (void)0);

	for (uint32_t burst = 8; burst <= 32; burst += 24) {
		const struct moved none =
			moved_by(e, "lab-compact-tx", "out-hint=none", DIR_TX, burst);
		const struct moved demoted =
			moved_by(e, "lab-compact-tx", "out-hint=demote", DIR_TX, burst);

		cr_assert_float_eq(none.transfers, 1.0 / 8 + 1.0 / 32, 1e-9);
		cr_assert_float_eq(none.upgrades, 1.0 / 8 + 1.0 / 32, 1e-9);
		cr_assert_float_eq(none.memory, 0, 1e-9);
		cr_assert_float_eq(demoted.transfers, 1.0 / 8 + 1.0 / 32, 1e-9);
		cr_assert_float_eq(demoted.upgrades, 1.0 / 32, 1e-9);
		cr_assert_float_eq(demoted.memory, 1.0 / 8, 1e-9);
	}
}

/*
 * In place a device that asks to write the next line may take it before the driver has posted there: of a ring that
 * is near empty (TX) each line then goes once more. Of one that is full (RX) it gets postings that it is
 * going to read anyway.
 */
Test(hints, of_a_device_that_asks_to_write_where_the_driver_posts_cost_transfers_alone)
{
	static const struct {
		uint32_t burst;
		double more;
	} rows[] = {{1, 1 / 4.}, {4, 1 / 4.}, {32, 1 / 32.}};
	MODEL(e, 256, 0, m.check = true);

	for_each (r, rows, ARRAY_SIZE(rows)) {
		for (unsigned k = 0; k < DIRECTIONS; k++) {
			const enum direction dir = directions[k];
			const struct moved none =
				moved_by(e, "lab-packed", "back-hint=none", dir, r->burst);
			const struct moved with =
				moved_by(e, "lab-packed", "back-hint=prefetchw", dir, r->burst);

			cr_assert_float_eq(with.transfers - none.transfers,
					   dir == DIR_TX ? r->more : 0, 1.5 / 2048, "burst %u: %f",
					   r->burst, with.transfers);
			cr_assert_gt(with.ahead, 0);
		}
	}
}

/* What docs/lab-rings.md says of the named points: transfers as without the hint, but for the line that is asked for last. */
Test(hints, of_named_points_move_what_the_ring_without_them_moves)
{
	static const struct {
		const char *with, *without;
		enum direction dir;
		double memory; /* more reads from memory at a burst of 32 */
	} rows[] = {{"lab-least-rx-prefetch", "lab-least-rx", DIR_RX, 0},
		    {"lab-least-rx-demote", "lab-least-rx", DIR_RX, 1. / 16},
		    {"lab-compact-tx-prefetchw", "lab-compact-tx", DIR_TX, 0},
		    {"lab-compact-tx-demote", "lab-compact-tx", DIR_TX, 1. / 8}};
	static const uint32_t bursts[] = {1, 4, 32};
	MODEL(e, 256, 0, m.check = true);

	for_each (r, rows, ARRAY_SIZE(rows)) {
		for_each (burst, bursts, ARRAY_SIZE(bursts)) {
			const struct moved none =
				moved_by(e, r->without, "carry=address", r->dir, *burst);
			const struct moved with =
				moved_by(e, r->with, "carry=address", r->dir, *burst);

			cr_assert_float_eq(with.transfers, none.transfers, 1.5 / 2048,
					   "%s, burst %u: %f for %f", r->with, *burst,
					   with.transfers, none.transfers);
			if (*burst == 32)
				cr_assert_float_eq(with.memory - none.memory, r->memory, 1e-9,
						   "%s: %f", r->with, with.memory);
		}
	}
}

/* The kernel says the same of this CPU, where it says anything. */
Test(hints, that_this_cpu_lacks_are_known)
{
	struct utsname kernel;
	char line[16384] = "";
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f && fgets(line, sizeof(line), f) && strncmp(line, "flags", 5) != 0)
		;
	if (f)
		fclose(f);
	cr_assert(hint_has(LAB_NO_HINT) && hint_has(LAB_PREFETCH));
	cr_assert_null(hint_lacking(variants_exact("lab-least-rx")));
	/* an emulator shows the flags of the machine that it runs on */
	if (strncmp(line, "flags", 5) != 0 || uname(&kernel) ||
	    strcmp(kernel.machine, "x86_64") != 0)
		return;
	cr_assert_eq(hint_has(LAB_PREFETCHW), strstr(line, "3dnowprefetch") != NULL);
	cr_assert_eq(hint_has(LAB_DEMOTE), strstr(line, "cldemote") != NULL);
	cr_assert_eq(hint_lacking(variants_exact("lab-compact-tx-demote")) != NULL,
		     !hint_has(LAB_DEMOTE));
}

/* A session says that a hint did nothing, where it did; on the model each does something. */
Test(hints, that_do_nothing_here_are_warned_of)
{
	static const char *const engines[] = {"one-core --launches 1 --rounds 6 --buffers 2000",
					      "model"};
	const bool lacks = !hint_has(LAB_DEMOTE);
	TEMP_DIR(dir);

	for (unsigned i = 0; i < ARRAY_SIZE(engines); i++) {
		RAN(s, EXIT_DONE, dir,
		    "run --direction tx --tx-header none --variant lab-compact-tx-demote --burst 4 "
		    "--payload 0 --json s.jsonl --engine %s",
		    engines[i]);
		RAN(t, EXIT_DONE, dir, "table s.jsonl");
		cr_assert_eq(strstr(t.out, "warning: lab-compact-tx-demote: this CPU lacks its "
					   "hint demote, which does nothing\n") != NULL,
			     lacks && !i, "%s: %s", engines[i], t.out);
	}
	RAN(l, EXIT_DONE, dir, "list");
	expect_in(l.out, "\nHints of lab: prefetch, prefetchw");
	cr_assert_eq(strstr(l.out, "demote (this CPU lacks it: it does nothing)\n") != NULL, lacks);
}

/* Points with hints natively, one side after the other: each buffer intact, and no instruction that this CPU refuses. */
Test(hints, of_native_loops_do_not_change_what_arrives)
{
	static const char *const hints[] = {"prefetch", "prefetchw", "demote"};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 64, 61, NULL);

	for (unsigned k = 0; k < 4 * ARRAY_SIZE(hints); k++) {
		const enum direction dir = k & 1 ? DIR_TX : DIR_RX;
		struct lab_point p = *variants_exact("lab-compact")->lab;
		const struct variant v = {.name = "lab point",
					  .kind = KIND_LAB,
					  .ring = RING_LAB,
					  .opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},
					  .lab = &p};
		struct ring_conf c = CONF(&v, dir, 64, k & 2 ? 32 : 5, .payload = 61);
		char text[64];
		struct sample s;

		if (dir == DIR_TX)
			p.out_publish = LAB_BURST;
		snprintf(text, sizeof(text), "out-hint=%s;back-hint=%s", hints[k / 4],
			 hints[k / 4]);
		must(lab_parse, text, &p);
		must_run(e, &c, 300, SIMD_SCALAR, &s);
	}
}
