/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_hist.c - `hist` rows: what the buffers of a cell took in a launch, by bins.
 */
#include "session/rows.h"

#include <errno.h>
#include <stdlib.h>

static int read_bin(const struct reader *r, const json_t *pair, struct timed_bin *out)
{
	if (json_array_size(pair) != 2 ||
	    !codec_count(json_array_get(pair, 0), HIST_LARGEST, &out->value_ns) ||
	    !codec_count(json_array_get(pair, 1), FIGURE_MAX, &out->count) || !out->count)
		return codec_bad(r, "bins", "of pairs of a value in ns and a count above 0");
	if (hist_low(hist_bin(out->value_ns)) != out->value_ns)
		return codec_bad(r, "bins", "of values at which a bin begins");
	return 0;
}

/* Every bin but the first lies above the one before, and together they hold "count". */
static int read_bins(const struct reader *r, const json_t *bins, void *row)
{
	struct timed *t = row;
	uint64_t sum = 0;
	size_t i;
	const json_t *pair;

	if (!json_is_array(bins) || json_array_size(bins) > HIST_BINS)
		return codec_bad(r, "bins", "an array of pairs");
	t->bins = calloc(json_array_size(bins) + 1, sizeof(*t->bins));
	if (!t->bins)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	json_array_foreach(bins, i, pair)
	{
		int rc = read_bin(r, pair, &t->bins[i]);

		if (rc)
			return rc;
		if (i && t->bins[i].value_ns <= t->bins[i - 1].value_ns)
			return codec_bad(r, "bins", "in ascending order");
		sum += t->bins[i].count;
	}
	t->nbins = (unsigned)json_array_size(bins);
	if (!sum || sum != t->count)
		return codec_bad(r, "bins", "as many as \"count\" in all, above 0");
	if (hist_low(hist_bin(t->min_ns)) != t->bins[0].value_ns)
		return codec_bad(r, "min_ns", "in the first bin");
	if (hist_low(hist_bin(t->max_ns)) != t->bins[t->nbins - 1].value_ns)
		return codec_bad(r, "max_ns", "in the last bin");
	return 0;
}

static json_t *write_bins(const void *row)
{
	const struct timed *t = row;
	json_t *bins = json_array();

	for (unsigned i = 0; bins && i < t->nbins; i++)
		json_array_append_new(bins, json_pack("[o, o]", session_u64(t->bins[i].value_ns),
						      session_u64(t->bins[i].count)));
	return bins;
}

void hist_drop(void *row)
{
	free(((struct timed *)row)->bins);
}

int hist_check(const struct reader *r, void *row)
{
	return r->s->cells[((struct timed *)row)->cell].pace == PACE_FULL
		       ? codec_bad(r, "cell", "one with a \"loop\"")
		       : 0;
}

static const struct field hist_field[] = {
	KEY_CELL(timed),
	KEY(timed, launch),
	PLACE(timed, CLASS_SMT, .flags = FIELD_KEY),
	FIGURE(timed, samples, 0),
	FIELD("backwards", COUNT, .max = FIGURE_MAX, FIELD_AT(timed, backwards),
	      .about =
		      "Negative latencies: buffers that came back before they were due, since the clocks "
		      "of the two CPUs differ. They are counted as 0."),
	FIELD("digits", WHOLE, .flags = FIELD_OPTIONAL, .min = HIST_DIGITS, .max = HIST_DIGITS,
	      FIELD_AT(timed, digits), .about = "Significant digits that the bins keep."),
	FIGURE(timed, count, 1),
	FIGURE(timed, min_ns, 0),
	FIGURE(timed, max_ns, 0),
	FIELD("bins", HOOK, .read = read_bins, .write = write_bins,
	      .schema =
		      "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"array\",\"items\":"
		      "{\"$ref\":\"#/definitions/count\"},\"minItems\":2,\"maxItems\":2}}",
	      .about = "Pairs: the smallest value of a bin in ns, and how many buffers are in it; "
		       "ascending, none empty."),
};

const struct fields hist_fields = {hist_field, ARRAY_SIZE(hist_field)};

void session_put_hist(struct session_writer *w, uint32_t cell, uint32_t launch,
		      enum place_class place, const struct latencies *l)
{
	const struct hist *h = &l->hist;
	struct timed t = {.cell = cell,
			  .launch = launch,
			  .place = place,
			  .samples = l->samples,
			  .backwards = l->backwards,
			  .digits = HIST_DIGITS,
			  .count = h->count,
			  .min_ns = h->min,
			  .max_ns = h->max,
			  .bins = calloc(HIST_BINS, sizeof(*t.bins))};

	for (unsigned i = hist_bin(h->min); t.bins && i <= hist_bin(h->max); i++) {
		if (h->bin[i])
			t.bins[t.nbins++] = (struct timed_bin){hist_low(i), h->bin[i]};
	}
	if (t.bins)
		session_put(w, ROW_HIST, &t);
	else
		session_put_row(w, NULL);
	free(t.bins);
}
