/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_merge.c - mergeable RX buffers: a packet in several of them.
 */
#include "ring_fixture.h"

#include "ring/loop_policy.h"
#include "workloads/payload.h"

static const char *const legal[] = {
	"baseline", "null-control",	     "shadow-avail",	     "fixed-layout",
	"in-order", "shadow-avail+in-order", "fixed-layout+in-order"};

/* How packets lie in a ring. */
struct shape {
	uint32_t ring, burst, payload, rx_buffer, outstanding;
	uint16_t start;
	unsigned pieces; /* buffers of a packet, by hand */
};

/* 12 bytes of header are in the first buffer. */
static const struct shape shapes[] = {
	{64, 8, 64, 32, 0, 0, 3},	   /* 76 bytes: 32, 32, 12; 3 does not divide 64 */
	{64, 8, 52, 32, 0, 65533, 2},	   /* 64 bytes: both filled */
	{64, 1, 200, 31, 0, 65535, 7},	   /* a burst below a packet */
	{64, 64, 117, 16, 9, 65500, 9},	   /* 129 bytes: the last has one; one packet at a time */
	{8, 8, 116, 16, 0, 65530, 8},	   /* a packet is the whole ring */
	{4, 3, 40, 26, 3, 1, 2},	   /* 52 bytes: both filled; no room for two packets */
	{64, 32, 64, 76, 0, 65533, 1},	   /* exactly one buffer */
	{64, 32, 1, 2048, 0, 0, 1},	   /* far less than one */
	{256, 32, 1500, 512, 0, 65000, 3}, /* 1512 bytes */
};

static struct ring_conf conf(const char *name, const struct shape *s)
{
	return (struct ring_conf)CONF(
		variant_named(name), DIR_RX, s->ring, s->burst, .payload = s->payload,
		.start_idx = s->start,
		.policy = {.rx_buffer = s->rx_buffer, .outstanding = s->outstanding});
}

Test(merge, a_packet_takes_as_many_buffers_as_it_needs)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct ring_conf c = conf("baseline", &shapes[i]);
		const unsigned k = shapes[i].pieces, all = ring_capacity(&c);

		cr_assert_eq(ring_pieces(&c), k, "shape %zu: %u", i, ring_pieces(&c));
		cr_assert_eq(all % k, 0, "shape %zu: %u at once", i, all);
		cr_assert_leq(all, c.ring_size, "shape %zu", i);
		cr_assert_gt(all + k, shapes[i].outstanding ? shapes[i].outstanding : c.ring_size,
			     "shape %zu: no more fit", i);
		cr_assert_eq(ring_burst(&c, c.burst), c.burst < k ? k : c.burst / k * k,
			     "shape %zu", i);
	}
}

Test(merge, only_rx_with_a_payload_has_pieces)
{
	struct ring_conf c = conf("baseline", &shapes[0]);

	c.dir = DIR_TX;
	cr_assert_eq(ring_pieces(&c), 1);
	c.dir = DIR_RX;
	c.payload = 0;
	cr_assert_eq(ring_pieces(&c), 1);
	c = conf("baseline", &shapes[0]);
	c.policy.rx_buffer = 0;
	cr_assert_eq(ring_pieces(&c), 1);
}

Test(merge, whole_packets_divides_exactly)
{
	for (uint32_t count = 1; count <= RING_SIZE_MAX; count = count * 5 / 4 + 1) {
		const struct pieces s = {.inverse = ((UINT64_C(1) << 32) + count - 1) / count,
					 .count = count};

		for (uint32_t n = 0; n <= UINT16_MAX; n++)
			cr_assert_eq(whole_packets(&s, n), n / count, "%u / %u", n, count);
	}
}

/* ---- bytes in memory ---- */

/* The device has filled the first packet's buffers, as the specification says. */
static void look_at_memory(const char *name, const struct shape *s)
{
	const struct ring_conf c = conf(name, s);
	const uint32_t total = NET_HDR_LEN + s->payload;
	const struct where w = where(&c, SIMD_SCALAR);
	const char *at = w.text;
	uint32_t written = 0;

	HAND(h, &c, SIMD_SCALAR);
	cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN, "%s", at);
	cr_assert_eq(h.d->posted - c.start_idx, ring_capacity(&c), "%s", at);
	for (uint32_t i = 0; i < s->pieces; i++)
		cr_assert_eq(h.d->split.desc[(c.start_idx + i) % s->ring].len, s->rx_buffer, "%s",
			     at);
	cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s", at, failure_text(h.v->fail.kind));
	cr_assert_eq((uint16_t)(h.d->split.used->idx - c.start_idx), ring_burst(&c, s->burst), "%s",
		     at);
	for (uint32_t i = 0; i < s->pieces; i++) {
		const uint16_t head = h.d->split.avail->ring[(c.start_idx + i) & (s->ring - 1)];
		const uint8_t *buffer = h.mem + h.d->split.desc[head].addr;
		const uint32_t hdr = i ? 0 : NET_HDR_LEN;
		const uint32_t bytes =
			total - written < s->rx_buffer ? total - written : s->rx_buffer;

		if (!i) {
			cr_assert_eq((unsigned)(buffer[10] | buffer[11] << 8), s->pieces,
				     "%s: num_buffers", at);
			for (unsigned k = 0; k < 10; k++)
				cr_assert_eq(buffer[k], 0, "%s: header, byte %u", at, k);
		}
		cr_assert_eq(payload_read(buffer + hdr, bytes - hdr),
			     payload_sum(bytes - hdr, (uint32_t)c.start_idx + i), "%s: buffer %u",
			     at, i);
		if (c.variant->opts.used == USED_EACH)
			cr_assert_eq(h.d->split.used->ring[(c.start_idx + i) & (s->ring - 1)].len,
				     bytes, "%s: buffer %u", at, i);
		written += bytes;
	}
	cr_assert_eq(written, total, "%s", at);
}

Test(merge, a_packet_lies_in_memory_as_specified)
{
	for (size_t v = 0; v < ARRAY_SIZE(legal); v++) {
		for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
			/* there the free list's first heads are not the slots */
			if (shapes[i].start % shapes[i].ring == 0)
				look_at_memory(legal[v], &shapes[i]);
		}
	}
}

/*
 * A used element for each buffer, or, in order, for each run of filled ones and the one behind
 * them: 3 buffers with the last not filled are one element a packet, 2 filled ones one a burst.
 */
Test(merge, in_order_batches_end_where_a_buffer_is_not_filled)
{
	static const struct {
		unsigned shape, elements;
	} cases[] = {{0, 2}, {1, 1}}; /* of a burst of 6, or 8 buffers */

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c = conf("in-order", &shapes[cases[i].shape]);
		unsigned elements = 0;

		POSTED(h, &c, SIMD_SCALAR);
		for (unsigned k = 0; k < c.ring_size; k++)
			h.d->split.used->ring[k].len = 0;
		hand_dev(&h, 1);
		for (unsigned k = 0; k < c.ring_size; k++)
			elements += h.d->split.used->ring[k].len != 0;
		cr_assert_eq(elements, cases[i].elements, "shape %u: %u", cases[i].shape, elements);
	}
}

/* Fewer buffers than a packet has: the device takes none. Published one by one, too. */
Test(merge, the_device_waits_for_a_whole_packet)
{
	struct ring_conf c = conf("baseline", &shapes[0]);

	POSTED(h, &c, SIMD_SCALAR);
	h.d->split.avail->idx = 2;
	cr_assert_eq(hand_dev(&h, 1), SIDE_IDLE);
	cr_assert_eq(h.v->taken, 0);
	h.d->split.avail->idx = 5;
	hand_dev(&h, 1);
	assert_have(&h, v->taken == 3, d->split.used->idx == 3);
}

/* ---- engines ---- */

/* Every legal variant and shape. @step: 1: with all four policies; 3: with one or two of them, in turn. */
static void verify(struct engine *e, uint64_t packets, unsigned step)
{
	for (size_t v = 0; v < ARRAY_SIZE(legal); v++) {
		for (unsigned k = 0; k < 4 * ARRAY_SIZE(shapes); k += step) {
			const struct shape *s = &shapes[k / 4];
			struct ring_conf c = conf(legal[v], s);
			struct sample out;

			c.policy.free_list = k & 1 ? FREE_LIFO : FREE_FIFO;
			c.policy.publish = k & 2 ? PUBLISH_BUFFER : PUBLISH_BURST;
			c.burst_least = (v + k) & 1; /* every other one draws its bursts */
			cr_assert_eq(variants_legal(c.variant, c.dir, &c.policy, NULL), 0);
			must_run(e, &c, packets * s->pieces, SIMD_SCALAR, &out);
		}
	}
	engine_close(e);
}

Test(merge, every_shape_verifies_on_one_core)
{
	verify(test_engine(&engine_one_core, 256, 1500, NULL), 700, 1);
}

Test(timed_merge, every_shape_verifies_on_two)
{
	if (!native_possible())
		cr_skip("needs two CPUs");
	verify(test_engine(&engine_native, 256, 1500, NULL), 1000, 3);
}

Test(merge, every_shape_verifies_on_the_model)
{
	for (enum model_mode mode = 0; mode < MODEL_MODES; mode++) {
		struct model_conf m;

		model_defaults(&m);
		m.mode = mode;
		m.check = true;
		verify(test_model(&m, 256, 1500), 50, 1);
	}
}

Test(merge, a_sample_has_whole_packets)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 1500, NULL);
	const struct ring_conf c = conf("baseline", &shapes[0]);
	struct sample s;

	must(engine_sample, e, &c, 1000, &s);
	cr_assert_eq(s.buffers, 1002);
}

Test(merge, every_injected_mistake_is_seen)
{
	static const enum fault faults[] = {FAULT_LOSE, FAULT_CORRUPT, FAULT_DUPLICATE};
	struct model_conf m;

	model_defaults(&m);
	for (unsigned run = 0; run < 2; run++) {
		freed_by(close_engine) struct engine *e =
			run ? test_engine(&engine_one_core, 256, 1500, NULL)
			    : test_model(&m, 256, 1500);

		for (size_t v = 0; v < ARRAY_SIZE(legal); v++) {
			for (unsigned k = 0; k < ARRAY_SIZE(faults) * ARRAY_SIZE(shapes); k++) {
				struct ring_conf c = conf(legal[v], &shapes[k / 3]);

				c.policy.fault = faults[k % 3];
				/* each buffer of a packet, and the last ones of the sample */
				for (unsigned at = 0; at < 3; at++) {
					const unsigned pieces = shapes[k / 3].pieces;
					struct vrb_err err = {""};
					struct sample s;
					int ret;

					c.policy.fault_at = at < 2 ? 100 + at : 50 * pieces - 1;
					if (c.policy.fault_at >= 50 * pieces)
						continue;
					ret = engine_sample(e, &c, 50 * pieces, &s, &err);
					cr_assert_eq(ret, -EBADMSG, "%s: %d %s",
						     where(&c, SIMD_SCALAR).text, ret, err.msg);
					expect_not_in(err.msg, "was not caught");
				}
			}
		}
	}
}

/* A header with another number of buffers, and one with an offload, are no such packet's. */
Test(merge, a_wrong_header_is_seen)
{
	static const unsigned bytes[] = {0, 7, 8, 10, 11};

	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		struct ring_conf c = conf("fixed-layout", &shapes[0]);

		RETURNED(h, &c, SIMD_SCALAR);
		h.mem[h.d->split.desc[0].addr + bytes[i]] ^= 4;
		drv_refuses(&h, FAIL_PIECES, "a header");
	}
}

/* ---- what is refused ---- */

Test(merge, variants_that_cannot_are_refused_with_the_reason)
{
	const struct ring_policy p = {.rx_buffer = 512};
	const struct ring_policy early = {
		.rx_buffer = 512, .device_order = ORDER_EARLY, .early_share = .5};
	struct vrb_err err;

	FOR_EACH_VARIANT (v) {
		const bool can = variants_is_virtqueue(v) && v->opts.vec == VEC_NONE;

		err.msg[0] = '\0';
		cr_assert_eq(variants_legal(v, DIR_RX, &p, &err), can ? 0 : -EINVAL, "%s", v->name);
		if (!can)
			cr_assert(strstr(err.msg, "--rx-buffer") && strstr(err.msg, v->name) &&
					  strstr(err.msg, "legal: 0"),
				  "%s", err.msg);
	}
	for (size_t i = 0; i < ARRAY_SIZE(legal); i++)
		cr_assert_eq(variants_legal(variant_named(legal[i]), DIR_RX, &p, &err), 0, "%s",
			     legal[i]);
	expect_in(refusal(-EINVAL, variants_legal, variant_named("baseline"), DIR_RX, &early),
		  "--device-order early");
}
