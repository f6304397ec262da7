/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_predictions.c - the rows of `prediction` and `measured`, written and read.
 *
 * A session of `predict` carries what it is compared with: one file tells all, and needs no
 * other that may have moved.
 */
#include "session/head.h"
#include "session/session_rows.h"

#include <errno.h>
#include <string.h>

void session_put_prediction(struct session_writer *w, const struct prediction *p)
{
	session_put_row(w,
			json_pack("{s:s, s:I, s:s, s:f, s:f, s:f, s:f}", "type", "prediction",
				  "cell", (json_int_t)p->cell, "place", place_class_name(p->place),
				  "compute_drv_ns", p->compute.drv_ns, "compute_dev_ns",
				  p->compute.dev_ns, "serial_ns", p->ns[BOUND_SERIAL],
				  "overlapped_ns", p->ns[BOUND_OVERLAPPED]));
}

static json_t *bound_json(const struct interval *v, double bound)
{
	return v->known ? json_real(bound) : json_null();
}

void session_put_measured(struct session_writer *w, const struct measured *m)
{
	session_put_row(w,
			json_pack("{s:s, s:I, s:s, s:f, s:o, s:o, s:I}", "type", "measured", "cell",
				  (json_int_t)m->cell, "place", place_class_name(m->place), "ns",
				  m->ns.mid, "lo", bound_json(&m->ns, m->ns.lo), "hi",
				  bound_json(&m->ns, m->ns.hi), "n", (json_int_t)m->ns.n));
}

/* A time of 0 or more; @null: null is NAN, else refused. */
static int read_ns(const struct reader *r, const char *key, bool null, double *out)
{
	const json_t *v = json_object_get(r->row, key);

	if (null && json_is_null(v)) {
		*out = (double)NAN;
		return 0;
	}
	if (!json_is_number(v) || !(json_number_value(v) >= 0))
		return reader_bad(r, key, null ? "a number from 0, or null" : "a number from 0");
	*out = json_number_value(v);
	return 0;
}

/* A time that errors are relative to, or whose logarithm is drawn. */
static int read_positive(const struct reader *r, const char *key, double *out)
{
	int rc = read_ns(r, key, false, out);

	return !rc && !(*out > 0) ? reader_bad(r, key, "above 0") : rc;
}

/* The two members that both rows begin with. */
static int read_where(const struct reader *r, const struct session *s, uint32_t *cell,
		      enum place_class *place)
{
	const char *name = json_string_value(json_object_get(r->row, "place"));
	int rc = reader_u32(r, r->row, "cell", cell);

	if (!rc && *cell >= s->ncells)
		rc = vrb_fail(r->err, EINVAL,
			      "%.300s:%u: a %s of cell %u, of which no row came before", r->path,
			      r->line, r->type, *cell);
	for (int c = CLASS_SMT; !rc && name && c < CLASS_COUNT; c++) {
		if (!strcmp(name, place_class_name((enum place_class)c))) {
			*place = (enum place_class)c;
			return 0;
		}
	}
	return rc ? rc : reader_bad(r, "place", "smt, near, far or xsocket");
}

static int twice(const struct reader *r, uint32_t cell, enum place_class place)
{
	return vrb_fail(r->err, EINVAL, "%.300s:%u: cell %u has a %s for %s already", r->path,
			r->line, cell, r->type, place_class_name(place));
}

int reader_prediction(const struct reader *r, struct session *s)
{
	struct prediction p = {0};
	int rc = read_where(r, s, &p.cell, &p.place);

	if (!rc)
		rc = read_ns(r, "compute_drv_ns", false, &p.compute.drv_ns);
	if (!rc)
		rc = read_ns(r, "compute_dev_ns", false, &p.compute.dev_ns);
	if (!rc)
		rc = read_positive(r, "serial_ns", &p.ns[BOUND_SERIAL]);
	if (!rc)
		rc = read_positive(r, "overlapped_ns", &p.ns[BOUND_OVERLAPPED]);
	for (unsigned i = 0; !rc && i < s->npredictions; i++) {
		if (s->predictions[i].cell == p.cell && s->predictions[i].place == p.place)
			rc = twice(r, p.cell, p.place);
	}
	if (rc)
		return rc;

	struct prediction *more =
		reader_grown(r, s->predictions, s->npredictions, sizeof(*s->predictions));

	if (!more)
		return -ENOMEM;
	s->predictions = more;
	s->predictions[s->npredictions++] = p;
	return 0;
}

int reader_measured(const struct reader *r, struct session *s)
{
	struct measured m = {0};
	uint64_t n = 0;
	int rc = read_where(r, s, &m.cell, &m.place);

	if (!rc)
		rc = read_positive(r, "ns", &m.ns.mid);
	if (!rc)
		rc = read_ns(r, "lo", true, &m.ns.lo);
	if (!rc)
		rc = read_ns(r, "hi", true, &m.ns.hi);
	if (!rc)
		rc = reader_u64(r, r->row, "n", SIZE_MAX, &n);
	for (unsigned i = 0; !rc && i < s->nmeasured; i++) {
		if (s->measured[i].cell == m.cell && s->measured[i].place == m.place)
			rc = twice(r, m.cell, m.place);
	}
	if (rc)
		return rc;
	m.ns.n = (size_t)n;
	m.ns.known = isfinite(m.ns.lo) && isfinite(m.ns.hi);

	struct measured *more = reader_grown(r, s->measured, s->nmeasured, sizeof(*s->measured));

	if (!more)
		return -ENOMEM;
	s->measured = more;
	s->measured[s->nmeasured++] = m;
	return 0;
}
