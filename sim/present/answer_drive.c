/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_drive.c - sessions of `drive`: what foreign devices did with our driver.
 */
#include "present/answer.h"

#include <inttypes.h>

static const struct driven *run_of(const struct field *x)
{
	return x->row->of;
}

static bool is_blk(const struct driven *d)
{
	return d->device == DRIVE_BLK;
}

static void mode(struct value *v, const struct field *x)
{
	const struct driven *d = run_of(x);

	value_text(v, "%s %s%s%s", drive_device_name(d->device),
		   is_blk(d) ? drive_access_name(d->access) : "", is_blk(d) ? " " : "",
		   drive_mode_name(d->mode));
}

static void number(struct value *v, const struct field *x)
{
	value_count(v, *(const uint64_t *)(const void *)((const char *)x->row->of + x->arg));
}

static void small_number(struct value *v, const struct field *x)
{
	value_count(v, *(const uint32_t *)(const void *)((const char *)x->row->of + x->arg));
}

/* Of a block device; else it is not there. */
static void blk_number(struct value *v, const struct field *x)
{
	if (is_blk(run_of(x)))
		number(v, x);
}

static void depth(struct value *v, const struct field *x)
{
	if (is_blk(run_of(x)))
		small_number(v, x);
}

/* Where nobody asks for kicks there are none to spare. */
static void kicks(struct value *v, const struct field *x)
{
	if (run_of(x)->notify != NOTIFY_OFF)
		number(v, x);
}

static void spared(struct value *v, const struct field *x)
{
	const struct variant *variant = variants_exact(run_of(x)->variant);

	if (variant && variant->opts.avail == AVAIL_SHADOW)
		blk_number(v, x);
}

static void each(struct value *v, const struct field *x)
{
	const struct drive_seen *s = &run_of(x)->seen;

	value_figure(v, s->timed ? (double)s->ns / (double)s->timed : NAN, 1);
}

#define RUN(k, h, fn, member)	COMPUTED(k, h, h, fn, offsetof(struct driven, member), 0)
#define WORDS(k, h, member, fl) COLUMN_MEMBER(k, h, h, struct driven, member, fl, VALUE_TEXT, 0)

static const char *end_words(unsigned end)
{
	return drive_end_name((enum drive_end)end);
}

static const char *notify_name(unsigned notify)
{
	return notify_mode_name((enum notify_mode)notify);
}

static const struct column columns[] = {
	WORDS("peer", "peer", peer, COLUMN_LEFT),
	WORDS("variant", "variant", variant, COLUMN_LEFT),
	COMPUTED("mode", "mode", "mode", mode, 0, COLUMN_LEFT),
	COLUMN_NAMED("notify", "notify", "notify", struct driven, notify, COLUMN_LEFT, notify_name),
	RUN("ring_size", "ring", small_number, ring_size),
	RUN("burst", "burst", small_number, burst),
	RUN("payload", "bytes", small_number, payload),
	RUN("depth", "depth", depth, seen.blk.depth),
	RUN("asked", NULL, small_number, asked),
	RUN("done", "done", number, seen.transmitted),
	COMPUTED("ns", "ns each", "ns each", each, 0, 0),
	RUN("kicks", "kicks", kicks, seen.kicks),
	RUN("kicks_spared", "not asked for", kicks, seen.kicks_spared),
	RUN("verified_bytes", NULL, blk_number, seen.blk.verified),
	RUN("posted", "posted", blk_number, seen.blk.posted),
	RUN("late", "late", blk_number, seen.blk.late),
	RUN("late_by", "by at most", blk_number, seen.blk.late_by),
	RUN("entries_spared", "spared", spared, seen.blk.spared),
	COLUMN_NAMED("end", "end", "end", struct driven, seen.end, COLUMN_LEFT, end_words),
};

static int open_rows(struct view *w, struct vrb_err *err)
{
	(void)err;
	columns_add(&w->columns, columns, ARRAY_SIZE(columns));
	if (w->s->ndriven)
		view_add_group(w, NULL);
	for_each (d, w->s->driven, w->s->ndriven)
		view_add_row(w, NULL, CLASS_COUNT, 0, d);
	return 0;
}

static void answer(FILE *out, const struct view *w)
{
	unsigned done = 0, late = 0, blk = 0;

	for_each (d, w->s->driven, w->s->ndriven) {
		done += d->seen.end == DRIVE_DONE;
		blk += is_blk(d);
		late += d->seen.blk.late > 0;
	}
	fprintf(out, "%u of %u runs ended with all back and verified", done, w->s->ndriven);
	if (blk)
		fprintf(out, "; in %u of %u of block devices requests came back out of order", late,
			blk);
	fputs(".\n", out);
	for_each (d, w->s->driven, w->s->ndriven) {
		if (d->seen.end != DRIVE_DONE)
			fprintf(out, "%s, %s: %s, %" PRIu64 " of %u are back\n",
				*d->peer ? d->peer : "the device", d->variant,
				drive_end_name(d->seen.end), d->seen.transmitted, d->asked);
	}
}

#define TITLE "our driver in front of devices"

static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	(void)w;
	(void)g;
	fputs(TITLE, out);
}

static void put_sheets(struct sheets *out, const struct view *w)
{
	for_each (g, w->groups, w->ngroups)
		view_sheet(out, w, g, TITLE);
}

const struct answer_kind answer_drive = {
	.question = "Does the device return all that our driver gives it, unchanged?",
	.answer = answer,
	.open = open_rows,
	.title = put_title,
	.sheets = put_sheets,
	.foot = "done: packets, or timed requests; posted: requests of all phases; late: of these, back behind a later "
		"one;\nspared: entries that a shadow did not store again\n\n",
	.precision = 8,
	.legend =
		"done: packets, or timed requests, that the device returned; each packet that came back, and each "
		"byte read, was compared. ns each: from the first that is back. kicks: sent, and not asked for. "
		"posted: requests of all phases; late: of these, back behind a later one, by so many at most. "
		"spared: entries of the available ring that a shadow did not store again.",
};
