/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_model.c - known answers: what the model engine counts in lockstep against what is counted
 * by hand. The derivations stand in results/model/README.md.
 *
 * The count by hand knows no states and no protocol, only this: each time a side looks, it
 * fetches every line that it touches and that the other side wrote since. With the ring's
 * fields where the specification puts them, that is a count of lines; and for each row there is
 * a closed form, too. Engine, lines and closed form must give the same integer for a lap.
 */
#include "model_rows.h"

#define N    256u /* entries */
#define LINE 64u
#define LAPS 4u

static const uint32_t bursts[] = {1, 4, 8, 16, 32, 64};

/* ---- lines, counted by hand ---- */

/* A part of the ring: one side writes it, the other one looks. */
struct part {
	unsigned idx;		/* looks at an index in the part's first line, a lap */
	unsigned entries;	/* that a lap touches; 0: none is written, none moves */
	unsigned first, stride; /* bytes: of the first entry from a line's border, to the next */
	unsigned size;		/* bytes that are read of an entry */
	unsigned every;		/* only each so-manieth entry is read */
	unsigned look;		/* entries between two looks at what was written */
};

/* Transfers a lap. The line of the index has just come when entries are read. */
static uint64_t part_lines(const struct part *p)
{
	uint64_t n = p->idx;

	for (unsigned from = 0; from < p->entries; from += p->look) {
		int last = p->idx ? 0 : -1; /* the latest line that has come; they come in order */

		for (unsigned i = from; i < from + p->look; i += p->every) {
			const unsigned at = p->first + i * p->stride;

			for (int l = (int)(at / LINE); l <= (int)((at + p->size - 1) / LINE); l++) {
				if (l > last) {
					last = l;
					n++;
				}
			}
		}
	}
	return n;
}

static unsigned at_least(unsigned n, unsigned least)
{
	return n > least ? n : least;
}

static unsigned ceil_div(unsigned a, unsigned b)
{
	return (a + b - 1) / b;
}

/* Descriptors are written by the driver, read by the device a burst at a time. */
static struct part desc_part(const struct row *r, unsigned b)
{
	/* the header's descriptor of the fixed layouts is written once */
	const bool fixed = variant_named(r->variant)->opts.avail == AVAIL_FIXED;
	const bool chained = r->dir == DIR_TX && r->header == TX_HEADER_CHAINED;
	const unsigned chain = chained && !fixed ? 2 : 1;
	const bool still = fixed && r->header == TX_HEADER_INDIRECT; /* written once, too */

	return (struct part){.entries = still ? 0 : chain * N,
			     .stride = 16,
			     .size = 16,
			     .every = 1,
			     .look = chain * (r->avail == BLOCKS ? at_least(b, 32) : b)};
}

/* Tables of two, both entries read; of a fixed layout's only the second is written: on its line. */
static struct part table_part(const struct row *r, unsigned b)
{
	return (struct part){.entries = r->header == TX_HEADER_INDIRECT ? TABLE_LEN * N : 0,
			     .stride = 16,
			     .size = 16,
			     .every = 1,
			     .look = TABLE_LEN * b};
}

static struct part avail_part(const struct row *r, unsigned b)
{
	/* one by one, a lifo gives each head back to its slot */
	const bool same = r->list == FREE_LIFO && b == 1 && !strcmp(r->variant, "shadow-avail");

	return (struct part){.idx = N / (r->avail == BLOCKS ? at_least(b, 32) : b),
			     .entries = r->avail == STORED && !same ? N : 0,
			     .first = 4,
			     .stride = 2,
			     .size = 2,
			     .every = 1,
			     .look = b};
}

static unsigned clean_of(const struct row *r, unsigned b)
{
	return r->dir == DIR_TX && !r->clean ? at_least(b, 32) : b;
}

/* Used elements are read when buffers are reaped: TX may do so later than it looks at idx. */
static struct part used_part(const struct row *r, unsigned b)
{
	return (struct part){.idx = N / b,
			     .entries = r->used == IDX_ONLY ? 0 : N,
			     .first = r->used == LEN_ONLY ? 8 : 4,
			     .stride = 8,
			     .size = r->used == LEN_ONLY ? 4 : 8,
			     .every = r->used == BATCH ? b : 1,
			     .look = clean_of(r, b)};
}

/*
 * The design's forms times N, with the exact d: a burst that reads entries in the line of an
 * index has that line already. avail entries 0..29 lie there, and used elements 0..7 (7 in part).
 */
static uint64_t closed_form(const struct row *r, unsigned b)
{
	uint64_t lap = r->lap + r->per_burst * (N / b);

	lap += r->per_clean * (N / clean_of(r, b));
	lap -= r->avail_d ? ceil_div(30, b) : 0;
	lap -= r->used_d ? ceil_div(8, clean_of(r, b)) : 0;
	return lap;
}

/* ---- the engine's count ---- */

static struct where row_at(const struct row *r, unsigned b)
{
	struct where w;

	snprintf(
		w.text, sizeof(w.text),
		"%s %s, header %s, %s, rx-room %u, clean %u, used-read %s, device-avail %s, burst %u",
		r->variant, direction_name(r->dir), tx_header_name(r->header),
		free_list_name(r->list), r->rx_room, r->clean ? b : 0, used_read_name(r->read),
		device_avail_name(r->heads), b);
	return w;
}

static void run_row(struct engine *e, const struct row *r, unsigned b, enum simd simd)
{
	struct ring_conf c = {.variant = variant_named(r->variant),
			      .dir = r->dir,
			      .ring_size = N,
			      .burst = b,
			      .policy = {.free_list = r->list,
					 .tx_header = r->header,
					 .used_read = r->read,
					 .device_avail = r->heads,
					 .rx_room = r->rx_room,
					 .clean = r->clean ? b : 0}};
	struct sample s;

	must_run(e, &c, LAPS * N, simd, &s);
}

struct moved {
	uint64_t transfers, upgrades;
};

/* Of both sides, for regions from..to, in a lap; that is a whole number. */
static struct moved moved_a_lap(const struct engine *e, enum ring_region from, enum ring_region to)
{
	const struct coh_counts *c = engine_counts(e);
	struct moved m = {0, 0};

	for (unsigned side = 0; side < AGENTS; side++) {
		for (unsigned r = from; r <= to; r++) {
			m.transfers += coh_transfers(&c[side], r);
			m.upgrades += coh_upgrades(&c[side], r);
		}
	}
	cr_assert_eq(m.transfers % LAPS, 0, "%lu transfers in %u laps", m.transfers, LAPS);
	return (struct moved){m.transfers / LAPS, m.upgrades / LAPS};
}

static void for_each_row(void (*f)(struct engine *e, const struct row *r, unsigned b))
{
	MODEL(e, N, 0);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(bursts); k++)
			f(e, &rows[i], bursts[k]);
	}
}

/* Each part by itself: descriptors, avail with its index, used with its index. */
static void parts_agree(struct engine *e, const struct row *r, unsigned b)
{
	const struct {
		const char *name;
		enum ring_region from, to;
		struct part part;
	} parts[] = {
		{"desc", REGION_DESC, REGION_DESC, desc_part(r, b)},
		{"indirect", REGION_INDIRECT, REGION_INDIRECT, table_part(r, b)},
		{"avail", REGION_AVAIL_IDX, REGION_AVAIL_ENTRIES, avail_part(r, b)},
		{"used", REGION_USED_IDX, REGION_USED_ELEMENTS, used_part(r, b)},
	};
	const struct where at = row_at(r, b);

	FOR_EACH_PATH (simd, variant_named(r->variant)) {
		run_row(e, r, b, simd);
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			const uint64_t want = part_lines(&parts[i].part);
			const struct moved m = moved_a_lap(e, parts[i].from, parts[i].to);

			cr_assert_eq(m.transfers, want, "%s, simd %s: %s: %lu transfers, want %lu",
				     at.text, simd_name(simd), parts[i].name, m.transfers, want);
			cr_assert_eq(m.upgrades, want, "%s, simd %s: %s: %lu upgrades, want %lu",
				     at.text, simd_name(simd), parts[i].name, m.upgrades, want);
		}
	}
}

Test(model, each_part_of_the_ring_moves_the_lines_counted_by_hand)
{
	for_each_row(parts_agree);
}

static uint64_t lap_by_hand(const struct row *r, unsigned b)
{
	const struct part desc = desc_part(r, b), avail = avail_part(r, b), used = used_part(r, b);

	const struct part table = table_part(r, b);

	return part_lines(&desc) + part_lines(&table) + part_lines(&avail) + part_lines(&used);
}

Test(model, closed_forms_are_the_lines_counted_by_hand)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(bursts); k++) {
			const struct row *r = &rows[i];
			const unsigned b = bursts[k];
			const uint64_t lines = lap_by_hand(r, b), form = closed_form(r, b);

			if (b >= 4 && r->lap)
				cr_assert_eq(form, lines, "%s: closed form %lu, lines %lu",
					     row_at(r, b).text, form, lines);
		}
	}
}

static void as_designed(struct engine *e, const struct row *r, unsigned b)
{
	const double design = r->design[b == 1 ? 0 : b == 8 ? 1 : 2];
	struct moved m;

	if ((b != 1 && b != 8 && b != 32) || design == 0)
		return;
	run_row(e, r, b, SIMD_SCALAR);
	m = moved_a_lap(e, 0, REGION_KINDS - 1);
	cr_assert_float_eq((double)m.transfers / N, design, .0005001, "%s: %.5f, design %.4f",
			   row_at(r, b).text, (double)m.transfers / N, design);
	cr_assert_eq(m.upgrades, m.transfers, "%s", row_at(r, b).text);
}

Test(model, known_answers_of_the_design_to_the_third_digit)
{
	for_each_row(as_designed);
}

/* The rows that are not the design's: one reads len only, one posts in blocks besides. */
Test(model, where_the_design_counts_a_line_more)
{
	static const struct {
		const char *variant;
		double want;
	} cases[] = {{"fixed-layout", 3.973}, {"vectorized", 2.254}};
	MODEL(e, N, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct row r = {.variant = cases[i].variant, .dir = DIR_RX};
		double seen;

		run_row(e, &r, 1, SIMD_SCALAR);
		seen = (double)moved_a_lap(e, 0, REGION_KINDS - 1).transfers / N;
		cr_assert_float_eq(seen, cases[i].want, .0005, "%s: %f", r.variant, seen);
	}
}

/* ---- other protocols ---- */

/*
 * Every line of the ring has one writer and one reader. In MESI each visit of the reader is a
 * dirty read that leaves both with a copy (S S), and the next store an upgrade (M I). MESIF and
 * MOESI name the two copies otherwise (S F; O S); the messages are the same.
 *
 * Under the migratory rule the reader's visit takes the line away (driver, device: M I -> I T),
 * and the writer's next store has to fetch it back (I T -> M I, dirty): two transfers where MESI
 * has a transfer and an upgrade. Nobody reads a line back that it wrote itself (the driver keeps
 * its own copy of avail->idx, the device of used->idx), so that is all that happens.
 */
Test(model, other_protocols_move_the_same_and_the_migratory_rule_a_transfer_for_an_upgrade)
{
	static const enum coh_protocol protocols[] = {COH_MESIF, COH_MOESI, COH_MOESI_MIGRATORY};

	for (size_t p = 0; p < ARRAY_SIZE(protocols); p++) {
		const bool migratory = protocols[p] == COH_MOESI_MIGRATORY;

		MODEL(e, N, 0, m.protocol = protocols[p]);
		for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(bursts); i++) {
			const struct row *r = &rows[i / ARRAY_SIZE(bursts)];
			const unsigned b = bursts[i % ARRAY_SIZE(bursts)];
			const uint64_t want = lap_by_hand(r, b);
			struct moved m;

			if (b != 8 && !migratory)
				continue;
			run_row(e, r, b, SIMD_SCALAR);
			m = moved_a_lap(e, 0, REGION_KINDS - 1);
			cr_assert_eq(m.transfers, migratory ? 2 * want : want, "%s, %s: %lu",
				     coh_protocol_name(protocols[p]), row_at(r, b).text,
				     m.transfers);
			cr_assert_eq(m.upgrades, migratory ? 0 : want, "%s, %s: %lu",
				     coh_protocol_name(protocols[p]), row_at(r, b).text,
				     m.upgrades);
		}
	}
}

/*
 * What shadow-avail saves in a lap. A burst of B entries, not cut by a line's border, reads one
 * line; 8 borders lie in the ring, each within a burst if B is 4 or more: N / B + 8 visits, of
 * which ceil(30 / B) find the line there, with the index. Not stored, none of them moves:
 *
 *   mesi             a transfer (the device's read) and an upgrade (the driver's store) a visit
 *   moesi-migratory  two transfers a visit: the device's read takes the line, the driver's store
 *                    fetches it back
 *
 * One by one (B = 1): 256 entries, 30 of them with the index: 226 visits.
 */
Test(model, what_shadow_avail_saves_in_a_lap)
{
	static const struct row plain = {"baseline", RX, .used = EACH};
	static const struct row shadow = {"shadow-avail", RX, .used = EACH};
	static const enum coh_protocol protocols[] = {COH_MESI, COH_MOESI_MIGRATORY};

	for (size_t p = 0; p < ARRAY_SIZE(protocols); p++) {
		const bool migratory = protocols[p] == COH_MOESI_MIGRATORY;

		MODEL(e, N, 0, m.protocol = protocols[p]);
		for (size_t k = 0; k < ARRAY_SIZE(bursts); k++) {
			const unsigned b = bursts[k];
			const unsigned visits = N / b + (b > 1 ? 8 : 0) - ceil_div(30, b);
			const char *name = coh_protocol_name(protocols[p]);
			struct moved with, without;

			run_row(e, &plain, b, SIMD_SCALAR);
			without = moved_a_lap(e, 0, REGION_KINDS - 1);
			run_row(e, &shadow, b, SIMD_SCALAR);
			with = moved_a_lap(e, 0, REGION_KINDS - 1);
			cr_assert_eq(without.transfers - with.transfers,
				     migratory ? 2 * visits : visits, "%s, burst %u", name, b);
			cr_assert_eq(without.upgrades - with.upgrades, migratory ? 0 : visits,
				     "%s, burst %u", name, b);
		}
	}
}
