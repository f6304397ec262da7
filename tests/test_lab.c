/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_lab.c - the ring family lab: points as text, which are rings, presets that count what the rings
 * that they stand for count, every buffer verified, mistakes seen.
 */
#include "ring/lab_channel.h"

#include "ring_fixture.h"

#include "names.h"

#include <errno.h>
#include <string.h>

static const uint32_t bursts[] = {1, 4, 8, 32};

#define FOR_EACH_POINT(v)                                                 \
	for (unsigned i_ = variants_count(); i_ < variants_total(); i_++) \
		for (const struct variant *v = variants_get(i_); v; v = NULL)

Test(lab, a_point_is_what_its_text_says)
{
	FOR_EACH_POINT(v)
	{
		char text[LAB_TEXT], again[LAB_TEXT];
		struct lab_point p = {0};

		must(lab_parse, lab_print(v->lab, text), &p);
		cr_assert_str_eq(lab_print(&p, again), text);
		cr_assert_eq(memcmp(&p, v->lab, sizeof(p)), 0);
	}
}

Test(lab, a_text_that_is_no_point)
{
	static const char *const bad[][2] = {
		{"", "no field=value"},
		{"out-elem", "no field=value"},
		{"elem=8", "no field=value"},
		{"out-elem=", "legal: 2, 4, 8, 16, 32, 64"},
		{"out-elem=7", "out-elem=7; legal: 2, 4, 8, 16, 32, 64"},
		{"way=ring;back-signal=flags", "legal: own, beside, flag, seq, line"},
		{"way=ring;", "no field=value"},
		{"out-hint=write", "out-hint=write; legal: none, prefetch, prefetchw, demote"},
		{"carry=pointer", "legal: address, stream, inline"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lab_point p = {.out_elem = LAB_8}, was = p;
		const char *said = refusal(-EINVAL, lab_parse, bad[i][0], &p);

		cr_assert(strstr(said, bad[i][1]), "%s: %s", bad[i][0], said);
		cr_assert_eq(memcmp(&p, &was, sizeof(p)), 0);
	}
}

/* The next point of the space, the first after the last. Returns false then. */
static bool next_point(struct lab_point *p)
{
	for (unsigned i = 0; i < LAB_SEARCHED; i++) {
		if (++*lab_value(p, i) < lab_fields[i].n)
			return true;
		*lab_value(p, i) = 0;
	}
	return false;
}

static struct sample run_point(struct engine *e, const struct lab_point *p, enum direction dir,
			       uint32_t burst, uint32_t payload, uint16_t start)
{
	const struct variant v = {.name = "lab point",
				  .kind = KIND_LAB,
				  .ring = RING_LAB,
				  .opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},
				  .lab = p};
	struct ring_conf c = CONF(&v, dir, 64, burst, .payload = payload, .start_idx = start);
	struct sample s;

	must_run(e, &c, 150, SIMD_SCALAR, &s);
	return s;
}

/*
 * Every 199th legal point without hints and every 2999th with some, so that each value of each field comes
 * up: all buffers arrive intact.
 */
Test(lab, every_kind_of_point_is_a_ring)
{
	struct model_conf m;
	struct lab_point p = {0};
	unsigned without = 0, with = 0, seen[LAB_FIELDS][LAB_PUBLISHES] = {{0}};

	model_defaults(&m);
	m.check = true;
	freed_by(close_engine) struct engine *e = test_model(&m, 64, 61);

	do {
		for (unsigned k = 0; k < DIRECTIONS; k++) {
			const bool hint = p.out_hint || p.back_hint;
			unsigned legal;

			if (lab_excluded(&p, directions[k]))
				continue;
			legal = hint ? ++with : ++without;
			if (legal % (hint ? 2999 : 199) != 1)
				continue;
			run_point(e, &p, directions[k], bursts[legal % 4], legal % 3 ? 0 : 61,
				  (uint16_t)(legal % 5 ? 0 : 65500));
			for (unsigned f = 0; f < LAB_FIELDS; f++)
				seen[f][*lab_value(&p, f)]++;
		}
	} while (next_point(&p));
	for (unsigned f = 0; f < LAB_SEARCHED; f++)
		for (unsigned i = 0; i < lab_fields[f].n; i++)
			cr_assert(seen[f][i], "%s=%s was not run", lab_fields[f].name,
				  lab_fields[f].values[i]);
}

/* What both sides did of one kind. */
static void counts_of(struct engine *e, const struct variant *v, enum direction dir, uint32_t ring,
		      uint32_t burst, uint64_t counts[4])
{
	struct ring_conf c = CONF(v, dir, ring, burst, .policy = {.tx_header = TX_HEADER_NONE});
	const struct coh_counts *agents;
	struct sample s;

	must_run(e, &c, 8 * ring, SIMD_SCALAR, &s);
	agents = engine_counts(e);
	for (unsigned i = 0; i < 2; i++) {
		counts[2 * i] = counts[2 * i + 1] = 0;
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			counts[2 * i] += coh_transfers(&agents[i], r);
			counts[2 * i + 1] += coh_upgrades(&agents[i], r);
		}
	}
}

/* Transfers and upgrades by side, to the digit, under each protocol; a preset that is not that ring has others. */
Test(lab, presets_count_what_the_rings_count)
{
	static const struct {
		const char *preset, *ring;
		bool same;
	} pairs[] = {{"lab-split", "baseline", true},
		     {"lab-packed", "packed", true},
		     {"lab-packed-in-order", "packed+in-order", true},
		     {"lab-spsc", "spsc", true},
		     {"lab-packed", "packed+in-order", false},
		     {"lab-rx-bisect", "spsc", false}};
	static const uint32_t rings[] = {64, 256, 1024};

	for (unsigned j = 0; j < COH_PROTOCOLS * ARRAY_SIZE(rings) * ARRAY_SIZE(pairs); j++) {
		const unsigned i = j % ARRAY_SIZE(pairs);
		const uint32_t ring = rings[j / ARRAY_SIZE(pairs) % ARRAY_SIZE(rings)];
		bool same = true;

		/* what is not the same ring need not differ under each protocol */
		if (!pairs[i].same && j >= ARRAY_SIZE(pairs))
			continue;
		MODEL(e, ring, 0,
		      m.protocol = (enum coh_protocol)(j / ARRAY_SIZE(pairs) / ARRAY_SIZE(rings)));

		for (unsigned k = 0; k < 2 * ARRAY_SIZE(bursts); k++) {
			uint64_t preset[4], real[4];

			counts_of(e, variants_exact(pairs[i].preset), directions[k & 1], ring,
				  bursts[k / 2], preset);
			counts_of(e, variants_exact(pairs[i].ring), directions[k & 1], ring,
				  bursts[k / 2], real);
			same &= !memcmp(preset, real, sizeof(real));
		}
		cr_assert_eq(same, pairs[i].same, "%s and %s", pairs[i].preset, pairs[i].ring);
	}
}

Test(lab, what_is_held_is_not_published_by_the_buffer)
{
	const struct ring_policy drv = {.publish = PUBLISH_BUFFER},
				 dev = {.device_publish = PUBLISH_BUFFER};
	struct vrb_err err;

	cr_assert_neq(variants_legal(variants_exact("lab-compact-rx"), DIR_RX, &drv, &err), 0);
	expect_in(err.msg, "--publish buffer", "lab-compact-rx");
	cr_assert_neq(variants_legal(variants_exact("lab-compact-tx"), DIR_TX, &dev, &err), 0);
	expect_in(err.msg, "--device-publish buffer", "lab-compact-tx");
	must(variants_legal, variants_exact("lab-compact-tx"), DIR_TX, &drv);
	cr_assert_neq(variants_legal(variants_exact("lab-line-tx"), DIR_TX, &drv, &err), 0);
	expect_in(err.msg, "--publish buffer", "lab-line-tx");
	cr_assert_neq(variants_legal(variants_exact("lab-line-rx"), DIR_RX, &dev, &err), 0);
	expect_in(err.msg, "--device-publish buffer", "lab-line-rx");
}

/* A ring that a test drives, of a point whose text says what is not as in @base. */
struct point_by_hand {
	struct lab_point point;
	struct variant variant;
};

static struct ring_conf conf_of(struct point_by_hand *to, const char *base, const char *text,
				enum direction dir, uint32_t burst)
{
	to->point = *variants_exact(base)->lab;
	must(lab_parse, text, &to->point);
	cr_assert_null(lab_excluded(&to->point, dir), "%s", lab_excluded(&to->point, dir));
	to->variant = *variants_exact(base);
	to->variant.lab = &to->point;
	return (struct ring_conf)CONF(&to->variant, dir, 64, burst, .generic = true);
}

/*
 * By hand, a device that returns so many packets a burst; what the driver can see after each burst. Elements of 8 bytes,
 * 8 a line (7 behind a count), of 64, 1 a line. What a line has no room for begins to wait with the burst that made it.
 */
Test(lab, packets_wait_until_their_line_is_full_or_for_so_many_bursts)
{
	static const struct {
		const char *text;
		uint32_t burst;
		uint16_t start;
		uint64_t shown[9];
	} rows[] = {
		{"back-publish=line-8", 1, 0, {0, 0, 0, 0, 0, 0, 0, 8, 8}},
		{"back-publish=line-2", 1, 0, {0, 2, 2, 4, 4, 6, 6, 8, 8}},
		{"back-publish=line-2", 3, 0, {0, 6, 8, 12, 12, 16, 21, 24, 24}},
		{"back-publish=line-8", 1, 5, {0, 0, 3, 3, 3, 3, 3, 3, 3}},
		{"back-publish=line-32", 5, 0, {0, 8, 8, 16, 24, 24, 32, 40, 40}},
		{"back-publish=line-32;back-elem=64", 2, 0, {2, 4, 6, 8, 10, 12, 14, 16, 18}},
		{"back-publish=line-8;back-signal=line;back-look=poll",
		 2,
		 0,
		 {0, 0, 0, 7, 7, 7, 14, 14, 14}},
		{"back-publish=burst", 1, 0, {1, 2, 3, 4, 5, 6, 7, 8, 9}},
	};

	for_each (r, rows, ARRAY_SIZE(rows)) {
		struct point_by_hand own;
		struct ring_conf c = conf_of(&own, "lab-line-rx", r->text, DIR_RX, r->burst);

		c.start_idx = r->start;
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		for (unsigned i = 0; i < ARRAY_SIZE(r->shown); i++) {
			hand_dev(&h, 1);
			cr_assert_eq(h.v->returned - r->start, (i + 1) * r->burst);
			cr_assert_eq(h.v->lab.told - r->start, r->shown[i], "%s: burst %u: %lu",
				     r->text, i, h.v->lab.told - r->start);
		}
	}
}

/* A device that finds nothing shows what waits, and so does a driver that has no room: who waits for it goes on. */
Test(lab, what_waits_is_shown_where_nothing_else_is_to_be_done)
{
	struct point_by_hand own;
	const struct ring_conf rx = conf_of(&own, "lab-line-rx", "back-publish=line-32", DIR_RX, 5);

	HAND(h, &rx, SIMD_SCALAR);
	hand_drv(&h, 1);
	hand_dev(&h, UINT64_MAX);
	cr_assert_eq(h.v->returned, 64U);
	cr_assert_eq(h.v->lab.told, 64U);
	hand_drv(&h, 1); /* 5 are back, fewer than are posted at once */
	for (unsigned i = 0; i < 12; i++)
		hand_drv(&h, 1);
	hand_dev(&h, 1);
	cr_assert_eq(h.v->lab.told, 64U);
	hand_dev(&h, UINT64_MAX);
	cr_assert_eq(h.v->lab.told, h.v->returned);
}

/* Bursts that fill no line, and fewer buffers than a line has: all of them arrive, on each engine that takes turns. */
Test(lab, what_waits_arrives_however_few_buffers_there_are)
{
	freed_by(close_engine) struct engine *native = test_engine(&engine_one_core, 64, 61, NULL);
	MODEL(model, 64, 61, m.check = true);

	for (unsigned k = 0; k < 2 * 2 * 3 * 10; k++) {
		const bool tx = k & 1;
		const char *texts[] = {"line-2", "line-8", "line-32"};
		struct point_by_hand own;
		char text[64];

		snprintf(text, sizeof(text), "%s-publish=%s", tx ? "out" : "back",
			 texts[k / 4 % 3]);
		struct ring_conf c = conf_of(&own, tx ? "lab-line-tx" : "lab-line-rx", text,
					     tx ? DIR_TX : DIR_RX, 1);

		c.payload = k & 2 ? 61 : 0;
		c.policy.outstanding = 1 + k / 12;
		must_run(native, &c, 150, SIMD_SCALAR, &(struct sample){0});
		must_run(model, &c, 150, SIMD_SCALAR, &(struct sample){0});
	}
}

/* In transfers of both sides: what moves a packet's place, its payload, or both. */
static double moved(struct engine *e, const char *name, enum direction dir, uint32_t burst,
		    uint32_t payload, bool packets)
{
	struct ring_conf c = CONF(variants_exact(name), dir, 256, burst, .payload = payload,
				  .policy = {.tx_header = TX_HEADER_NONE});
	const struct coh_counts *agents;
	uint64_t n = 0;
	struct sample s;

	must_run(e, &c, 2048, SIMD_SCALAR, &s);
	agents = engine_counts(e);
	for (unsigned i = 0; i < 2; i++)
		for (unsigned r = 0; r < REGION_KINDS; r++)
			n += (r == REGION_PAYLOAD || r == REGION_HEADER) == packets
				     ? coh_transfers(&agents[i], r)
				     : 0;
	return (double)n / 2048;
}

/*
 * A stream: one index a burst; the other way one each 32 packets that are done (TX), or whenever the device has
 * used up the places that it saw, which is about a ring (RX); and a packet's own lines. Inline: an element's
 * line a packet, and no line of a packet's own.
 */
Test(lab, streams_and_packets_inline_move_what_they_must)
{
	MODEL(e, 256, 64, (void)0);

	for (unsigned k = 0; k < DIRECTIONS; k++) {
		const bool tx = directions[k] == DIR_TX;
		const char *stream = tx ? "lab-enso-tx" : "lab-enso-rx";
		const char *in = tx ? "lab-inline-tx" : "lab-inline-rx";

		for (unsigned i = 0; i < 2; i++) {
			const uint32_t burst = bursts[i];
			const double lines = moved(e, stream, directions[k], burst, 0, false);

			cr_assert_geq(lines, 1.0 / burst + (tx ? 1.0 / 32 : 1.0 / 512));
			cr_assert_leq(lines, 1.0 / burst + (tx ? 1.0 / 32 : 1.0 / 128));
			cr_assert_float_eq(moved(e, stream, directions[k], burst, 0, true), 0,
					   1e-9);
			cr_assert_gt(moved(e, stream, directions[k], burst, 48, true), 0.99);
			cr_assert_float_eq(moved(e, in, directions[k], burst, 36, true), 0, 1e-9);
			cr_assert_gt(moved(e, in, directions[k], burst, 36, false), 0.99);
			cr_assert_gt(moved(e, in, directions[k], burst, 49, true), 0.99);
		}
	}
}

/* Each compiled point, vectors and all, with bursts that fill blocks, that do not, and that begin within one. */
Test(lab, compiled_points_return_every_buffer_intact)
{
	static const uint32_t sizes[] = {1, 5, 8, 13, 32, 64};
	static const uint16_t starts[] = {0, 3, 65533};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 64, 61, NULL);

	FOR_EACH_POINT(v)
	{
		for (unsigned k = 0; k < 2 * ARRAY_SIZE(sizes) * 6; k++) {
			const unsigned rest = k / 12;
			struct ring_conf c =
				CONF(v, directions[k & 1], 64, sizes[k / 2 % 6],
				     .payload = rest & 1 ? 61 : 0, .start_idx = starts[rest / 2]);

			if (!variants_generic(v, c.dir, &c.policy, c.payload) &&
			    !variants_legal(v, c.dir, &c.policy, NULL))
				must_run_paths(e, &c, 300);
		}
	}
}

/* The element at a place of the way out or back, as a point lays it. */
static uint8_t *element(struct hand *h, bool back, uint32_t place)
{
	const struct lab_point p = *h->conf.variant->lab;
	const struct lab_channel c = back ? lab_back(p) : lab_out(p);

	return h->mem + (back ? h->layout.to_drv : h->layout.to_dev) +
	       lab_offset(c, place, h->conf.ring_size - 1);
}

/* Of an element: one bit of its length, or of its tag; its highest byte, of an offset what is no tag. */
static void spoil(struct hand *h, bool back, uint32_t place, bool tag)
{
	const struct lab_point p = *h->conf.variant->lab;
	const struct lab_channel c = back ? lab_back(p) : lab_out(p);
	uint8_t *at = element(h, back, place);

	if (c.elem == LAB_8)
		at[tag ? 7 : 5] ^= 1;
	else if (back)
		at[tag ? 3 : 1] ^= 1;
	else
		at[3] ^= tag ? 0x40 : 0x3f;
}

/*
 * Loops that take blocks take what is before an element that is not there, or not as it must be, and say
 * of it what loops say that take one by one.
 */
Test(lab, a_block_ends_where_an_element_is_not_as_it_must_be)
{
	static const char *const points[] = {"lab-compact", "lab-compact-rx", "lab-least-rx",
					     "lab-compact-tx"};
	unsigned runs = 0;

	for (unsigned k = 0; k < ARRAY_SIZE(points) * 2 * 2 * 20; k++) {
		const struct variant *v = variants_exact(points[k / 80]);
		const bool back = k & 1, tag = k & 2, tx = k / 80 == 3;
		const uint32_t place = k / 4 % 20;
		const struct ring_conf c = CONF(v, tx ? DIR_TX : DIR_RX, 64, 32);

		if ((back && tx) ||
		    (tag && !lab_is_flag((back ? lab_back(*v->lab) : lab_out(*v->lab)).signal)))
			continue;
		FOR_EACH_PATH (simd, v) {
			HAND(h, &c, simd);
			const struct failure *fail = back ? &h.d->fail : &h.v->fail;
			enum side_status status;

			hand_drv(&h, 1);
			if (back)
				hand_dev(&h, 1);
			spoil(&h, back, place, tag);
			status = back ? hand_drv(&h, 1) : hand_dev(&h, 1);
			cr_assert_eq(back ? h.d->reaped : h.v->taken, place, "%s, %s, %u: %lu",
				     v->name, simd_name(simd), place,
				     back ? h.d->reaped : h.v->taken);
			cr_assert_eq(status == SIDE_BROKEN, !tag, "%s", v->name);
			cr_assert_eq(fail->kind, tag ? FAIL_NONE
						 : lab_out(*v->lab).elem == LAB_4 && !back
							 ? FAIL_DESCRIPTOR
							 : FAIL_LENGTH);
			cr_assert_eq(fail->buffer, tag ? 0 : place);
			runs++;
		}
	}
	cr_assert_gt(runs, 180);
}

/* Each named point and kind of mistake, natively on one core: specialised and generic loops. */
Test(lab, a_lost_corrupted_or_duplicated_buffer_is_caught)
{
	static const uint64_t places[] = {0, 31, 100, 999};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);
	unsigned caught = 0;

	FOR_EACH_POINT(v)
	{
		for (unsigned k = 0; k < 2 * ARRAY_SIZE(bursts) * ARRAY_SIZE(places) * FAULT_KINDS;
		     k++) {
			const unsigned rest = k / 8;
			struct ring_conf c = CONF(v, directions[k & 1], 256, bursts[k / 2 % 4],
						  .payload = rest & 1 ? 64 : 0,
						  .policy = {.fault = (enum fault)(rest / 4),
							     .fault_at = places[rest % 4]});
			struct vrb_err err = {""};
			struct where at = where(&c, SIMD_SCALAR);
			struct sample s;
			int rc;

			if (variants_legal(v, c.dir, &c.policy, NULL))
				continue;
			rc = engine_sample(e, &c, 1000, &s, &err);
			cr_assert_eq(rc, c.policy.fault == FAULT_NONE ? 0 : -EBADMSG, "%s: %s",
				     at.text, err.msg);
			expect_not_in(err.msg, "not caught");
			caught += rc != 0;
		}
	}
	cr_assert_gt(caught, 300);
}
