/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_profile.c - the rows of `profile` and `compute`, written and read: where each side's time
 * went when it was watched, and what it computes by itself.
 */
#include "session/head.h"
#include "session/session_rows.h"

#include <errno.h>
#include <string.h>

/* The largest figure: what a sum of them takes fits into 64 bits. */
#define FIGURE_MAX (1ull << 53)

_Static_assert(PROFILE_BINS == 17, "what is said of \"by_size\" here and in the schema");

/* ---- writing ---- */

/* Up to the last bin that holds anything. */
static json_t *bins_json(const struct side_profile *p)
{
	json_t *bins = json_array();
	unsigned n = PROFILE_BINS;

	while (n && !p->by_size[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(bins, session_u64(p->by_size[i]));
	return bins;
}

static json_t *side_json(const struct side_counts *c)
{
	const struct side_profile *p = &c->profile;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "bursts", session_u64(p->bursts),
			 "moved", session_u64(p->moved), "productive_ns",
			 session_u64(p->productive_ns), "empty_ns", session_u64(p->empty_ns),
			 "polls", session_u64(c->polls), "empty_polls", session_u64(c->empty_polls),
			 "by_size", bins_json(p));
}

void session_put_profile(struct session_writer *w, const struct sample *s)
{
	const double c2c = sample_handoff_ns(s);

	session_put_row(w,
			json_pack("{s:s, s:I, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "type",
				  "profile", "cell", (json_int_t)s->cell, "launch",
				  (json_int_t)s->launch, "round", (json_int_t)s->round, "place",
				  place_class_name(s->place), "c2c_ns",
				  isfinite(c2c) ? json_real(c2c) : json_null(), "buffers",
				  session_u64(s->buffers), "elapsed_ns", session_u64(s->elapsed_ns),
				  "drv", side_json(&s->drv), "dev", side_json(&s->dev)));
}

void session_put_compute(struct session_writer *w, uint32_t cell,
			 const struct predict_compute *compute)
{
	session_put_row(w, json_pack("{s:s, s:I, s:f, s:f}", "type", "compute", "cell",
				     (json_int_t)cell, "drv_ns", compute->drv_ns, "dev_ns",
				     compute->dev_ns));
}

/* ---- reading ---- */

int reader_cell_of(const struct reader *r, const struct session *s, uint32_t *cell)
{
	int rc = reader_u32(r, r->row, "cell", cell);

	if (rc || *cell < s->ncells)
		return rc;
	return vrb_fail(r->err, EINVAL, "%.300s:%u: a %s of cell %u, of which no row came before",
			r->path, r->line, r->type, *cell);
}

int reader_class(const struct reader *r, enum place_class *out)
{
	const char *name = json_string_value(json_object_get(r->row, "place"));

	for (int c = CLASS_SMT; name && c < CLASS_COUNT; c++) {
		if (!strcmp(name, place_class_name((enum place_class)c))) {
			*out = (enum place_class)c;
			return 0;
		}
	}
	return reader_bad(r, "place", "smt, near, far or xsocket");
}

static int read_handoff(const struct reader *r, struct sample *m)
{
	const json_t *v = json_object_get(r->row, "c2c_ns");

	if (!json_is_null(v) && !(json_is_number(v) && json_number_value(v) > 0))
		return reader_bad(r, "c2c_ns", "a number above 0, or null");
	m->c2c_before_ns = m->c2c_after_ns = json_is_null(v) ? (double)NAN : json_number_value(v);
	return 0;
}

static int read_bins(const struct reader *r, const json_t *side, struct side_profile *p)
{
	const json_t *bins = json_object_get(side, "by_size");
	uint64_t sum = 0;
	size_t i;
	const json_t *v;

	if (!json_is_array(bins) || json_array_size(bins) > PROFILE_BINS)
		return reader_bad(r, "by_size", "an array of at most 17 counts");
	json_array_foreach(bins, i, v)
	{
		if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		    (uint64_t)json_integer_value(v) > FIGURE_MAX)
			return reader_bad(r, "by_size", "of whole numbers, 0 to 2^53");
		p->by_size[i] = (uint64_t)json_integer_value(v);
		sum += p->by_size[i];
	}
	return sum == p->bursts ? 0 : reader_bad(r, "by_size", "as many as \"bursts\" in all");
}

static int read_side(const struct reader *r, const char *key, struct side_counts *c)
{
	const json_t *o = json_object_get(r->row, key);
	const struct {
		const char *key;
		uint64_t *to;
	} members[] = {
		{"bursts", &c->profile.bursts},
		{"moved", &c->profile.moved},
		{"productive_ns", &c->profile.productive_ns},
		{"empty_ns", &c->profile.empty_ns},
		{"polls", &c->polls},
		{"empty_polls", &c->empty_polls},
	};
	int rc = 0;

	if (!json_is_object(o))
		return reader_bad(r, key, "an object");
	for (size_t i = 0; !rc && i < ARRAY_SIZE(members); i++)
		rc = reader_u64(r, o, members[i].key, FIGURE_MAX, members[i].to);
	return rc ? rc : read_bins(r, o, &c->profile);
}

int reader_profile(const struct reader *r, struct session *s)
{
	struct sample m = {0};
	int rc = reader_cell_of(r, s, &m.cell);

	if (!rc)
		rc = reader_u32(r, r->row, "launch", &m.launch);
	if (!rc)
		rc = reader_u32(r, r->row, "round", &m.round);
	if (!rc)
		rc = reader_class(r, &m.place);
	if (!rc)
		rc = read_handoff(r, &m);
	if (!rc)
		rc = reader_u64(r, r->row, "buffers", FIGURE_MAX, &m.buffers);
	if (!rc)
		rc = reader_u64(r, r->row, "elapsed_ns", FIGURE_MAX, &m.elapsed_ns);
	/* ns per buffer and ratios of it must exist */
	if (!rc && !m.buffers)
		rc = reader_bad(r, "buffers", "above 0");
	if (!rc && !m.elapsed_ns)
		rc = reader_bad(r, "elapsed_ns", "above 0");
	if (!rc)
		rc = read_side(r, "drv", &m.drv);
	if (!rc)
		rc = read_side(r, "dev", &m.dev);
	if (rc)
		return rc;

	struct sample *more = reader_grown(r, s->profiled, s->nprofiled, sizeof(m));

	if (!more)
		return -ENOMEM;
	s->profiled = more;
	s->profiled[s->nprofiled++] = m;
	return 0;
}

static int read_ns(const struct reader *r, const char *key, double *out)
{
	const json_t *v = json_object_get(r->row, key);

	if (!json_is_number(v) || !(json_number_value(v) >= 0))
		return reader_bad(r, key, "a number from 0");
	*out = json_number_value(v);
	return 0;
}

int reader_compute(const struct reader *r, struct session *s)
{
	struct computed c = {0};
	int rc = reader_cell_of(r, s, &c.cell);

	if (!rc)
		rc = read_ns(r, "drv_ns", &c.ns.drv_ns);
	if (!rc)
		rc = read_ns(r, "dev_ns", &c.ns.dev_ns);
	for (unsigned i = 0; !rc && i < s->ncomputed; i++) {
		if (s->computed[i].cell == c.cell)
			rc = vrb_fail(r->err, EINVAL,
				      "%.300s:%u: cell %u has a compute row already", r->path,
				      r->line, c.cell);
	}
	if (rc)
		return rc;

	struct computed *more = reader_grown(r, s->computed, s->ncomputed, sizeof(c));

	if (!more)
		return -ENOMEM;
	s->computed = more;
	s->computed[s->ncomputed++] = c;
	return 0;
}
