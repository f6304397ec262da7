/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_read.c - a session file read back, and refused where it is not whole.
 */
#include "names.h"
#include "session/head.h"
#include "session/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Behind the next @key in a line, which then lies before it; NULL: there is none. */
static const char *behind(const char *at, const char *key)
{
	const char *found = at ? strstr(at, key) : NULL;

	return found ? found + strlen(key) : NULL;
}

/* The names between here and a bracket or quote, as bits of an enum of @n. Returns if all are known. */
static bool read_words(const char *at, const char *end, const char *(*name)(int), int n,
		       uint32_t *set)
{
	size_t len;

	for (*set = 0; at < end; at += len + 1) {
		int i = 0;

		len = strcspn(at, "\",]");
		while (i < n && (strlen(name(i)) != len || strncmp(name(i), at, len) != 0))
			i++;
		if (len && i == n)
			return false;
		*set |= len ? 1u << i : 0;
	}
	return true;
}

static const char *flag_at(int bit)
{
	return flag_name((unsigned)bit);
}

/* What session_load_brief() wants of a row. Returns false: it is to be read in full. */
static bool scan_sample(const char *line, unsigned ncells, struct sample *out)
{
	static const char *const keys[] = {
		"\"cell\":", "\"launch\":", "\"round\":", "\"buffers\":", "\"elapsed_ns\":"};
	const char *at = behind(line, "{\"type\":\"sample\",");
	uint64_t v[ARRAY_SIZE(keys)];
	uint32_t place, flags;

	if (at != line + strlen("{\"type\":\"sample\","))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *end;

		at = behind(at, keys[i]);
		if (!at || *at < '0' || *at > '9')
			return false;
		v[i] = strtoull(at, &end, 10);
		at = end;
	}
	const char *const class = behind(at, "\"place\":\"");
	const char *const names = behind(class, "\"flags\":[");

	if (!names || !strchr(names, ']') || !strstr(names, "}}") ||
	    !read_words(class, strchr(class, '"'), row_place_name, CLASS_XSOCKET + 1, &place) ||
	    !read_words(names, strchr(names, ']'), flag_at, SAMPLE_FLAG_BITS, &flags))
		return false;
	*out = (struct sample){.cell = (uint32_t)v[0],
			       .launch = (uint32_t)v[1],
			       .round = (uint32_t)v[2],
			       .buffers = v[3],
			       .elapsed_ns = v[4],
			       .place = (enum place_class)__builtin_ctz(place | 1u << 31),
			       .flags = flags};
	return v[0] < ncells && v[1] <= UINT32_MAX && v[2] <= UINT32_MAX && v[3] && v[4] && place;
}

/* Is a row done with, without its JSON? @rc: out. */
static bool read_brief(struct reader *r, const char *line, int *rc)
{
	struct sample sample;

	if (!r->brief || !r->s->head)
		return false;
	if (scan_sample(line, r->s->ncells, &sample)) {
		*rc = codec_keep(r, &row_kinds[ROW_SAMPLE], &sample);
		return true;
	}
	return !strncmp(line, "{\"type\":\"events\",", strlen("{\"type\":\"events\","));
}

/* A warning and an end row in place of those that are missing. Returns 0 or -errno. */
static int end_here(struct reader *r, bool *ended)
{
	char text[160];
	int rc = 0;

	snprintf(text, sizeof(text),
		 "the file stops at line %u, without an end row: these are the samples until then",
		 r->line);
	json_t *const rows[] = {
		json_pack("{s:s, s:s}", "type", "warning", "text", text),
		json_pack("{s:s, s:s, s:s, s:i, s:i}", "type", "end", "status",
			  session_status_name(SESSION_INTERRUPTED), "ended", "unknown", "cells",
			  (int)r->s->ncells, "samples", (int)r->s->nsamples),
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		r->row = rows[i];
		if (!rc)
			rc = rows[i] ? read_row(r, ended)
				     : vrb_fail(r->err, ENOMEM, "out of memory");
		json_decref(rows[i]);
	}
	return rc;
}

/*
 * Control characters in a text could make a terminal do something, or a line two: each is a ? instead. In JSON they are
 * escaped, but for 127 and, in UTF-8, U+0080 to U+009F.
 */
static void tame(char *line, size_t len)
{
	static const char escaped[] = {'\\', 'u', '0', '0', '3', 'f'}, plain[] = {' ', '?'};
	char *const end = line + len;

	for (char *at = line; (at = memchr(at, '\\', (size_t)(end - at))) != NULL && end - at > 1;
	     at += 2) {
		const bool control = end - at >= 6 &&
				     (!memcmp(at + 1, "u000", 4) || !memcmp(at + 1, "u001", 4) ||
				      !strncasecmp(at + 1, "u007f", 5) ||
				      !memcmp(at + 1, "u008", 4) || !memcmp(at + 1, "u009", 4));

		if (control)
			memcpy(at, escaped, sizeof(escaped));
		else if (strchr("bfnrt", at[1]))
			memcpy(at, plain, sizeof(plain));
	}
	for (char *at = line; (at = memchr(at, 127, (size_t)(end - at))) != NULL;)
		*at = '?';
	for (char *at = line; (at = memchr(at, 0xc2, (size_t)(end - at))) != NULL; at++)
		if (end - at > 1 && (unsigned char)at[1] < 0xa0)
			memcpy(at, plain, sizeof(plain));
}

#define READ_PARTIAL "; `vringbench table --partial` reads what there is"

static int read_lines(FILE *f, struct reader *r)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ended = false;
	uint64_t digest = DIGEST_OF_NOTHING;
	int rc = 0;

	while (!rc && (len = getline(&line, &room, f)) >= 0) {
		json_error_t why;
		const size_t mark = r->line++ ? 0 : names_skip_mark(line, (size_t)len);

		r->digest = digest;
		digest = digest_add(digest, line, (size_t)len);
		if (!ended && read_brief(r, line, &rc))
			continue;
		tame(line, (size_t)len);
		json_t *row =
			json_loadb(line + mark, (size_t)len - mark, JSON_REJECT_DUPLICATES, &why);

		r->row = row;
		if (row)
			rc = read_row(r, &ended);
		else if (!r->partial || line[len - 1] == '\n')
			rc = vrb_fail(r->err, EINVAL, "%.300s:%u: not JSON: %.90s%s", r->path,
				      r->line, why.text,
				      r->s->head && line[len - 1] != '\n' ? READ_PARTIAL : "");
		json_decref(row);
	}
	if (!rc && ferror(f))
		rc = vrb_fail(r->err, EIO, "%.300s: cannot be read: %s", r->path, strerror(errno));
	if (!rc && !ended && r->partial && r->s->head)
		rc = end_here(r, &ended);
	if (!rc && !ended && !r->line)
		rc = vrb_fail(r->err, EINVAL, "%.300s: it is empty, and no session", r->path);
	else if (!rc && !ended)
		rc = vrb_fail(r->err, EINVAL,
			      "%.300s:%u: the file stops here, without an end row%s", r->path,
			      r->line, r->s->head ? READ_PARTIAL : "");
	free(line);
	return rc;
}

/* A file, or a pipe, of which no more is read than a session may have. */
struct limited {
	int fd;
	uint64_t left;
	bool beyond;
};

static ssize_t limited_read(void *cookie, char *buf, size_t size)
{
	struct limited *l = cookie;
	const ssize_t n = read(l->fd, buf, size);

	l->beyond |= n > 0 && (uint64_t)n > l->left;
	if (l->beyond) {
		errno = EFBIG;
		return -1;
	}
	l->left -= n > 0 ? (uint64_t)n : 0;
	return n;
}

/* Opens @path and reads it, row by row. What is too large is refused before it is read, but for a pipe. */
static int read_file(const char *path, struct reader *r)
{
	struct stat st;
	struct limited l = {.fd = open(path, O_RDONLY | O_CLOEXEC), .left = SESSION_BYTES_MOST};
	FILE *f = l.fd < 0 ? NULL
			   : fopencookie(&l, "r", (cookie_io_functions_t){.read = limited_read});
	int rc = f ? 0 : errno;

	if (rc)
		rc = vrb_fail(r->err, rc, "cannot read session %.400s: %s", path, strerror(rc));
	else if (!fstat(l.fd, &st) && st.st_size > (off_t)SESSION_BYTES_MOST)
		l.beyond = true;
	else
		rc = read_lines(f, r);
	if (f)
		fclose(f);
	if (l.beyond)
		rc = vrb_fail(r->err, EFBIG, "%.300s: larger than a session may be, %llu MiB", path,
			      SESSION_BYTES_MOST >> 20);
	if (l.fd >= 0)
		close(l.fd);
	return rc;
}

static int load(struct reader r, struct session *out)
{
	struct vrb_err *err = r.err;
	int rc;

	memset(out, 0, sizeof(*out));
	r.s = out;
	r.seen = json_object();
	out->path = strdup(r.path);
	if (!out->path || !r.seen) {
		free(out->path);
		json_decref(r.seen);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	rc = read_file(r.path, &r);
	json_decref(r.seen);
	if (rc)
		session_free(out);
	return rc;
}

int session_load(const char *path, struct session *out, struct vrb_err *err)
{
	return load((struct reader){.path = path, .err = err}, out);
}

int session_load_brief(const char *path, struct session *out, struct vrb_err *err)
{
	return load((struct reader){.path = path, .brief = true, .err = err}, out);
}

int session_load_partial(const char *path, struct session *out, struct vrb_err *err)
{
	return load((struct reader){.path = path, .partial = true, .err = err}, out);
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
