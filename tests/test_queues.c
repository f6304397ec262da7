/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_queues.c - several queue pairs: where their rings lie, which lines they share, that each is verified.
 */
#include "engine/native.h"
#include "host/noise.h"
#include "session_builder.h"

#include "ring/regions.h"
#include "ring_fixture.h"

#include <math.h>

/* An engine for @queues pairs of rings of @size in either layout. */
static struct engine *open_queues(const struct engine_ops *ops, const struct model_conf *model,
				  uint32_t queues, uint32_t size)
{
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .max_ring = size,
				   .max_burst = size,
				   .queues = queues,
				   .model = model};
	struct engine *e = NULL;

	FOR_EACH_VARIANT (v) {
		struct ring_conf ring =
			CONF(v, DIR_TX, size, size,
			     .policy = {.tx_header = TX_HEADER_INDIRECT, .queues = queues});
		struct ring_layout layout;

		ring_layout(&ring, &layout);
		conf.arena_size = layout.size > conf.arena_size ? layout.size : conf.arena_size;
	}
	must(engine_open, &e, ops, &conf);
	return e;
}

static struct model_conf lockstep(enum coh_protocol p)
{
	struct model_conf m;

	model_defaults(&m);
	m.protocol = p;
	m.check = true;
	return m;
}

/* ---- where everything lies ---- */

/* The first queue pair's offset of each of the parts, and how many bytes of it there are. */
static unsigned parts_of(const struct ring_conf *c, size_t at[6], size_t bytes[6])
{
	struct ring_layout l;

	ring_layout(c, &l);
	at[0] = l.desc;
	bytes[0] = c->ring_size * sizeof(struct vring_desc);
	at[1] = l.avail;
	bytes[1] = 4 + 2 * c->ring_size + 2;
	at[2] = l.used;
	bytes[2] = 4 + 8 * c->ring_size + 2;
	at[3] = l.headers;
	bytes[3] = c->ring_size * TX_HDR_STRIDE;
	at[4] = l.buffers;
	bytes[4] = l.nbufs * l.buf_stride;
	return 5;
}

/* Byte by byte: no two pairs have one in common, and each is what it is in the first pair, and of its pair. */
Test(queues, every_byte_of_a_pair_is_its_own_and_named_as_in_the_first)
{
	for (unsigned i = 0; i < 2 * QUEUE_LAYOUTS * 3; i++) {
		static const uint32_t sizes[] = {2, 16, 256};
		struct ring_conf alone =
			CONF(variants_exact("baseline"), directions[i & 1], sizes[i / 2 % 3], 2);
		struct ring_conf c = alone;
		struct ring_map map, first;
		size_t at[6], bytes[6], was[6], unused[6];
		uint8_t *taken;

		c.policy.queues = 3;
		c.policy.queue_layout = (enum queue_layout)(i / 6);
		ring_map_make(&map, &c);
		ring_map_make(&first, &alone);
		taken = calloc(1, map.layout.size);
		for (c.queue = 0; c.queue < 3; c.queue++) {
			const unsigned parts = parts_of(&c, at, bytes);

			parts_of(&alone, was, unused);
			for (unsigned p = 0; p < parts; p++) {
				for (size_t k = 0; k < bytes[p]; k++) {
					const unsigned want = ring_region_at(&first, was[p] + k);

					cr_assert_eq(taken[at[p] + k]++, 0, "%u: %u+%zu", i, p, k);
					cr_assert_eq(ring_group_at(&map, at[p] + k),
						     REGION_KINDS * c.queue + want,
						     "%u: pair %u, part %u + %zu", i, c.queue, p,
						     k);
				}
			}
		}
		free(taken);
	}
}

Test(queues, separate_ones_share_no_page)
{
	struct ring_conf c = CONF(variants_exact("packed"), DIR_RX, 256, 32);
	struct ring_layout l;
	size_t end = 0;

	c.policy.queues = QUEUES_MAX;
	for (c.queue = 0; c.queue < QUEUES_MAX; c.queue++) {
		ring_layout(&c, &l);
		cr_assert_eq(l.desc, end);
		cr_assert_eq(l.desc % 4096, 0);
		end = l.end;
	}
	cr_assert_eq(l.size, end);
}

/* ---- which lines move ---- */

/* Lockstep: a pair does what it does alone, so each count is so many times that of one, to the last digit. */
Test(queues, separate_pairs_move_the_lines_of_one_to_the_digit)
{
	const struct model_conf m = lockstep(COH_MOESI);
	struct engine *one = open_queues(&engine_model, &m, 1, 64);
	struct engine *three = open_queues(&engine_model, &m, 3, 64);

	FOR_EACH_VARIANT (v) {
		for (unsigned k = 0; k < 4 && v->ring != RING_NULL; k++) {
			struct ring_conf c = CONF(v, directions[k & 1], 64, k & 2 ? 8 : 1);
			struct coh_counts want[AGENTS] = {0};
			struct sample s;

			must_run(one, &c, 256, SIMD_SCALAR, &s);
			for (unsigned i = 0; i < 3 * AGENTS; i++)
				coh_add(&want[i % AGENTS], &engine_counts(one)[i % AGENTS]);
			c.policy.queues = 3;
			must(engine_sample, three, &c, 3 * 256, &s);
			cr_assert_eq(s.buffers, 3 * 256);
			cr_assert_eq(memcmp(want, engine_counts(three), sizeof(want)), 0,
				     "%s, case %u: counts differ from three times one pair's",
				     v->name, k);
			for (unsigned q = 0; q < 3; q++)
				cr_assert_eq(memcmp(&engine_queues(three)[q], engine_queues(one),
						    sizeof(struct queue_counts)),
					     0, "%s, pair %u", v->name, q);
		}
	}
	engine_close(one);
	engine_close(three);
}

/*
 * Two rings of 16 entries end to end, RX in bursts of 4, worked by hand; figures are a lap, of 32 buffers in
 * four rounds, of driver 0, device 0, driver 1, device 1.
 *
 * An avail ring is 38 bytes. Line A has all of the first, and idx and entries 0..10 of the second, whose
 * entries 11..15 are in line A + 1.
 *   8 times a driver's first store of its burst to A finds that the other driver took it: a read for ownership
 *     instead of an upgrade. The owner of A answers under MOESI; under MESI the last reader has made it
 *     clean, so memory does.
 *   A + 1 is one line more: driver 1 writes in two rounds, and device 1 reads: 2 upgrades, 2 transfers.
 * A used ring is 134 bytes, and takes 136. Line U has the length of element 15 of the first, and idx and
 * elements 0..6 of the second; device 0 writes there in one round.
 *   It takes U from device 1, whose index driver 1 has not read yet: a transfer instead of an upgrade.
 *   Device 1's next store takes it back. MOESI: from device 0, a transfer instead of an upgrade. MESI:
 *     driver 1 has read U meanwhile, so it comes from memory.
 *   Driver 0's look at that length makes U clean under MESI, so driver 1's next one is served by memory and is
 *     no transfer.
 * MOESI: 8 + 2 + 2 = 12 transfers more, 10 - 2 = 8 upgrades fewer. MESI: 2 + 1 - 1 = 2 transfers more,
 * 8 upgrades fewer, 8 + 1 + 1 = 10 reads of memory.
 */
Test(queues, the_lines_that_two_rings_of_16_share_are_those_counted_by_hand)
{
	static const struct {
		enum coh_protocol protocol;
		int transfers, upgrades, memory; /* a lap of both, beyond those of separate rings */
	} rows[] = {{COH_MESI, 2, -8, 10}, {COH_MOESI, 12, -8, 0}};
	enum { LAPS = 10 };

	for_each (r, rows, ARRAY_SIZE(rows)) {
		const struct model_conf m = lockstep(r->protocol);
		struct engine *e = open_queues(&engine_model, &m, 2, 16);
		struct ring_conf c = CONF(variants_exact("baseline"), DIR_RX, 16, 4);
		int64_t transfers[2] = {0}, upgrades[2] = {0}, memory[2] = {0}, others[2] = {0};
		struct sample s;

		c.policy.queues = 2;
		for (unsigned layout = 0; layout < QUEUE_LAYOUTS; layout++) {
			c.policy.queue_layout = (enum queue_layout)layout;
			must(engine_sample, e, &c, 32 * LAPS, &s);
			for (unsigned q = 0; q < 2; q++) {
				const struct queue_counts *n = &engine_queues(e)[q];

				transfers[layout] += (int64_t)n->transfers;
				upgrades[layout] += (int64_t)n->upgrades;
				memory[layout] += (int64_t)n->memory;
				others[layout] += (int64_t)n->others;
			}
		}
		cr_assert_eq(transfers[1] - transfers[0], r->transfers * LAPS, "%s: %ld",
			     coh_protocol_name(r->protocol), transfers[1] - transfers[0]);
		cr_assert_eq(upgrades[1] - upgrades[0], r->upgrades * LAPS, "%s: %ld",
			     coh_protocol_name(r->protocol), upgrades[1] - upgrades[0]);
		cr_assert_eq(memory[1] - memory[0], r->memory * LAPS, "%s: %ld",
			     coh_protocol_name(r->protocol), memory[1] - memory[0]);
		cr_assert_eq(others[0], 0);
		cr_assert_gt(others[1], 0);
		engine_close(e);
	}
}

/* Event suppression structures are 4 bytes: 16 pairs' lie in a line. */
Test(queues, packed_rings_end_to_end_share_the_lines_of_their_events)
{
	const struct model_conf m = lockstep(COH_MOESI);
	struct engine *e = open_queues(&engine_model, &m, 2, 64);
	struct ring_conf c = CONF(variants_exact("packed"), DIR_TX, 64, 8,
				  .policy = {.queues = 2,
					     .queue_layout = QUEUES_ADJACENT,
					     .notify = NOTIFY_DESC,
					     .sleep = SLEEP_BOTH});
	const struct coh_counts *n;
	struct sample s;

	must(engine_sample, e, &c, 2 * 512, &s);
	n = engine_counts(e);
	cr_assert_gt(n[AGENT_DRIVER].others[REGION_DRIVER_EVENT] +
			     n[AGENT_DEVICE].others[REGION_DRIVER_EVENT],
		     0);
	cr_assert_eq(n[AGENT_DRIVER].others[REGION_DESC] + n[AGENT_DEVICE].others[REGION_DESC], 0);
	engine_close(e);
}

/* ---- how long they take ---- */

static struct sample timed(const char *machine, const char *sockets, uint32_t queues,
			   struct queue_counts counts[2])
{
	struct ring_conf c = CONF(variants_exact("in-order"), DIR_RX, 64, 8);
	struct model_conf m;
	struct engine *e;
	struct sample s;

	model_defaults(&m);
	must(latency_find, machine, &m.machine, &m.place);
	m.mode = MODE_TIMED;
	for (; *sockets; sockets++)
		m.sockets[m.nsockets++] = (uint32_t)(*sockets - '0');
	e = open_queues(&engine_model, &m, queues, 64);
	c.policy.queues = queues;
	must(engine_sample, e, &c, 640 * queues, &s);
	memcpy(counts, engine_queues(e), 2 * sizeof(*counts));
	engine_close(e);
	return s;
}

/* Driver and device on two sockets: exactly what the machine's farthest place gives. */
Test(queues, sides_on_two_sockets_are_as_far_as_the_farthest_place)
{
	struct queue_counts n[2][2];
	const struct sample near = timed("zen5-near", "", 1, n[0]);
	const struct sample apart = timed("zen5-near", "01", 1, n[0]);
	const struct sample far = timed("zen5-far", "", 1, n[1]);

	cr_assert_eq(apart.elapsed_ns, far.elapsed_ns, "%lu, %lu", apart.elapsed_ns,
		     far.elapsed_ns);
	cr_assert_eq(memcmp(n[0], n[1], sizeof(n[0])), 0);
	cr_assert_gt(apart.elapsed_ns, near.elapsed_ns);
}

/* The slower pair ends the sample: all on one socket, one pair across, both across. */
Test(queues, a_pair_across_sockets_takes_longer_and_the_other_one_does_not)
{
	struct queue_counts n[2];
	const uint64_t near = timed("zen5-near", "0", 2, n).elapsed_ns;
	const uint64_t mixed = timed("zen5-near", "0001", 2, n).elapsed_ns;
	const uint64_t far = timed("zen5-near", "01", 2, n).elapsed_ns;

	cr_assert_lt(near, mixed, "%lu, %lu", near, mixed);
	cr_assert_leq(mixed, far, "%lu, %lu", mixed, far);
}

/* ---- evidence ---- */

Test(queues, a_mistake_is_found_and_told_with_its_pair)
{
	const struct model_conf m = lockstep(COH_MESI);
	struct engine *e = open_queues(&engine_model, &m, 2, 16);
	struct ring_conf c = CONF(variants_exact("baseline"), DIR_RX, 16, 4,
				  .policy = {.queues = 2, .fault = FAULT_CORRUPT, .fault_at = 5});
	struct vrb_err err;
	struct sample s;

	cr_assert_eq(engine_sample(e, &c, 128, &s, &err), -EBADMSG);
	expect_in(err.msg, "queue pair 0", "buffer 5");
	engine_close(e);
}

/* ---- on one thread, and on threads of their own ---- */

/* Every variant, each pair verified: one core. */
Test(queues, every_variant_is_verified_on_one_core)
{
	struct engine *e = open_queues(&engine_one_core, NULL, 3, 64);

	FOR_EACH_CASE (v, k, 2) {
		struct ring_conf c = CONF(v, directions[k], 64, 7, .policy = {.queues = 3});
		struct sample s;

		must(engine_sample, e, &c, 3 * 700, &s);
		cr_assert_eq(s.buffers, 3 * 700);
		for (struct engine *q = e; q; q = q->next)
			cr_assert_geq(q->sides.drv->reaped, 700, "%s, pair %u", v->name, q->queue);
	}
	engine_close(e);
}

/* Two pairs on the same two CPUs: each is verified, and it is said that the time means nothing. */
Test(timed_queues, pairs_that_share_cpus_are_verified_and_make_no_claim)
{
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .max_ring = 64,
				   .max_burst = 64,
				   .queues = 2,
				   .arena_size = 1u << 20};
	struct engine *one = test_engine(&engine_native, 64, 0, NULL), *e = NULL;
	struct cpu_pair pairs[2];

	conf.pair = pairs[0] = pairs[1] = one->conf.pair;
	conf.pairs = pairs;
	engine_close(one);
	must(engine_open, &e, &engine_native, &conf);
	for (unsigned k = 0; k < 6; k++) {
		struct ring_conf c =
			CONF(variants_exact(k < 4 ? "in-order" : "packed"), directions[k & 1], 64,
			     8, .policy = {.queues = 1 + (k & 2 ? 0 : 1)});
		const uint64_t buffers = 4000 * c.policy.queues;
		struct sample s;

		must(engine_sample, e, &c, buffers, &s);
		cr_assert_eq(s.buffers, buffers);
		cr_assert_eq(!!(s.flags & SAMPLE_CROWDED), c.policy.queues == 2);
		for (struct engine *q = e; q; q = engine_next(q)) {
			cr_assert_geq(q->sides.drv->reaped, 4000, "pair %u", q->queue);
			cr_assert_eq(q->sides.drv->reaped, q->sides.dev->returned, "pair %u",
				     q->queue);
		}
		if (c.policy.queues == 2)
			cr_assert(isnan(s.c2c_before_ns) && s.place == CLASS_NONE);
	}
	engine_close(e);
}

/* A sample is as good as the worst of its pairs: in sums of their counts one of them does not show. */
Test(queues, what_disturbs_one_pair_drops_the_sample_of_all)
{
	const struct sample good = {.elapsed_ns = 30000000,
				    .c2c_before_ns = 30,
				    .c2c_after_ns = 30,
				    .place = CLASS_NEAR,
				    .drv.task_ns = 30000000,
				    .dev.task_ns = 30000000};
	struct sample bad[6];

	for (unsigned k = 0; k < ARRAY_SIZE(bad); k++)
		bad[k] = good;
	bad[1].drv.unbound = true;
	bad[2].dev.cpu_after = 1;
	bad[3].dev.task_ns = 1000000;
	bad[4].place = CLASS_FAR;
	bad[4].c2c_before_ns = bad[4].c2c_after_ns = 120;
	bad[5].drv.invol_switches = 1;
	for (unsigned k = 0; k < 2 * ARRAY_SIZE(bad); k++) {
		static const uint32_t want[] = {0,
						SAMPLE_MIGRATED,
						SAMPLE_MIGRATED,
						SAMPLE_STALLED,
						SAMPLE_CLASS_MOVED,
						SAMPLE_SWITCHED};
		const bool first = k & 1;
		struct sample s = first ? bad[k / 2] : good;

		s.flags = noise_flags(&s);
		native_add_pair(&s, first ? &good : &bad[k / 2]);
		cr_assert_eq(s.flags, want[k / 2], "%u: %x", k, s.flags);
		cr_assert_eq(s.elapsed_ns, good.elapsed_ns);
	}
}

/* A pair that is done long before another one did not stand still. */
Test(queues, a_pair_that_is_done_early_disturbs_nothing)
{
	struct sample s = {.place = CLASS_NEAR};

	for (unsigned k = 0; k < 8; k++) {
		const uint64_t ns = (k & 1 ? 50 : 10) * 1000000ull;
		struct sample pair = {.elapsed_ns = ns,
				      .place = CLASS_NEAR,
				      .drv.task_ns = ns,
				      .dev.task_ns = ns};

		if (k % 4)
			native_add_pair(&s, &pair);
		else
			s = pair;
		cr_assert_eq(s.flags, 0, "%u: %x", k, s.flags);
	}
	cr_assert_eq(s.elapsed_ns, 50000000);
}

/* What one pair finds ends all of them. */
Test(timed_queues, a_mistake_of_one_pair_ends_the_sample)
{
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .max_ring = 64,
				   .max_burst = 64,
				   .queues = 2,
				   .arena_size = 1u << 20};
	struct engine *one = test_engine(&engine_native, 64, 0, NULL), *e = NULL;
	struct ring_conf c = CONF(variants_exact("baseline"), DIR_RX, 64, 8,
				  .policy = {.queues = 2, .fault = FAULT_LOSE, .fault_at = 100});
	struct cpu_pair pairs[2];
	struct vrb_err err;
	struct sample s;

	conf.pair = pairs[0] = pairs[1] = one->conf.pair;
	conf.pairs = pairs;
	engine_close(one);
	must(engine_open, &e, &engine_native, &conf);
	cr_assert_eq(engine_sample(e, &c, 8000, &s, &err), -EBADMSG);
	expect_in(err.msg, "queue pair 0", "buffer 100");
	engine_close(e);
}

/* ---- by the command line ---- */

TestSuite(queues_cli, .init = make_folder, .fini = drop_folder);

Test(queues_cli, a_session_keeps_what_each_pair_moved)
{
	RAN(run, EXIT_DONE, folder,
	    "--engine model --only --variant baseline --direction rx --ring-size 16 --burst 4 --queues 2 "
	    "--queue-layout adjacent --protocol moesi --json s.jsonl");
	expect_in(run.out, "other queue", "transfers a buffer of each queue pair", "1.375");
	expect_in(get_text(SESSION), "\"queues\":2,\"queue_layout\":\"adjacent\"",
		  "\"other_queue\":{", "\"queues\":[{\"transfers\":");
	LOADED(s, SESSION);
	cr_assert_eq(s.counts[0].nqueues, 2);
	cr_assert_eq(s.counts[0].queue[0].transfers + s.counts[0].queue[1].transfers,
		     s.counts[0].buffers * 11 / 8);
}

Test(queues_cli, of_one_pair_nothing_is_said)
{
	RAN(run, EXIT_DONE, folder,
	    "--engine model --only --variant baseline --ring-size 16 --burst 4 --queues 1 --json s.jsonl");
	expect_not_in(run.out, "queue pair", "other queue");
	expect_not_in(get_text(SESSION), "\"queues\"", "queue_layout", "other_queue");
}

Test(timed_queues_cli, shared_cpus_are_told_and_nothing_is_ranked, .init = make_folder,
     .fini = drop_folder)
{
	if (!native_possible())
		cr_skip("needs two CPUs");
	RAN(run, EXIT_DONE, folder,
	    "--variant in-order --direction rx --ring-size 64 --burst 8 --queues 2 --launches 2 --rounds 4 "
	    "--sample-ms 1 --json s.jsonl");
	expect_in(run.out, "share CPUs: each buffer was verified, and no time is claimed");
	expect_in(get_text(SESSION), "\"queue_cpus\":[", "\"crowded\"");
	expect_not_in(run.out, " faster", " slower");
	LOADED(s, SESSION);
	cr_assert_eq(s.nmodelled, 4);
}

static const struct bad_line refused[] = {
	{"run --queues 0", {"--queues", "1..64"}},
	{"run --queues 65", {"--queues", "1..64"}},
	{"run --queues x", {"--queues", "1..64"}},
	{"run --queue-layout adjacent",
	 {"--queue-layout adjacent: one queue pair has no neighbours; legal with --queues 2"}},
	{"run --queue-layout tight", {"unknown value for --queue-layout 'tight'"}},
	{"run --engine process --queues 2", {"--queues: --engine process runs one queue pair"}},
	{"run --engine model --queues 2 --trace t", {"--trace: it is for one queue pair"}},
	{"run --queues 2 --cpus 0,1,0", {"--cpus '0,1,0'", "or both of each queue pair"}},
	{"run --cpus 0,1,0,1",
	 {"--cpus '0,1,0,1': not two CPU numbers; legal: DRIVER,DEVICE as in 0,1"}},
	{"run --queues 2 --cpus 0,1,0,x", {"--cpus '0,1,0,x'"}},
	{"run --queues 2 --cpus 0,1,1,1", {"--cpus 1,1: the two sides need two different CPUs"}},
	{"run --queues 2 --counters", {"--counters: it is for one queue pair"}},
	{"latency --queues 2", {"unknown option --queues"}},
	{"predict --queues 2", {"unknown option --queues"}},
	{"profile --queues 2", {"unknown option --queues"}},
	{"explain --queues 2", {"unknown option --queues"}},
	{"run --engine model --sockets 0,1", {"--sockets: in lockstep nothing is timed"}},
	{"run --engine model --mode timed --machine zen5-far --sockets 0,1",
	 {"--sockets: no place of machine zen5 is farther than far"}},
	{"run --engine model --sockets 0,,1", {"--sockets '0,,1'"}},
	{"run --engine model --sockets 256", {"--sockets '256'"}},
	{"run --engine model --sockets ''", {"--sockets ''"}},
	{"run --sockets 0,1", {"--sockets: --engine native has no model of the caches"}},
};

Test(queues_cli, what_is_illegal_is_refused_in_one_line)
{
	expect_refused(folder, "", refused, ARRAY_SIZE(refused));
}
