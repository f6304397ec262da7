/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_latency.c - `hist` rows, written and read: what the buffers of a cell took; and what a
 * cell says of how they are sent.
 */
#include "session/head.h"
#include "session/session_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The largest figure: what a sum of them takes fits into 64 bits. */
#define FIGURE_MAX (1ull << 53)

/* ---- how buffers are sent ---- */

void session_add_pace(json_t *row, const struct cell *c)
{
	if (!row || c->pace == PACE_FULL)
		return;
	json_object_set_new(row, "loop", json_string(pace_name(c->pace)));
	if (c->pace == PACE_OPEN)
		json_object_set_new(row, "rate", session_u64(c->rate));
}

int reader_pace(const struct reader *r, struct cell *c)
{
	const char *name = json_string_value(json_object_get(r->row, "loop"));
	int rc;

	if (!json_object_get(r->row, "loop"))
		return 0;
	if (name && !strcmp(name, pace_name(PACE_CLOSED))) {
		c->pace = PACE_CLOSED;
		return 0;
	}
	if (!name || strcmp(name, pace_name(PACE_OPEN)) != 0)
		return reader_bad(r, "loop", "closed or open");
	c->pace = PACE_OPEN;
	rc = reader_u64(r, r->row, "rate", FIGURE_MAX, &c->rate);
	if (!rc && !c->rate)
		rc = reader_bad(r, "rate", "above 0");
	return rc;
}

/* ---- what they took ---- */

static json_t *bins_json(const struct hist *h)
{
	json_t *bins = json_array();

	for (unsigned i = hist_bin(h->min); bins && i <= hist_bin(h->max); i++) {
		if (h->bin[i])
			json_array_append_new(bins, json_pack("[o, o]", session_u64(hist_low(i)),
							      session_u64(h->bin[i])));
	}
	return bins;
}

void session_put_hist(struct session_writer *w, uint32_t cell, uint32_t launch,
		      enum place_class place, const struct latencies *l)
{
	const struct hist *h = &l->hist;

	session_put_row(w, json_pack("{s:s, s:I, s:I, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o}",
				     "type", "hist", "cell", (json_int_t)cell, "launch",
				     (json_int_t)launch, "place", place_class_name(place),
				     "samples", session_u64(l->samples), "backwards",
				     session_u64(l->backwards), "digits", HIST_DIGITS, "count",
				     session_u64(h->count), "min_ns", session_u64(h->min), "max_ns",
				     session_u64(h->max), "bins", bins_json(h)));
}

static int read_bin(const struct reader *r, const json_t *pair, struct timed_bin *out)
{
	const json_t *value = json_array_get(pair, 0), *count = json_array_get(pair, 1);

	if (json_array_size(pair) != 2 || !reader_whole(value, HIST_LARGEST, &out->value_ns) ||
	    !reader_whole(count, FIGURE_MAX, &out->count) || !out->count)
		return reader_bad(r, "bins", "of pairs of a value in ns and a count above 0");
	if (hist_low(hist_bin(out->value_ns)) != out->value_ns)
		return reader_bad(r, "bins", "of values at which a bin begins");
	return 0;
}

/* Every bin but the first lies above the one before, and together they hold "count". */
static int read_bins(const struct reader *r, struct timed *t)
{
	const json_t *bins = json_object_get(r->row, "bins");
	uint64_t sum = 0;
	size_t i;
	const json_t *pair;

	if (!json_is_array(bins) || json_array_size(bins) > HIST_BINS)
		return reader_bad(r, "bins", "an array of pairs");
	t->bins = calloc(json_array_size(bins) + 1, sizeof(*t->bins));
	if (!t->bins)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	json_array_foreach(bins, i, pair)
	{
		int rc = read_bin(r, pair, &t->bins[i]);

		if (rc)
			return rc;
		if (i && t->bins[i].value_ns <= t->bins[i - 1].value_ns)
			return reader_bad(r, "bins", "in ascending order");
		sum += t->bins[i].count;
	}
	t->nbins = (unsigned)json_array_size(bins);
	if (!sum || sum != t->count)
		return reader_bad(r, "bins", "as many as \"count\" in all, above 0");
	if (hist_low(hist_bin(t->min_ns)) != t->bins[0].value_ns)
		return reader_bad(r, "min_ns", "in the first bin");
	if (hist_low(hist_bin(t->max_ns)) != t->bins[t->nbins - 1].value_ns)
		return reader_bad(r, "max_ns", "in the last bin");
	return 0;
}

int reader_hist(const struct reader *r, struct session *s)
{
	struct timed t = {0};
	int rc = reader_cell_of(r, s, &t.cell);

	if (!rc)
		rc = reader_u32(r, r->row, "launch", &t.launch);
	if (!rc)
		rc = reader_class(r, &t.place);
	if (!rc)
		rc = reader_u64(r, r->row, "samples", FIGURE_MAX, &t.samples);
	if (!rc)
		rc = reader_u64(r, r->row, "backwards", FIGURE_MAX, &t.backwards);
	if (!rc)
		rc = reader_u64(r, r->row, "count", FIGURE_MAX, &t.count);
	if (!rc)
		rc = reader_u64(r, r->row, "min_ns", UINT64_MAX, &t.min_ns);
	if (!rc)
		rc = reader_u64(r, r->row, "max_ns", UINT64_MAX, &t.max_ns);
	if (!rc && s->cells[t.cell].pace == PACE_FULL)
		rc = reader_bad(r, "cell", "one with a \"loop\"");
	if (!rc)
		rc = read_bins(r, &t);
	if (!rc) {
		struct timed *more = reader_grown(r, s->timed, s->ntimed, sizeof(t));

		if (more) {
			s->timed = more;
			s->timed[s->ntimed++] = t;
			return 0;
		}
		rc = -ENOMEM;
	}
	free(t.bins);
	return rc;
}
