/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_model_rings.c - every variant on the model engine, verified as on the others: sizes,
 * bursts, payloads, protocols, caches, both modes; mistakes seen; counts that add up.
 */
#include "ring_fixture.h"

#include "spawned.h"

/* Of each variant that exchanges anything cases k from 0 to below n. */
#define FOR_EACH_EXCHANGE(v, k, n) \
	FOR_EACH_VARIANT (v)       \
		for (unsigned k = 0; k < (unsigned)(n) && v->ring != RING_NULL; k++)

static struct model_conf checked(enum coh_protocol p, enum model_mode mode)
{
	struct model_conf m;

	model_defaults(&m);
	m.protocol = p;
	m.mode = mode;
	m.check = true;
	return m;
}

/* ---- verified ---- */

#define ALL_BURSTS UINT32_MAX

/*
 * Every variant, both directions, bursts 1, 3 and all, on rings of @size.
 * @turn: a variant has only one of these bursts, another one with another turn; or ALL_BURSTS.
 */
static void verify(const struct model_conf *m, uint32_t size, uint32_t payload, uint64_t buffers,
		   uint16_t start, unsigned turn)
{
	const uint32_t bursts[] = {1, size < 3 ? 2 : 3, size};
	freed_by(close_engine) struct engine *e = test_model(m, size, payload);

	FOR_EACH_EXCHANGE (v, k, 2 * ARRAY_SIZE(bursts)) {
		if (turn != ALL_BURSTS && (turn += !k) % ARRAY_SIZE(bursts) != k / 2)
			continue;
		struct ring_conf c = CONF(v, directions[k & 1], size, bursts[k / 2],
					  .payload = payload, .start_idx = start);
		struct sample s;

		must_run(e, &c, buffers, SIMD_SCALAR, &s);
	}
}

static void verify_sizes(enum model_mode mode, uint32_t factor)
{
	struct model_conf m;

	model_defaults(&m);
	m.mode = mode;
	for (uint32_t size = 2; size <= 1024; size *= factor)
		verify(&m, size, 0, 2 * size + 1, 0, ALL_BURSTS);
}

Test(model_rings, every_variant_verifies_at_every_size)
{
	verify_sizes(MODE_LOCKSTEP, 2);
	verify_sizes(MODE_TIMED, 8);
}

/*
 * In every protocol and both modes; with payloads; where indices wrap. Under MESI each variant has each
 * burst; under the other protocols one of them, and under each protocol another one.
 */
Test(model_rings, every_variant_verifies_and_keeps_every_protocol_whole)
{
	static const struct {
		uint32_t size, payload;
		uint64_t buffers;
		uint16_t start;
		enum coh_protocol most; /* up to which protocol */
	} cases[] = {
		{64, 9, 130, 0, COH_PROTOCOLS - 1}, {64, 1, 200, 0, COH_MESI},
		{64, 61, 200, 0, COH_MESI},	    {64, 64, 200, 0, COH_MESI},
		{4, 0, 300, 65533, COH_MESI},	    {64, 0, 300, 65533, COH_MESI},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned k = 0; k < (cases[i].most + 1) * MODEL_MODES; k++) {
			struct model_conf m = checked((enum coh_protocol)(k / MODEL_MODES),
						      (enum model_mode)(k % MODEL_MODES));

			verify(&m, cases[i].size, cases[i].payload, cases[i].buffers,
			       cases[i].start, m.protocol == COH_MESI ? ALL_BURSTS : k);
		}
	}
}

Test(model_rings, every_variant_verifies_with_other_caches)
{
	static const struct {
		uint32_t line;
		bool prefetch;
		uint32_t sets, ways;
	} caches[] = {
		{32, false, 0, 0}, {128, false, 0, 0}, {256, true, 0, 0}, {64, true, 0, 0},
		{64, false, 1, 1}, {64, true, 4, 2},   {32, true, 1, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		for (unsigned k = 0; k < 2; k++) {
			struct model_conf m = checked(i & 1 ? COH_MOESI_MIGRATORY : COH_MESIF,
						      k ? MODE_TIMED : MODE_LOCKSTEP);

			m.line = caches[i].line;
			m.prefetch = caches[i].prefetch;
			m.sets = caches[i].sets;
			m.ways = caches[i].ways;
			m.bound = k ? BOUND_OVERLAPPED : BOUND_SERIAL;
			verify(&m, 64, 9, 130, 0, (unsigned)i);
		}
	}
}

Test(model_rings, every_variant_verifies_in_both_bounds_with_any_store_buffer)
{
	static const uint32_t buffers[] = {0, 1, COH_STORE_BUFFER_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		for (enum model_bound bound = 0; bound < MODEL_BOUNDS; bound++) {
			struct model_conf m = checked(COH_MOESI, MODE_TIMED);

			m.store_buffer = buffers[i];
			m.bound = bound;
			m.phase_seed = i;
			verify(&m, 64, 0, 130, 0, (unsigned)i);
		}
	}
}

/* Policies decide which loops run: each of them, on each vector path. */
Test(model_rings, every_variant_verifies_under_every_policy)
{
	struct model_conf m = checked(COH_MESI, MODE_TIMED);
	freed_by(close_engine) struct engine *e = test_model(&m, 64, 0);

	FOR_EACH_EXCHANGE (v, k, 128) {
		struct ring_conf c =
			CONF(v, directions[k & 1], 64, 8,
			     .policy = {.free_list = k & 2 ? FREE_LIFO : FREE_FIFO,
					.publish = k & 4 ? PUBLISH_BUFFER : PUBLISH_BURST,
					.tx_header = k & 8 ? TX_HEADER_NONE : TX_HEADER_CHAINED,
					.device_order = (enum device_order)(k >> 4 & 3),
					.early_share = .3,
					.poll = k & 64 ? POLL_PAUSE : POLL_SPIN});

		if (variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		must_run_paths(e, &c, 200);
	}
}

/* ---- mistakes ---- */

Test(model_rings, every_injected_mistake_is_seen)
{
	static const enum fault faults[] = {FAULT_LOSE, FAULT_CORRUPT, FAULT_DUPLICATE};

	for (enum model_mode mode = 0; mode < MODEL_MODES; mode++) {
		struct model_conf m = checked(COH_MESI, mode);
		freed_by(close_engine) struct engine *e = test_model(&m, 64, 64);

		FOR_EACH_EXCHANGE (v, k, 4 * ARRAY_SIZE(faults)) {
			struct ring_conf c =
				CONF(v, directions[k & 1], 64, 8, .payload = k & 2 ? 64 : 0,
				     .policy = {.fault = faults[k / 4], .fault_at = 100});
			struct sample s;

			expect_not_in(refusal_of(where(&c, SIMD_SCALAR).text, -EBADMSG,
						 engine_sample, e, &c, 300, &s),
				      "was not caught");
		}
	}
}

/* ---- determinism ---- */

struct result {
	struct coh_counts counts[AGENTS];
	uint64_t elapsed_ns, drv_empty, dev_empty;
};

static struct result result_of(struct engine *e, const struct ring_conf *c)
{
	struct result r;
	struct sample s;

	memset(&r, 0, sizeof(r));
	must_run(e, c, 4 * c->ring_size, SIMD_SCALAR, &s);
	memcpy(r.counts, engine_counts(e), sizeof(r.counts));
	r.elapsed_ns = s.elapsed_ns;
	r.drv_empty = s.drv.empty_polls;
	r.dev_empty = s.dev.empty_polls;
	return r;
}

Test(model_rings, a_sample_depends_on_nothing_but_its_configuration)
{
	for (enum model_mode mode = 0; mode < MODEL_MODES; mode++) {
		struct model_conf m = checked(COH_MOESI_MIGRATORY, mode);
		struct engine *one, *other;

		m.check = false;
		one = test_model(&m, 128, 64);
		other = test_model(&m, 512, 256); /* another arena, at another address */
		FOR_EACH_EXCHANGE (v, k, 2) {
			struct ring_conf c = CONF(v, directions[k], 128, 8, .payload = 61);
			struct result a, b, again;

			a = result_of(one, &c);
			b = result_of(other, &c);
			again = result_of(one, &c);
			cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0, "%s",
				     where(&c, SIMD_SCALAR).text);
			cr_assert_eq(memcmp(&a, &again, sizeof(a)), 0, "%s, again",
				     where(&c, SIMD_SCALAR).text);
		}
		engine_close(one);
		engine_close(other);
	}
}

Test(model_rings, another_phase_is_another_run)
{
	struct ring_conf c = {
		.variant = variant_named("baseline"), .dir = DIR_TX, .ring_size = 128, .burst = 8};
	struct result r[2];

	for (unsigned i = 0; i < 2; i++) {
		struct model_conf m = checked(COH_MESI, MODE_TIMED);
		freed_by(close_engine) struct engine *e;

		m.phase_seed = i;
		e = test_model(&m, 128, 0);
		r[i] = result_of(e, &c);
	}
	cr_assert_neq(memcmp(&r[0], &r[1], sizeof(r[0])), 0);
}

/* Addresses differ from run to run; the text may not. */
Test(model_rings, the_program_prints_the_same_bytes_each_time)
{
	static const char *const modes[] = {"lockstep", "timed"};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct spawned s[2];
		TEMP_DIR(dir);

		for (unsigned k = 0; k < 2; k++) {
			spawn_words(
				&s[k], dir,
				"--engine model --variant all --burst 1,8 --mode %s --format tsv",
				modes[i]);
			cr_assert_eq(s[k].code, 0, "%s: exit %d: %s", modes[i], s[k].code,
				     s[k].err);
		}
		expect_in(s[0].out, "shadow-avail\ttx");
		cr_assert_str_eq(s[0].out, s[1].out, "%s", modes[i]);
		spawn_free(&s[0]);
		spawn_free(&s[1]);
	}
}

/* As data, too, a time says what it is of; in lockstep there is none. */
Test(model_rings, times_are_in_the_data_and_say_which_bound_they_are_of)
{
	TEMP_DIR(dir);
	RAN(timed, EXIT_DONE, dir,
	    "--engine model -v baseline -d rx --mode timed --bound overlapped --format tsv -q -o t");
	expect_in(timed.out, "\tmode\tmachine\tbound\t", "\tns\t",
		  "\ttimed\tzen5-near\toverlapped\t");
	RAN(counted, EXIT_DONE, dir, "--engine model -v baseline -d rx --format tsv -q -o c");
	cr_assert(!strstr(counted.out, "\tns\t") && !strstr(counted.out, "\tbound\t"), "%s",
		  counted.out);
	RAN(launches, EXIT_DONE, dir, "table --launches t");
	SPAWNED(refused, dir, "table --launches c");
	has_ended(&refused, EXIT_USAGE);
	expect_in(refused.err, "--launches: c is of the model in lockstep");
	SPAWNED(times, dir, "table --hgrm d c");
	has_ended(&times, EXIT_USAGE);
	expect_in(times.err, "--hgrm: c has no times of buffers; legal: a session of latency");
	cr_expect_str_empty(times.out);
}

/* ---- attribution ---- */

/* What the events of a lap say. */
struct told {
	struct ring_map map;
	uint64_t by[AGENTS][COH_KINDS][REGION_KINDS];
	uint64_t other;			     /* accesses to bytes that nobody should touch */
	uint64_t halves[2048], wholes[2048]; /* stores of the device to used elements */
};

static void on_event(void *arg, const struct coh_event *e)
{
	struct told *t = arg;
	const unsigned region = ring_region_at(&t->map, e->offset);

	t->other += region == REGION_OTHER;
	if (e->transaction)
		t->by[e->agent->id][e->kind][region]++;
	if (region == REGION_USED_ELEMENTS && e->verb == COH_STORE && t->map.kind == RING_SPLIT) {
		const size_t element = (e->offset - t->map.layout.used - 4) / 8;

		(e->size == 8 ? t->wholes : t->halves)[element]++;
	}
}

/* Run a lap with every access told. */
static struct engine *run_told(struct told *t, const struct ring_conf *c, enum model_mode mode)
{
	struct model_conf m = checked(COH_MESI, mode);
	struct engine *e;
	struct sample s;

	memset(t, 0, sizeof(*t));
	ring_map_make(&t->map, c);
	m.event = on_event;
	m.event_arg = t;
	e = test_model(&m, c->ring_size, c->payload);
	must_run(e, c, c->ring_size, SIMD_SCALAR, &s);
	return e;
}

/*
 * The lap that is told ends when the driver has reaped its last buffer; what RX posts after that
 * is counted and not told.
 */
static void counts_are_events(const struct coh_counts *counts, const struct told *t,
			      const struct ring_conf *c)
{
	for (unsigned side = 0; side < AGENTS; side++) {
		for (enum coh_kind k = 0; k < COH_KINDS; k++) {
			for (enum ring_region r = 0; r < REGION_KINDS; r++) {
				const uint64_t told = t->by[side][k][r],
					       counted = counts[side].by[k][r];
				const bool after = c->dir == DIR_RX && side == AGENT_DRIVER;

				cr_assert(after ? told <= counted : told == counted,
					  "%s: side %u, %s of %s: %lu, %lu",
					  where(c, SIMD_SCALAR).text, side, coh_kind_name(k),
					  ring_region_name(r), told, counted);
			}
		}
	}
}

/* The pool is the driver's own; event fields are not used while both sides poll. */
static void nothing_else_moves(const struct coh_counts *counts, const struct ring_conf *c)
{
	static const enum ring_region still[] = {REGION_AVAIL_EVENT,  REGION_USED_EVENT,
						 REGION_DRIVER_EVENT, REGION_DEVICE_EVENT,
						 REGION_POOL,	      REGION_OTHER};

	for (unsigned side = 0; side < AGENTS; side++) {
		for (size_t i = 0; i < ARRAY_SIZE(still); i++) {
			for (unsigned k = 0; k < COH_KINDS; k++)
				cr_assert_eq(counts[side].by[k][still[i]], 0, "%s: %s",
					     where(c, SIMD_SCALAR).text,
					     ring_region_name(still[i]));
		}
	}
}

/* Who fetches is who reads, who upgrades is who writes. A packed ring is written by both. */
static void sides_have_their_parts(const struct coh_counts *counts, const struct ring_conf *c)
{
	static const struct {
		enum ring_region region;
		unsigned writer;
	} parts[] = {
		{REGION_DESC, AGENT_DRIVER},	      {REGION_AVAIL_IDX, AGENT_DRIVER},
		{REGION_AVAIL_ENTRIES, AGENT_DRIVER}, {REGION_USED_IDX, AGENT_DEVICE},
		{REGION_USED_ELEMENTS, AGENT_DEVICE},
	};

	for (size_t i = c->variant->ring == RING_PACKED; i < ARRAY_SIZE(parts); i++) {
		const unsigned writer = parts[i].writer, region = parts[i].region;

		cr_assert_eq(coh_transfers(&counts[writer], region), 0, "%s: %s",
			     where(c, SIMD_SCALAR).text,
			     ring_region_name((enum ring_region)region));
		cr_assert_eq(coh_upgrades(&counts[!writer], region), 0, "%s: %s",
			     where(c, SIMD_SCALAR).text,
			     ring_region_name((enum ring_region)region));
	}
}

Test(model_rings, events_counts_and_parts_of_each_variant_agree)
{
	static struct told t;

	FOR_EACH_EXCHANGE (v, k, 8) {
		struct ring_conf c = CONF(v, directions[k & 1], 128, 8, .payload = k & 2 ? 61 : 0);
		freed_by(close_engine) struct engine *e =
			run_told(&t, &c, k & 4 ? MODE_TIMED : MODE_LOCKSTEP);

		counts_are_events(engine_counts(e), &t, &c);
		cr_assert_eq(t.other, 0, "%s: %lu accesses to padding", where(&c, SIMD_SCALAR).text,
			     t.other);
		nothing_else_moves(engine_counts(e), &c);
		sides_have_their_parts(engine_counts(e), &c);
	}
}

/* Element i starts at 4 + 8 i: with i mod 8 = 7 its id and its len lie in two lines. */
Test(model_rings, a_straddling_used_element_is_two_accesses)
{
	static struct told t;
	const struct ring_conf c = {
		.variant = variant_named("baseline"), .dir = DIR_RX, .ring_size = 128, .burst = 1};
	const struct coh_counts *counts;
	freed_by(close_engine) struct engine *e = run_told(&t, &c, MODE_LOCKSTEP);

	for (unsigned i = 0; i < c.ring_size; i++) {
		cr_assert_eq(t.wholes[i], i % 8 != 7, "element %u", i);
		/* its second half starts in the next line, where its own number is told, too */
		cr_assert_eq(t.halves[i], i % 8 == 7 ? 2 : 0, "element %u", i);
	}
	/*
	 * One by one each access of the driver fetches its line, but for those to the line of the
	 * index, which has just come: elements 0..6 and a half of 7. The others are 128 - 7, and
	 * 15 of them (15, 23, ... 127) are fetched twice.
	 */
	counts = engine_counts(e);
	cr_assert_eq(coh_transfers(&counts[AGENT_DRIVER], REGION_USED_ELEMENTS), 121 + 15);
}

/* A packet's own lines: written by one side, read by the other, once a buffer. */
Test(model_rings, a_payload_moves_its_lines_once)
{
	static const uint32_t payloads[] = {1, 61, 64, 65, 256};
	struct model_conf m = checked(COH_MESI, MODE_LOCKSTEP);
	freed_by(close_engine) struct engine *e = test_model(&m, 64, 256);

	FOR_EACH_EXCHANGE (v, k, 2 * ARRAY_SIZE(payloads)) {
		struct ring_conf c = CONF(v, directions[k & 1], 64, 8, .payload = payloads[k / 2]);
		const struct coh_counts *n;
		uint64_t moved, header;

		result_of(e, &c);
		n = engine_counts(e);
		moved = coh_transfers(&n[0], REGION_PAYLOAD) + coh_transfers(&n[1], REGION_PAYLOAD);
		header = coh_transfers(&n[0], REGION_HEADER) + coh_transfers(&n[1], REGION_HEADER);
		cr_assert_eq(moved, 4 * 64 * ((c.payload + 63) / 64), "%s: %lu",
			     where(&c, SIMD_SCALAR).text, moved);
		/* RX: the device writes it, nobody reads it; TX: written once */
		cr_assert_eq(header, 0, "%s: %lu", where(&c, SIMD_SCALAR).text, header);
	}
}

/*
 * In a lap one burst of 32 stores avail entries into the line of avail->idx, and one used
 * elements into that of used->idx, before the index itself: the reader loses the line to an
 * entry and comes back for the index.
 */
Test(model_rings, an_index_is_lost_to_the_entries_in_its_line)
{
	static const struct {
		const char *variant;
		unsigned avail, used; /* a lap */
	} cases[] = {{"baseline", 1, 1}, {"shadow-avail", 0, 1}, {"fixed-layout", 0, 1}};
	struct model_conf m = checked(COH_MESI, MODE_LOCKSTEP);
	freed_by(close_engine) struct engine *e = test_model(&m, 256, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c = CONF(variant_named(cases[i].variant), DIR_RX, 256, 32);
		struct result r = result_of(e, &c);

		cr_assert_eq(
			r.counts[AGENT_DEVICE].elsewhere[REGION_AVAIL_ENTRIES][REGION_AVAIL_IDX],
			4 * cases[i].avail, "%s", cases[i].variant);
		cr_assert_eq(
			r.counts[AGENT_DRIVER].elsewhere[REGION_USED_ELEMENTS][REGION_USED_IDX],
			4 * cases[i].used, "%s", cases[i].variant);
	}
}
