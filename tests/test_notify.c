/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_notify.c - notifications: the arithmetic of who is notified, which policies go together, what is
 * counted, and sides that ask for what the protocol does not allow.
 */
#include "ring_fixture.h"

#include "ring/notify.h"

#define N 256

/* ---- the arithmetic ---- */

Test(notify, an_index_is_passed_as_linux_has_it)
{
	static const uint16_t nows[] = {0, 1, 40000}, moves[] = {1, 7, 32768};

	for (size_t i = 0; i < ARRAY_SIZE(nows); i++) {
		for (uint32_t event = 0; event <= UINT16_MAX; event++) {
			const uint16_t moved = moves[event % 3], now = nows[i];
			const int linux_says =
				vring_need_event((uint16_t)event, now, (uint16_t)(now - moved));

			cr_assert_eq(notify_passed(event, now, moved, 65536), linux_says != 0,
				     "event %u, now %u, moved %u", event, now, moved);
		}
	}
}

/* virtqueue_kick_prepare_packed() of Linux 6.1. */
static bool linux_packed(uint32_t off_wrap, uint32_t now, uint32_t moved, uint32_t size)
{
	const uint16_t slot = (uint16_t)(now % size);
	uint16_t event = off_wrap & 0x7fff;

	if (off_wrap >> 15 != (now < size))
		event = (uint16_t)(event - size);
	return vring_need_event(event, slot, (uint16_t)(slot - moved));
}

Test(notify, a_descriptor_is_passed_as_linux_has_it)
{
	static const uint32_t sizes[] = {100, 256, 32768};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const uint32_t size = sizes[i];
		const uint32_t nows[] = {0, size - 1, size, size + size / 3};
		const uint32_t moves[] = {1, size / 2, size};

		for (uint32_t k = 0; k < 12 * 2 * size; k++) {
			const uint32_t event = k / 12, now = nows[k % 4], moved = moves[k / 4 % 3];
			const uint16_t off_wrap = event_off_wrap(event, size);

			cr_assert_eq(event_position(off_wrap, size), event);
			cr_assert_eq(notify_passed(event, now, moved, 2 * size),
				     linux_packed(off_wrap, now, moved, size),
				     "size %u, event %u, now %u, moved %u", size, event, now,
				     moved);
		}
	}
}

Test(notify, an_offset_outside_the_ring_names_no_position)
{
	EACH(cr_assert_eq, UINT32_MAX, event_position(100, 100), event_position(0x8000 | 100, 100),
	     event_position(0x7fff, 100), event_position(UINT16_MAX, 32767));
	cr_assert_eq(event_position(0x8000 | 32767, 32768), 32767);
	cr_assert_eq(event_position(32767, 32768), 65535);
}

/* ---- which policies go together ---- */

#define NOTIFY(m, ...)                     \
	{                                  \
		.notify = (m), __VA_ARGS__ \
	}

static const struct {
	const char *variant, *why; /* NULL: legal */
	struct ring_policy policy;
} together[] = {
	{"baseline", NULL, NOTIFY(NOTIFY_EVENT_IDX, .sleep = SLEEP_BOTH)},
	{"packed", NULL, NOTIFY(NOTIFY_DESC, .sleep = SLEEP_BOTH, .busy_poll = 1000)},
	{"in-order", NULL, NOTIFY(NOTIFY_FLAGS, .notify_way = NOTIFY_KICK, .sleep = SLEEP_DEVICE)},
	{"packed", "--notify event-idx: packed has no indices", NOTIFY(NOTIFY_EVENT_IDX)},
	{"baseline", "--notify desc: baseline asks by an index", NOTIFY(NOTIFY_DESC)},
	{"vectorized", NULL, NOTIFY(NOTIFY_EVENT_IDX, .sleep = SLEEP_BOTH)},
	{"packed+vectorized", NULL, NOTIFY(NOTIFY_DESC, .sleep = SLEEP_DRIVER)},
	{"baseline", NULL, NOTIFY(NOTIFY_FLAGS, .notify_way = NOTIFY_CALL, .coalesce = 32)},
	{"baseline", "--notify-coalesce 32: the device sends no calls",
	 NOTIFY(NOTIFY_OFF, .coalesce = 32)},
	{"baseline", "--notify-coalesce 32: the device sends no calls",
	 NOTIFY(NOTIFY_FLAGS, .notify_way = NOTIFY_KICK, .coalesce = 32)},
	{"spsc", "--notify flags: spsc is no virtqueue", NOTIFY(NOTIFY_FLAGS)},
	{"baseline", "--sleep device: nobody would wake the device",
	 NOTIFY(NOTIFY_OFF, .sleep = SLEEP_DEVICE)},
	{"baseline", "--sleep both: nobody would wake the driver",
	 NOTIFY(NOTIFY_FLAGS, .notify_way = NOTIFY_KICK, .sleep = SLEEP_BOTH)},
	{"baseline", "--sleep device: nobody would wake the device",
	 NOTIFY(NOTIFY_FLAGS, .notify_way = NOTIFY_CALL, .sleep = SLEEP_DEVICE)},
	{"baseline", "--busy-poll 5: nobody sleeps", NOTIFY(NOTIFY_FLAGS, .busy_poll = 5)},
	{"baseline", "--notify-arm poll: nobody asks", NOTIFY(NOTIFY_OFF, .notify_arm = ARM_POLL)},
	{"baseline", "--notify-arm delayed: it is an index ahead",
	 NOTIFY(NOTIFY_FLAGS, .notify_arm = ARM_DELAYED)},
	{"baseline", "--notify-arm delayed: it is an index ahead",
	 NOTIFY(NOTIFY_EVENT_IDX, .notify_arm = ARM_DELAYED, .notify_way = NOTIFY_KICK)},
	{"baseline", "--notify-arm delayed: a driver delays the call for packets that it sent",
	 NOTIFY(NOTIFY_EVENT_IDX, .notify_arm = ARM_DELAYED)},
};

Test(notify, what_does_not_go_together_is_refused_with_the_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(together); i++) {
		struct vrb_err err = {""};
		int ret = variants_legal(variant_named(together[i].variant), DIR_RX,
					 &together[i].policy, &err);

		cr_expect_eq(ret, together[i].why ? -EINVAL : 0, "case %zu: %s", i, err.msg);
		if (together[i].why)
			cr_expect(strstr(err.msg, together[i].why), "case %zu: %s", i, err.msg);
	}
}

/* ---- every way of it, verified ---- */

#define CASES (2 * 2 * 3 * 3)

/* Case k of a variant, made legal for its ring: mode, direction, who sleeps, when it asks. */
static struct ring_conf conf_of(const struct variant *v, unsigned k, uint32_t size)
{
	static const enum sleepers sleepers[] = {SLEEP_DRIVER, SLEEP_DEVICE, SLEEP_BOTH};
	const bool packed = v->ring == RING_PACKED;
	struct ring_conf c = CONF(v, directions[k / 2 % 2], size, size < 8 ? 1 : 8);

	c.payload = k % 5 ? 0 : 61;
	c.start_idx = (uint16_t)(65000 + k);
	c.policy.notify = k % 2 ? NOTIFY_FLAGS : packed ? NOTIFY_DESC : NOTIFY_EVENT_IDX;
	c.policy.sleep = sleepers[k / 4 % 3];
	c.policy.notify_late = k % 3 == 1;
	c.policy.notify_arm = (enum notify_arm)(k / 12 % 3);
	if (c.policy.notify_arm == ARM_DELAYED && (c.dir == DIR_RX || k % 2))
		c.policy.notify_arm = ARM_POLL;
	if (k % 5 == 2) {
		c.policy.coalesce = k % 2 ? 24 : RING_SIZE_MAX;
		c.policy.coalesce_ns = k % 3 ? 300 : 0;
	}
	return c;
}

/* One of the SIMD paths that the variant has here. */
static enum simd path_of(const struct variant *v, unsigned k)
{
	enum simd simd = SIMD_SCALAR;

	for (unsigned left = k / 2 % SIMD_KINDS; left && next_path(v, simd) != SIMD_KINDS; left--)
		simd = next_path(v, simd);
	return simd;
}

static void run_all(struct engine *e, uint64_t buffers)
{
	FOR_EACH_CASE (v, k, CASES) {
		const uint32_t size = v->ring == RING_PACKED && k % 3 == 0 ? 100 : k % 2 ? 64 : 2;
		struct ring_conf c = conf_of(v, k, size);
		struct vrb_err err;
		struct sample s;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		must_run(e, &c, buffers, path_of(v, k), &s);
		cr_assert_gt(s.drv.notify.fences + s.dev.notify.fences, 0);
		cr_assert_eq(s.drv.notify.sent + s.drv.notify.suppressed, s.drv.notify.reads);
		/* who does not sleep is asked for nothing, unless it asks after each burst */
		if (c.policy.sleep == SLEEP_DRIVER && c.policy.notify_arm == ARM_SLEEP)
			cr_assert_eq(s.drv.notify.sent + s.dev.notify.sleeps, 0, "%s",
				     where(&c, path_of(v, k)).text);
	}
}

Test(notify, every_way_is_verified_on_one_core)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, N, 61, NULL);

	run_all(e, 1000);
}

Test(notify, every_way_is_verified_on_the_model)
{
	MODEL(e, N, 61, m.check = true);
	run_all(e, 300);
}

Test(notify, every_way_is_verified_with_a_store_buffer)
{
	MODEL(e, N, 61, m.mode = MODE_TIMED);
	run_all(e, 300);
}

Test(timed_notify, sleeping_threads_are_woken, .timeout = HANG_S)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, N, 61, NULL);

	static const char *const names[] = {"baseline", "packed", "vectorized",
					    "packed+vectorized"};

	for (unsigned k = 0; k < 2 * CASES; k++) {
		const struct variant *v = variant_named(names[(k / 2 + k / 4) % 2 * 2 + k % 2]);
		struct ring_conf c = conf_of(v, k / 2, 64);
		struct sample s;

		c.policy.busy_poll = k % 3 ? 0 : 2000;
		must_run(e, &c, 2000, path_of(v, k), &s);
	}
}

/* ---- what is counted: lockstep, MESI, transfers and upgrades per buffer ---- */

#define B 8

static double moved(const struct engine *e, uint64_t (*count)(const struct coh_counts *, unsigned),
		    unsigned region, uint64_t buffers)
{
	uint64_t n = 0;

	for (unsigned side = 0; side < AGENTS; side++)
		n += count(&engine_counts(e)[side], region);
	return (double)n / (double)buffers;
}

static struct ring_conf counted_conf(const char *name, enum direction dir, enum notify_mode mode,
				     enum sleepers sleep)
{
	return (struct ring_conf)CONF(
		variant_named(name), dir, N, B,
		.policy = {
			.tx_header = TX_HEADER_NONE, .clean = B, .notify = mode, .sleep = sleep});
}

/* Asleep for 40 ms or more: what it waits then is its time, and no stall. A machine may stall besides. */
Test(timed_notify, samples_of_sleepers_are_used, .timeout = HANG_S)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, N, 0, NULL);
	struct ring_conf c = counted_conf("baseline", DIR_TX, NOTIFY_EVENT_IDX, SLEEP_BOTH);
	uint64_t buffers = 400000;
	bool used = false;
	struct sample s = {0};

	for (unsigned tries = 0; !used && tries < 20; tries++) {
		bool asleep;

		must_run(e, &c, buffers, SIMD_SCALAR, &s);
		cr_assert_gt(s.drv.notify.asleep_ns, 0);
		cr_assert_gt(s.dev.notify.asleep_ns, 0);
		cr_assert_leq(s.drv.notify.asleep_ns, s.elapsed_ns);
		asleep = s.elapsed_ns > s.drv.task_ns + 40000000;
		used = asleep && !(s.flags & SAMPLE_STALLED);
		/* how soon a side wakes, and how seldom it sleeps, is the machine's */
		buffers = asleep || buffers > 50000000 ? buffers : 2 * buffers;
	}
	cr_assert(used, "%llu ns, of which the driver ran %llu; flags %#x",
		  (unsigned long long)s.elapsed_ns, (unsigned long long)s.drv.task_ns, s.flags);
}

/* Both busy: one read and one fence a burst on each side, nothing is sent, and the lines stay. */
Test(notify, busy_sides_send_nothing)
{
	static const struct {
		const char *name;
		enum notify_mode mode;
	} asked[] = {{"baseline", NOTIFY_FLAGS},
		     {"baseline", NOTIFY_EVENT_IDX},
		     {"packed", NOTIFY_FLAGS},
		     {"packed", NOTIFY_DESC}};
	MODEL(e, N, 0, m.check = true);

	for (unsigned k = 0; k < 2 * ARRAY_SIZE(asked); k++) {
		struct ring_conf c = counted_conf(asked[k / 2].name, directions[k % 2],
						  asked[k / 2].mode, SLEEP_NONE);
		struct sample s;
		double all = 0, event = 0;

		must_run(e, &c, 16 * N, SIMD_SCALAR, &s);
		for (const struct notify_counts *n = &s.drv.notify;;) {
			cr_assert_eq(n->sent + n->writes + n->sleeps, 0, "case %u", k);
			cr_assert_eq(n->reads, 16 * N / B);
			cr_assert_eq(n->fences, n->reads);
			if (n == &s.dev.notify)
				break;
			n = &s.dev.notify;
		}
		for (unsigned r = REGION_AVAIL_EVENT; r <= REGION_DEVICE_EVENT; r++) {
			event += moved(e, coh_transfers, r, s.buffers);
			all += moved(e, coh_upgrades, r, s.buffers);
		}
		/* RX: used_event lies behind the last avail entries: a lap's next burst writes there */
		cr_assert_float_eq(event,
				   asked[k / 2].mode == NOTIFY_EVENT_IDX && !(k % 2) ? 1. / N : 0,
				   1e-9, "case %u: %g", k, event);
		cr_assert_eq(all, 0);
	}
}

/*
 * The device sleeps after each burst: a kick, a sleep, an index written and read a burst. Its line goes
 * back and forth once for it, but once a lap is there for the used elements before it. Packed: the structure
 * has a line of its own.
 */
Test(notify, a_sleeping_device_costs_a_transfer_a_burst)
{
	MODEL(e, N, 0, m.check = true);

	for (unsigned packed = 0; packed < 2; packed++) {
		struct ring_conf c =
			counted_conf(packed ? "packed" : "baseline", DIR_TX,
				     packed ? NOTIFY_DESC : NOTIFY_EVENT_IDX, SLEEP_DEVICE);
		const unsigned region = packed ? REGION_DEVICE_EVENT : REGION_AVAIL_EVENT;
		const double once = packed ? 1. / B : 1. / B - 1. / N;
		const double slack =
			1. / (16 * N); /* the last burst is taken, and nothing waited for */
		struct sample s;

		must_run(e, &c, 16 * N, SIMD_SCALAR, &s);
		cr_assert_float_eq((double)s.drv.notify.sent / (double)s.buffers, 1. / B, slack);
		cr_assert_eq(s.dev.notify.spurious, 0);
		cr_assert_float_eq((double)s.dev.notify.sleeps / (double)s.buffers, 1. / B, slack);
		/* packed: the offset; flags before it sleeps, and when it polls again */
		cr_assert_float_eq((double)s.dev.notify.writes / (double)s.buffers,
				   (packed ? 3. : 1.) / B, 3 * slack);
		cr_assert_float_eq(moved(e, coh_transfers, region, s.buffers), once, slack,
				   "%g for %g", moved(e, coh_transfers, region, s.buffers), once);
		cr_assert_float_eq(moved(e, coh_upgrades, region, s.buffers), once, slack);
	}
}

/* Delayed: the driver is called when 3/4 of what fills the ring are done, and not once a burst. */
Test(notify, a_delayed_call_comes_later)
{
	struct ring_conf c = counted_conf("baseline", DIR_TX, NOTIFY_EVENT_IDX, SLEEP_DRIVER);
	uint64_t calls[2];
	MODEL(e, N, 0, m.check = true);

	for (unsigned delayed = 0; delayed < 2; delayed++) {
		struct sample s;

		c.policy.notify_arm = delayed ? ARM_DELAYED : ARM_SLEEP;
		must_run(e, &c, 64 * N, SIMD_SCALAR, &s);
		calls[delayed] = s.dev.notify.sent;
	}
	cr_assert_eq(calls[0], 64 * N / B);
	/* the burst after 3/4 of a full ring; of what is left at the end 3/4, and again 3/4 of that */
	cr_assert_geq(calls[1], 64 * N / (N * 3 / 4 + B));
	cr_assert_leq(calls[1], 64 * N / (N * 3 / 4 + B) + 5, "%lu", calls[1]);
}

/*
 * Coalesced: one call, and one look at whether it is wanted, for so many used buffers; or, where the ring
 * has no more to use, for those that there were.
 */
Test(notify, a_coalesced_call_stands_for_many_buffers)
{
	static const struct {
		const char *name;
		enum notify_mode mode;
		uint32_t coalesce, expected;
	} cases[] = {
		{"baseline", NOTIFY_EVENT_IDX, 64, 64},	    {"baseline", NOTIFY_FLAGS, 1, B},
		{"vectorized", NOTIFY_EVENT_IDX, 100, 104}, {"packed", NOTIFY_DESC, 64, 64},
		{"packed+in-order", NOTIFY_FLAGS, N, N},    {"baseline", NOTIFY_FLAGS, 2 * N, N}};
	MODEL(e, N, 0, m.check = true);

	for_each (at, cases, ARRAY_SIZE(cases)) {
		struct ring_conf c = counted_conf(at->name, DIR_RX, at->mode, SLEEP_DRIVER);
		struct sample s;

		c.policy.coalesce = at->coalesce;
		must_run(e, &c, 64 * N, SIMD_SCALAR, &s);
		/* a sample begins, and ends, with some that are held back */
		cr_expect_float_eq((double)s.dev.notify.sent, 64. * N / at->expected, 1.5,
				   "%s: %lu", at->name, s.dev.notify.sent);
		cr_expect_eq(s.dev.notify.reads, s.dev.notify.sent + s.dev.notify.suppressed);
		cr_expect_leq(s.dev.notify.suppressed, 1);
	}
}

/* Time: a driver that waits for a slow device is called so long after the first used buffer, and up to two turns. */
Test(notify, a_call_that_is_held_back_comes_in_time)
{
	struct ring_conf c = counted_conf("baseline", DIR_RX, NOTIFY_EVENT_IDX, SLEEP_DRIVER);
	MODEL(e, N, 0, m.mode = MODE_TIMED);

	c.policy.work_device = 2000;
	c.policy.coalesce = 2 * N;
	for (uint32_t ns = 20000; ns <= 100000; ns *= 5) {
		struct sample s;
		double every, burst;

		c.policy.coalesce_ns = ns;
		must_run(e, &c, 8 * N, SIMD_SCALAR, &s);
		every = (double)s.elapsed_ns / (double)s.drv.notify.sleeps;
		burst = (double)s.elapsed_ns * B / (double)s.buffers;
		cr_expect_geq(every, ns, "%u ns: %g", ns, every);
		cr_expect_leq(every, ns + 8 * burst, "%u ns: %g, a burst %g", ns, every, burst);
	}
}

/* ---- what must not be ---- */

#define ODD 100

static const struct {
	enum notify_mode mode;
	uint16_t off_wrap, flags;
	bool ok;
} asks[] = {
	{NOTIFY_DESC, ODD - 1, VRING_PACKED_EVENT_FLAG_DESC, true},
	{NOTIFY_DESC, ODD, VRING_PACKED_EVENT_FLAG_DESC, false},
	{NOTIFY_DESC, UINT16_MAX, VRING_PACKED_EVENT_FLAG_DESC, false},
	{NOTIFY_DESC, UINT16_MAX, VRING_PACKED_EVENT_FLAG_ENABLE, true},
	{NOTIFY_DESC, UINT16_MAX, VRING_PACKED_EVENT_FLAG_DISABLE, true},
	{NOTIFY_DESC, 0, 3, false},
	{NOTIFY_FLAGS, 0, VRING_PACKED_EVENT_FLAG_DESC, false},
	{NOTIFY_FLAGS, ODD, VRING_PACKED_EVENT_FLAG_ENABLE, true},
	{NOTIFY_FLAGS, 0, 3, false},
	{NOTIFY_FLAGS, 0, 0xfffc, true}, /* reserved bits mean nothing */
};

/* Of either side: what it finds is told, and its turn ends. */
Test(notify, what_a_side_may_not_ask_for_breaks_the_ring)
{
	for (unsigned k = 0; k < 2 * ARRAY_SIZE(asks); k++) {
		const bool by_device = k % 2;
		const enum notify_mode mode = asks[k / 2].mode;
		const struct ring_conf c =
			CONF(variant_named("packed"), DIR_TX, ODD, 8, .policy = NOTIFY(mode));
		enum side_status drv, dev;
		HAND(h, &c, SIMD_SCALAR);
		struct vring_packed_desc_event *event =
			(void *)(h.mem + (by_device ? h.layout.used : h.layout.avail));

		*event = (struct vring_packed_desc_event){asks[k / 2].off_wrap, asks[k / 2].flags};
		drv = hand_drv(&h, 1);
		dev = hand_dev(&h, 1);
		cr_expect_eq(drv, by_device && !asks[k / 2].ok ? SIDE_BROKEN : SIDE_IDLE, "case %u",
			     k);
		cr_expect_eq(dev, !by_device && !asks[k / 2].ok ? SIDE_BROKEN : SIDE_IDLE,
			     "case %u", k);
		if (!asks[k / 2].ok)
			cr_expect_eq((by_device ? h.d->fail : h.v->fail).kind, FAIL_EVENT,
				     "case %u", k);
	}
}

/* A buffer that the device loses is waited for in vain: the run ends with what both sides see. */
static void must_end(struct engine *e, enum sleepers sleep, const char *who)
{
	struct ring_conf c = CONF(variant_named("baseline"), DIR_RX, 64, 8);
	struct sample s;

	c.policy = (struct ring_policy)NOTIFY(NOTIFY_EVENT_IDX, .sleep = sleep, .fault = FAULT_LOSE,
					      .fault_at = 7);
	expect_in(refusal(-EBADMSG, engine_sample, e, &c, 1000, &s), "never came back", who,
		  "used_event");
}

Test(notify, a_sleeper_that_nobody_wakes_ends_the_run)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, N, 61, NULL);
	MODEL(lockstep, N, 61, m.check = true);
	MODEL(timed, N, 61, m.mode = MODE_TIMED);

	/* the device has done what it had to */
	must_end(e, SLEEP_BOTH, "the driver sleeps");
	must_end(e, SLEEP_DRIVER, "the driver sleeps");
	must_end(lockstep, SLEEP_DEVICE, "nobody sleeps");
	must_end(timed, SLEEP_BOTH, "the driver sleeps");
}

Test(timed_notify, a_thread_that_nobody_wakes_ends_the_run, .timeout = HANG_S)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, N, 61, NULL);

	must_end(e, SLEEP_BOTH, "the driver sleeps");
	must_end(e, SLEEP_DRIVER, "the driver sleeps");
}
