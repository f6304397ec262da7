/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_read.c - a session file read back, and refused where it is not whole.
 */
#include "names.h"
#include "session/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The head stays JSON, for those who ask it; what others are read by is read here. */
static int read_head(const struct reader *r)
{
	const json_t *schema = json_object_get(r->row, "schema");
	int rc;

	if (!json_is_integer(schema))
		return codec_bad(r, "schema", "a whole number");
	if (json_integer_value(schema) != SESSION_SCHEMA_VERSION)
		return codec_refuse(r, "schema %lld; this program reads schema %d",
				    (long long)json_integer_value(schema), SESSION_SCHEMA_VERSION);
	r->s->head = json_incref((json_t *)r->row);
	rc = codec_read(r, row_kinds[ROW_SESSION].fields, "", r->row, NULL);
	if (!rc)
		rc = rows_counters(r);
	if (!rc)
		rc = rows_perf_events(r);
	return rc ? rc : rows_model(r);
}

/* One parsed row. @ended: in and out, whether the end row was there. */
static int read_row(struct reader *r, bool *ended)
{
	const char *type = json_string_value(json_object_get(r->row, "type"));
	const struct row_kind *kind = type ? row_kind_of(type) : NULL;
	const bool is_head = kind == &row_kinds[ROW_SESSION];

	if (!type || !*type)
		return codec_refuse(r, "not a row: it has no \"type\"");
	r->type = type;
	if (*ended)
		return codec_refuse(r, "a %.40s row after the end row", type);
	if (!r->s->head != is_head)
		return codec_refuse(r, "%s",
				    is_head ? "a second session row"
					    : "the first row is not a session row");
	if (is_head)
		return read_head(r);
	*ended = kind == &row_kinds[ROW_END];
	return kind ? codec_read_row(r, kind) : 0; /* else of a newer version */
}

static int read_lines(FILE *f, struct reader *r)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ended = false;
	int rc = 0;

	while (!rc && (len = getline(&line, &room, f)) >= 0) {
		json_error_t why;

		const size_t mark = r->line++ ? 0 : names_skip_mark(line, (size_t)len);
		json_t *row =
			json_loadb(line + mark, (size_t)len - mark, JSON_REJECT_DUPLICATES, &why);

		r->row = row;
		if (row)
			rc = read_row(r, &ended);
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
	struct reader r = {.path = path, .s = out, .seen = json_object(), .err = err};
	int rc;

	memset(out, 0, sizeof(*out));
	out->path = strdup(path);
	if (!out->path || !r.seen) {
		free(out->path);
		json_decref(r.seen);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	FILE *f = fopen(path, "re");

	if (f) {
		rc = read_lines(f, &r);
		fclose(f);
	} else {
		int code = errno;

		rc = vrb_fail(err, code, "cannot read session %.400s: %s", path, strerror(code));
	}
	json_decref(r.seen);
	if (rc)
		session_free(out);
	return rc;
}

void session_free(struct session *s)
{
	for (size_t i = 0; i < ROW_TYPES; i++) {
		const struct row_kind *kind = &row_kinds[i];

		if (kind->rows == NOT_KEPT)
			continue;
		char *rows = *(char **)((char *)s + kind->rows);

		for (unsigned k = 0; k < *(unsigned *)((char *)s + kind->nrows); k++)
			codec_free(kind, rows + k * kind->size);
		free(rows);
	}
	json_decref(s->head);
	free(s->path);
	memset(s, 0, sizeof(*s));
}
