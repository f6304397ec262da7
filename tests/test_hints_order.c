/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hints_order.c - lines are demoted behind the store that makes them visible: the loops of lab, compiled once more
 * with a release and a demotion that are written down.
 */
#include "ring/access.h"

static void put_down(char what);

#undef shm_store_rel
#undef shm_demote
#define shm_store_rel(p, v) (put_down('r'), __atomic_store_n((p), (v), __ATOMIC_RELEASE))
#define shm_demote(p)	    ((void)(p), put_down('d'))

#include "ring/lab.h"
#include "ring/loops.h"
#include "ring/no_notify.h"

#define ORDER_LOOPS noted_loops
#include "orders_loops.inc.h"

#include "ring_fixture.h"

static struct {
	char what[64];
	unsigned n;
} noted;

static void put_down(char what)
{
	cr_assert_lt(noted.n, sizeof(noted.what) - 1);
	noted.what[noted.n++] = what;
	noted.what[noted.n] = '\0';
}

/* Lines of a burst of 32 in elements of 8 bytes; with an index, with flags; by the driver, by the device. */
Test(hints, demote_lines_behind_the_store_that_publishes_them)
{
	static const char *const rows[][2] = {
		{"out-publish=burst;out-signal=flag;out-hint=demote", "rdddd"},
		{"out-publish=burst;out-signal=own;out-hint=demote", "rdddd"},
		/* a quarter of the ring at a time */
		{"out-publish=32;out-signal=own;out-hint=demote", "rdrdrdrd"},
		{"back-signal=flag;back-hint=demote", "rdddd"},
		{"back-signal=own;back-hint=demote", "rdddd"},
		{"back-signal=own;back-hint=demote;back-publish=each",
		 "rrrrrrrrdrrrrrrrrdrrrrrrrrdrrrrrrrrd"},
	};

	for_each (row, rows, ARRAY_SIZE(rows)) {
		struct lab_point p = *variants_exact("lab-compact")->lab;
		const struct variant v = {.name = "lab point",
					  .kind = KIND_LAB,
					  .ring = RING_LAB,
					  .opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},
					  .lab = &p};
		const struct ring_conf c = CONF(&v, DIR_RX, 32, 32, .policy = {.outstanding = 32});

		must(lab_parse, (*row)[0], &p);
		cr_assert(!lab_excluded(&p, DIR_RX));
		HAND(h, &c, SIMD_SCALAR);
		h.loops = (struct side_loops){noted_loops.drv[DIR_RX], noted_loops.dev[DIR_RX]};
		noted.n = 0;
		hand_drv(&h, 1);
		if (p.back_hint) {
			noted.n = 0;
			hand_dev(&h, 1);
		}
		cr_assert_str_eq(noted.what, (*row)[1], "%s: %s", (*row)[0], noted.what);
	}
}
