/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_align.c - what lies together on a line, by --align, and what that makes of transfers.
 *
 * A ring of 8, bursts of 4, by hand. Its descriptors are lines 0 and 1, four each. Packed, line 2
 * holds all that is available (idx at 130, entries at 132 .. 147), and right behind it, from 152,
 * used->idx and the first used elements: 0..3, and the id of 4. Line 3 has the rest.
 * On borders of 64 line 2 is the avail ring's alone; line 3 has used->idx and the elements up to
 * the id of 7, line 4 the length of 7.
 */
#include "ring_fixture.h"

#define RING  8
#define BURST 4
#define LINES 5

static struct ring_conf conf(enum ring_align align)
{
	return (struct ring_conf)CONF(variant_named("baseline"), DIR_RX, RING, BURST,
				      .align = align);
}

/* Transfers and upgrades of each side, by line of the ring. */
struct seen {
	unsigned transfers[AGENTS][LINES], upgrades[AGENTS][LINES];
};

static void on_event(void *arg, const struct coh_event *e)
{
	struct seen *s = arg;

	if (!e->transaction || e->line >= LINES)
		return;
	s->transfers[e->agent->id][e->line] += coh_kind_transfers(e->kind);
	s->upgrades[e->agent->id][e->line] += e->kind == COH_UPGRADE;
}

/* What a lap moves, line by line, once both are warm. */
static void run_lap(enum ring_align align, struct seen *s)
{
	struct ring_conf c = conf(align);
	struct sample sample;

	memset(s, 0, sizeof(*s));
	MODEL(e, RING, 0, m.event = on_event; m.event_arg = s);
	must_run(e, &c, RING, SIMD_SCALAR, &sample);
}

Test(align, packed_puts_both_rings_on_one_line)
{
	static const struct {
		enum ring_align align;
		size_t avail_idx, used_idx; /* their lines */
	} cases[] = {{ALIGN_PACKED, 2, 2}, {ALIGN_LINE, 2, 3}, {ALIGN_LEGACY, 2, 64}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ring_conf c = conf(cases[i].align);
		struct ring_layout l;

		ring_layout(&c, &l);
		cr_assert_eq((l.avail + 2) / 64, cases[i].avail_idx, "%s",
			     ring_align_name(c.align));
		cr_assert_eq((l.used + 2) / 64, cases[i].used_idx, "%s", ring_align_name(c.align));
	}
}

/*
 * A lap is two turns of each side, and in each turn a side first reads what the other has written,
 * then writes. The driver fetches the line of used->idx and once that of the elements beyond it;
 * it takes for itself (upgrades) a line of descriptors and that of the avail entries. The device
 * fetches the line of avail->idx and one of descriptors, and takes the lines of the used elements:
 * for 4..7 there are two. Packed or not, that is 7 transfers and 7 upgrades: the line that is
 * shared goes to and fro as often as the two that it stands for. A lap that is traced ends before
 * the driver reads the index again: what it posts last still belongs to it.
 */
Test(align, in_turns_a_shared_line_moves_as_often_as_the_two_it_stands_for)
{
	static const struct {
		enum ring_align align;
		unsigned transfers[AGENTS][LINES], upgrades[AGENTS][LINES];
	} cases[] = {
		{ALIGN_PACKED,
		 {{0, 0, 2, 1, 0}, {1, 1, 2, 0, 0}},
		 {{1, 1, 2, 0, 0}, {0, 0, 2, 1, 0}}},
		{ALIGN_LINE,
		 {{0, 0, 0, 2, 1}, {1, 1, 2, 0, 0}},
		 {{1, 1, 2, 0, 0}, {0, 0, 0, 2, 1}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen s;

		run_lap(cases[i].align, &s);
		for (unsigned side = 0; side < AGENTS; side++) {
			for (unsigned line = 0; line < LINES; line++) {
				cr_assert_eq(s.transfers[side][line],
					     cases[i].transfers[side][line],
					     "%s, side %u, line %u: %u transfers",
					     ring_align_name(cases[i].align), side, line,
					     s.transfers[side][line]);
				cr_assert_eq(s.upgrades[side][line], cases[i].upgrades[side][line],
					     "%s, side %u, line %u: %u upgrades",
					     ring_align_name(cases[i].align), side, line,
					     s.upgrades[side][line]);
			}
		}
	}
}

static bool of_avail(unsigned region)
{
	return region == REGION_AVAIL_IDX || region == REGION_AVAIL_ENTRIES;
}

static bool of_used(unsigned region)
{
	return region == REGION_USED_IDX || region == REGION_USED_ELEMENTS;
}

/*
 * Transfers for a field of one ring, of a line that was lost to a field of the other, when the two
 * sides run at the same time.
 */
static uint64_t across(enum ring_align align)
{
	struct ring_conf c = conf(align);
	const struct coh_counts *n;
	struct sample sample;
	uint64_t sum = 0;

	MODEL(e, RING, 0, m.mode = MODE_TIMED);
	must_run(e, &c, 100 * RING, SIMD_SCALAR, &sample);
	n = engine_counts(e);
	for (unsigned side = 0; side < AGENTS; side++) {
		for (unsigned lost = 0; lost < REGION_KINDS; lost++) {
			for (unsigned wanted = 0; wanted < REGION_KINDS; wanted++) {
				if ((of_avail(lost) && of_used(wanted)) ||
				    (of_used(lost) && of_avail(wanted)))
					sum += n[side].elsewhere[lost][wanted];
			}
		}
	}
	return sum;
}

Test(align, at_the_same_time_packed_rings_take_lines_from_each_other)
{
	cr_assert_eq(across(ALIGN_LINE), 0);
	cr_assert_eq(across(ALIGN_LEGACY), 0);
	cr_assert_gt(across(ALIGN_PACKED), 0);
}
