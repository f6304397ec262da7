/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_read.c - a session file read back, and refused where it is not whole.
 */
#include "session/head.h"
#include "session/session_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int reader_bad(const struct reader *r, const char *key, const char *want)
{
	return vrb_fail(r->err, EINVAL, "%.300s:%u: %s row: \"%s\" is not %s", r->path, r->line,
			r->type, key, want);
}

bool reader_whole(const json_t *v, uint64_t max, uint64_t *out)
{
	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*out = (uint64_t)json_integer_value(v);
		return *out <= max;
	}
	const char *digits = json_string_value(v);
	char *end;

	if (!digits)
		return false;
	errno = 0;
	*out = strtoull(digits, &end, 10);
	return !errno && digits[0] >= '0' && digits[0] <= '9' && !*end && *out <= max;
}

int reader_u64(const struct reader *r, const json_t *o, const char *key, uint64_t max,
	       uint64_t *out)
{
	char want[64];

	if (reader_whole(json_object_get(o, key), max, out))
		return 0;
	snprintf(want, sizeof(want), "a whole number, 0 to %llu", (unsigned long long)max);
	return reader_bad(r, key, want);
}

int reader_u32(const struct reader *r, const json_t *o, const char *key, uint32_t *out)
{
	uint64_t v = 0;
	int rc = reader_u64(r, o, key, UINT32_MAX, &v);

	if (!rc)
		*out = (uint32_t)v;
	return rc;
}

static int get_i64(const struct reader *r, const json_t *o, const char *key, int64_t *out)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return reader_bad(r, key, "a whole number");
	*out = json_integer_value(v);
	return 0;
}

static int get_i32(const struct reader *r, const json_t *o, const char *key, int32_t *out)
{
	int64_t v = 0;
	int rc = get_i64(r, o, key, &v);

	if (rc)
		return rc;
	if (v < INT32_MIN || v > INT32_MAX)
		return reader_bad(r, key, "a 32-bit number");
	*out = (int32_t)v;
	return 0;
}

/* null is NAN. */
static int get_real(const struct reader *r, const json_t *o, const char *key, double *out)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_number(v) && !json_is_null(v))
		return reader_bad(r, key, "a number or null");
	*out = json_is_null(v) ? (double)NAN : json_number_value(v);
	return 0;
}

static const char *get_string(const json_t *o, const char *key)
{
	const char *v = json_string_value(json_object_get(o, key));

	return v ? v : "";
}

static int read_role(const struct reader *r, enum cell_role *out)
{
	const char *name = get_string(r->row, "role");

	for (int v = ROLE_VARIANT; v <= ROLE_NULL; v++)
		if (!strcmp(name, role_name((enum cell_role)v))) {
			*out = (enum cell_role)v;
			return 0;
		}
	return reader_bad(r, "role", "variant, baseline or null");
}

static int read_direction(const struct reader *r, enum direction *out)
{
	const char *name = get_string(r->row, "direction");

	for (int v = DIR_RX; v <= DIR_TX; v++)
		if (!strcmp(name, direction_name((enum direction)v))) {
			*out = (enum direction)v;
			return 0;
		}
	return reader_bad(r, "direction", "rx or tx");
}

static int read_place(const struct reader *r, enum place_class *out)
{
	const char *name = get_string(r->row, "place");

	for (int v = CLASS_NONE; v < CLASS_COUNT; v++)
		if (!strcmp(name, place_class_name((enum place_class)v))) {
			*out = (enum place_class)v;
			return 0;
		}
	return reader_bad(r, "place", "none, smt, near, far or xsocket");
}

static int read_flags(const struct reader *r, uint32_t *out)
{
	const json_t *names = json_object_get(r->row, "flags");
	size_t i;
	const json_t *name;

	*out = 0;
	if (!json_is_array(names))
		return reader_bad(r, "flags", "an array of names");
	json_array_foreach(names, i, name)
	{
		const char *text = json_string_value(name);
		unsigned bit = 0;

		while (bit < SAMPLE_FLAG_BITS && (!text || strcmp(text, flag_name(bit))))
			bit++;
		if (bit == SAMPLE_FLAG_BITS)
			return reader_bad(r, "flags", "an array of known names");
		*out |= 1u << bit;
	}
	return 0;
}

static int read_side(const struct reader *r, const char *key, struct side_counts *c)
{
	const json_t *o = json_object_get(r->row, key);
	int rc = 0;

	if (!json_is_object(o))
		return reader_bad(r, key, "an object");
	if (!rc)
		rc = reader_u64(r, o, "polls", UINT64_MAX, &c->polls);
	if (!rc)
		rc = reader_u64(r, o, "empty_polls", UINT64_MAX, &c->empty_polls);
	if (!rc)
		rc = reader_u64(r, o, "vol_switches", UINT64_MAX, &c->vol_switches);
	if (!rc)
		rc = reader_u64(r, o, "invol_switches", UINT64_MAX, &c->invol_switches);
	if (!rc)
		rc = reader_u64(r, o, "minor_faults", UINT64_MAX, &c->minor_faults);
	if (!rc)
		rc = reader_u64(r, o, "major_faults", UINT64_MAX, &c->major_faults);
	if (!rc)
		rc = reader_u64(r, o, "migrations", UINT64_MAX, &c->migrations);
	if (!rc && json_object_get(o, "busy_ns")) /* older files have none */
		rc = reader_u64(r, o, "busy_ns", UINT64_MAX, &c->busy_ns);
	if (!rc && json_object_get(o, "task_ns")) /* nor this */
		rc = reader_u64(r, o, "task_ns", UINT64_MAX, &c->task_ns);
	if (!rc)
		rc = get_i32(r, o, "cpu_before", &c->cpu_before);
	if (!rc)
		rc = get_i32(r, o, "cpu_after", &c->cpu_after);
	return rc;
}

void *reader_grown(const struct reader *r, void *array, unsigned n, size_t each)
{
	if (n & (n - 1))
		return array;
	void *more = reallocarray(array, n ? 2 * (size_t)n : 1, each);

	if (!more)
		vrb_fail(r->err, ENOMEM, "out of memory");
	return more;
}

/* The name of an axis of a sweep: "over", "by"; NULL: the session has none. */
static const char *axis_name(const struct session *s, const char *axis)
{
	const json_t *sweep = json_object_get(s->head, "sweep");

	return json_string_value(json_object_get(json_object_get(sweep, axis), "name"));
}

/* Where a cell of a sweep stands; the strings are the cell's own. */
static int read_params(const struct reader *r, const struct session *s, struct cell *c)
{
	static const char *const axes[CELL_PARAMS] = {"over", "by"};
	const json_t *params = json_object_get(r->row, "params");

	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		const char *name = axis_name(s, axes[i]);
		const char *value = name ? get_string(params, name) : "";

		if (!name)
			continue;
		if (!*value)
			return reader_bad(r, "params", "an object with a value for each axis");
		c->params[i] = (struct cell_param){strdup(name), strdup(value)};
		if (!c->params[i].name || !c->params[i].value)
			return vrb_fail(r->err, ENOMEM, "out of memory");
	}
	return c->params[0].name ? reader_u32(r, r->row, "series", &c->series) : 0;
}

static void free_cell(struct cell *c)
{
	free((void *)c->variant);
	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		free((void *)c->params[i].name);
		free((void *)c->params[i].value);
	}
}

static int read_cell(const struct reader *r, struct session *s)
{
	struct cell c = {0};
	int rc = reader_u32(r, r->row, "id", &c.id);

	if (!rc && c.id != s->ncells)
		rc = vrb_fail(r->err, EINVAL, "%.300s:%u: cell %u, where cell %u is due", r->path,
			      r->line, c.id, s->ncells);
	if (!rc)
		rc = reader_u32(r, r->row, "group", &c.group);
	if (!rc)
		rc = read_role(r, &c.role);
	if (!rc)
		rc = read_direction(r, &c.dir);
	if (!rc)
		rc = reader_u32(r, r->row, "ring_size", &c.ring_size);
	if (!rc)
		rc = reader_u32(r, r->row, "burst", &c.burst);
	if (!rc)
		rc = reader_u32(r, r->row, "payload", &c.payload);
	if (!rc)
		rc = reader_pace(r, &c);
	if (!rc && !*get_string(r->row, "variant"))
		rc = reader_bad(r, "variant", "a name");
	if (rc)
		return rc;

	struct cell *more = reader_grown(r, s->cells, s->ncells, sizeof(c));

	if (!more)
		return -ENOMEM;
	s->cells = more;
	c.variant = strdup(get_string(r->row, "variant"));
	rc = c.variant ? read_params(r, s, &c) : vrb_fail(r->err, ENOMEM, "out of memory");
	if (rc)
		free_cell(&c);
	else
		s->cells[s->ncells++] = c;
	return rc;
}

static int read_sample(const struct reader *r, struct session *s)
{
	struct sample m = {0};
	int rc = reader_u32(r, r->row, "cell", &m.cell);

	if (!rc && m.cell >= s->ncells)
		rc = vrb_fail(r->err, EINVAL,
			      "%.300s:%u: a sample of cell %u, of which no row came before",
			      r->path, r->line, m.cell);
	if (!rc)
		rc = reader_u32(r, r->row, "launch", &m.launch);
	if (!rc)
		rc = reader_u32(r, r->row, "round", &m.round);
	if (!rc)
		rc = reader_u32(r, r->row, "position", &m.position);
	if (!rc)
		rc = reader_u64(r, r->row, "buffers", UINT64_MAX, &m.buffers);
	if (!rc)
		rc = reader_u64(r, r->row, "elapsed_ns", UINT64_MAX, &m.elapsed_ns);
	/* ns per buffer and its logarithm must exist */
	if (!rc && !m.buffers)
		rc = reader_bad(r, "buffers", "above 0");
	if (!rc && !m.elapsed_ns)
		rc = reader_bad(r, "elapsed_ns", "above 0");
	if (!rc)
		rc = get_real(r, r->row, "c2c_before_ns", &m.c2c_before_ns);
	if (!rc)
		rc = get_real(r, r->row, "c2c_after_ns", &m.c2c_after_ns);
	if (!rc)
		rc = read_place(r, &m.place);
	if (!rc)
		rc = get_i64(r, r->row, "steal_ns", &m.steal_ns);
	if (!rc)
		rc = read_flags(r, &m.flags);
	if (!rc)
		rc = reader_u64(r, r->row, "start_ns", UINT64_MAX, &m.start_ns);
	if (!rc)
		rc = read_side(r, "drv", &m.drv);
	if (!rc)
		rc = read_side(r, "dev", &m.dev);
	if (rc)
		return rc;

	struct sample *more = reader_grown(r, s->samples, s->nsamples, sizeof(m));

	if (!more)
		return -ENOMEM;
	s->samples = more;
	s->samples[s->nsamples++] = m;
	return 0;
}

static int read_warning(const struct reader *r, struct session *s)
{
	const char *text = json_string_value(json_object_get(r->row, "text"));

	if (!text)
		return reader_bad(r, "text", "a string");

	char **more = reader_grown(r, s->warnings, s->nwarnings, sizeof(*s->warnings));

	if (!more)
		return -ENOMEM;
	s->warnings = more;
	s->warnings[s->nwarnings] = strdup(text);
	if (!s->warnings[s->nwarnings])
		return vrb_fail(r->err, ENOMEM, "out of memory");
	s->nwarnings++;
	return 0;
}

static int read_head(const struct reader *r, struct session *s)
{
	int64_t schema = 0;
	int rc = get_i64(r, r->row, "schema", &schema);

	if (rc)
		return rc;
	if (schema != SESSION_SCHEMA_VERSION)
		return vrb_fail(r->err, EINVAL,
				"%.300s:%u: schema %lld; this program reads schema %d", r->path,
				r->line, (long long)schema, SESSION_SCHEMA_VERSION);
	s->head = json_incref((json_t *)r->row);
	rc = reader_counters(r, s);
	if (!rc)
		rc = reader_perf_head(r, s);
	return rc ? rc : reader_model(r);
}

static int read_end(const struct reader *r, struct session *s)
{
	const char *name = get_string(r->row, "status");
	uint64_t samples = 0, cells = 0;
	int rc = reader_u64(r, r->row, "samples", UINT64_MAX, &samples);

	if (!rc)
		rc = reader_u64(r, r->row, "cells", UINT64_MAX, &cells);
	if (rc)
		return rc;
	if (samples != s->nsamples || cells != s->ncells)
		return vrb_fail(
			r->err, EINVAL,
			"%.300s:%u: the end row counts %llu cells and %llu samples, the file "
			"has %u and %u",
			r->path, r->line, (unsigned long long)cells, (unsigned long long)samples,
			s->ncells, s->nsamples);
	for (int v = SESSION_COMPLETE; v <= SESSION_FAILED; v++)
		if (!strcmp(name, session_status_name((enum session_status)v))) {
			s->status = (enum session_status)v;
			return 0;
		}
	return reader_bad(r, "status", "complete, interrupted or failed");
}

/* One parsed row. @ended: in and out, whether the end row was there. */
static int read_row(struct reader *r, struct session *s, bool *ended)
{
	r->type = get_string(r->row, "type");
	if (!*r->type)
		return vrb_fail(r->err, EINVAL, "%.300s:%u: not a row: it has no \"type\"", r->path,
				r->line);
	if (*ended)
		return vrb_fail(r->err, EINVAL, "%.300s:%u: a %.40s row after the end row", r->path,
				r->line, r->type);
	bool is_head = !strcmp(r->type, "session");

	if (!s->head != is_head)
		return vrb_fail(r->err, EINVAL, "%.300s:%u: %s", r->path, r->line,
				is_head ? "a second session row"
					: "the first row is not a session row");
	if (is_head)
		return read_head(r, s);
	if (!strcmp(r->type, "cell"))
		return read_cell(r, s);
	if (!strcmp(r->type, "sample"))
		return read_sample(r, s);
	if (!strcmp(r->type, "events"))
		return reader_events(r, s);
	if (!strcmp(r->type, "counts"))
		return reader_counts(r, s);
	if (!strcmp(r->type, "modelled"))
		return reader_modelled(r, s);
	if (!strcmp(r->type, "instructions"))
		return reader_instructions(r, s);
	if (!strcmp(r->type, "prediction"))
		return reader_prediction(r, s);
	if (!strcmp(r->type, "measured"))
		return reader_measured(r, s);
	if (!strcmp(r->type, "profile"))
		return reader_profile(r, s);
	if (!strcmp(r->type, "compute"))
		return reader_compute(r, s);
	if (!strcmp(r->type, "perf"))
		return reader_perf(r, s);
	if (!strcmp(r->type, "hist"))
		return reader_hist(r, s);
	if (!strcmp(r->type, "warning"))
		return read_warning(r, s);
	if (!strcmp(r->type, "end")) {
		*ended = true;
		return read_end(r, s);
	}
	return 0; /* of a newer version */
}

static int read_lines(FILE *f, struct reader *r, struct session *s)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ended = false;
	int rc = 0;

	while (!rc && (len = getline(&line, &room, f)) >= 0) {
		json_error_t why;

		r->line++;
		json_t *row = json_loadb(line, (size_t)len, JSON_REJECT_DUPLICATES, &why);

		r->row = row;
		if (row)
			rc = read_row(r, s, &ended);
		else
			rc = vrb_fail(r->err, EINVAL, "%.300s:%u: not JSON: %.100s", r->path,
				      r->line, why.text);
		json_decref(row);
	}
	if (!rc && ferror(f))
		rc = vrb_fail(r->err, EIO, "%.300s: cannot be read: %s", r->path, strerror(errno));
	if (!rc && !ended)
		rc = vrb_fail(r->err, EINVAL, "%.300s:%u: the file stops here, without an end row",
			      r->path, r->line);
	free(line);
	return rc;
}

int session_load(const char *path, struct session *out, struct vrb_err *err)
{
	struct reader r = {.path = path, .err = err};
	int rc;

	memset(out, 0, sizeof(*out));
	out->path = strdup(path);
	if (!out->path)
		return vrb_fail(err, ENOMEM, "out of memory");
	FILE *f = fopen(path, "re");

	if (f) {
		rc = read_lines(f, &r, out);
		fclose(f);
	} else {
		int code = errno;

		rc = vrb_fail(err, code, "cannot read session %.400s: %s", path, strerror(code));
	}
	if (rc)
		session_free(out);
	return rc;
}

void session_free(struct session *s)
{
	json_decref(s->head);
	for (unsigned i = 0; i < s->ncells; i++)
		free_cell(&s->cells[i]);
	free(s->cells);
	free(s->samples);
	free(s->counts);
	free(s->modelled);
	free(s->instructions);
	free(s->predictions);
	free(s->measured);
	free(s->profiled);
	free(s->computed);
	free(s->perf_runs);
	for (unsigned i = 0; i < s->ntimed; i++)
		free(s->timed[i].bins);
	free(s->timed);
	for (unsigned i = 0; i < s->nwarnings; i++)
		free(s->warnings[i]);
	free(s->warnings);
	free(s->path);
	memset(s, 0, sizeof(*s));
}
