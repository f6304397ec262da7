/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec.c - rows read and written by their tables of fields.
 */
#include "session/codec.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int codec_bad(const struct reader *r, const char *key, const char *want)
{
	return codec_refuse(r, "%s row: \"%s\" is not %s", r->type, key, want);
}

int codec_refuse(const struct reader *r, const char *fmt, ...)
{
	char text[sizeof(r->err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return vrb_fail(r->err, EINVAL, "%.300s:%u: %.200s", r->path, r->line, text);
}

int codec_once(const struct reader *r, const char *fmt, ...)
{
	json_t *key, *line;
	const char *text;
	va_list ap;
	int ret = 0;

	va_start(ap, fmt);
	key = json_vsprintf(fmt, ap);
	va_end(ap);
	if (!key)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	text = json_string_value(key);
	line = json_object_get(r->seen, text);
	if (line)
		ret = codec_refuse(r, "a second %s, after line %lld", text,
				   (long long)json_integer_value(line));
	else if (json_object_set_new(r->seen, text, json_integer(r->line)))
		ret = vrb_fail(r->err, ENOMEM, "out of memory");
	json_decref(key);
	return ret;
}

/* ---- what is legal ---- */

int64_t field_max(const struct field *f)
{
	if (f->max)
		return f->max;
	return f->size == sizeof(int64_t) ? INT64_MAX : UINT32_MAX;
}

static uint64_t count_max(const struct field *f)
{
	return f->max ? (uint64_t)f->max : UINT64_MAX;
}

const char *codec_legal(const struct field *f, char *buf, size_t size)
{
	const bool text = f->type == FIELD_TEXT || f->type == FIELD_STRING;
	const char *plain = text ? (f->min ? "a string that is not empty" : "a string")
			    : f->type == FIELD_REAL  ? "a number"
			    : f->type == FIELD_NAMES ? "an array of "
			    : f->type == FIELD_BOOL  ? "true or false"
			    : f->type == FIELD_HEX   ? "a string, 0x and 1 to 16 digits"
			    : f->type == FIELD_OBJECT || f->type == FIELD_HOOK ? "an object"
									       : "";

	snprintf(buf, size, "%s", plain);
	if (f->type == FIELD_COUNT)
		text_add(buf, size, "a whole number, %" PRId64 " to %" PRIu64, f->min,
			 count_max(f));
	if (f->type == FIELD_WHOLE)
		text_add(buf, size, "a whole number, %" PRId64 " to %" PRId64, f->min,
			 field_max(f));
	if (f->type == FIELD_REAL && !(f->flags & FIELD_ANY))
		text_add(buf, size, " %s %" PRId64, f->flags & FIELD_ABOVE ? "above" : "from",
			 f->min);
	if (f->type == FIELD_REAL && f->max)
		text_add(buf, size, " to %" PRId64, f->max);
	for (int64_t v = f->min; f->name && v <= f->max; v++)
		text_add(buf, size, "%s%s",
			 v == f->min  ? ""
			 : v < f->max ? ", "
				      : " or ",
			 f->name((int)v));
	if (f->flags & FIELD_NULL)
		text_add(buf, size, ", or null");
	return buf;
}

/* ---- reading ---- */

bool codec_count(const json_t *v, uint64_t max, uint64_t *out)
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

/* Each reads a value, and says whether it is legal. @to: room for it; of text NULL: none. */
static bool read_count(const struct field *f, const json_t *v, void *to)
{
	uint64_t n = 0;
	const bool good = codec_count(v, count_max(f), &n) && n >= (uint64_t)f->min;

	memcpy(to, &n, sizeof(n));
	return good;
}

static bool read_whole(const struct field *f, const json_t *v, void *to)
{
	const json_int_t n = json_integer_value(v);
	const uint32_t narrow = (uint32_t)n;

	if (f->size == sizeof(narrow))
		memcpy(to, &narrow, sizeof(narrow));
	else
		memcpy(to, &n, sizeof(n));
	return json_is_integer(v) && n >= f->min && n <= field_max(f);
}

static bool read_real(const struct field *f, const json_t *v, void *to)
{
	const double d = json_is_null(v) ? (double)NAN : json_number_value(v);
	const double min = (double)f->min;

	memcpy(to, &d, sizeof(d));
	if (!json_is_number(v))
		return json_is_null(v);
	return (f->flags & FIELD_ANY || (f->flags & FIELD_ABOVE ? d > min : d >= min)) &&
	       !(f->max && d > (double)f->max);
}

static int value_of(const struct field *f, const char *name)
{
	int v = (int)f->min;

	while (v <= f->max && (!name || strcmp(name, f->name(v)) != 0))
		v++;
	return v;
}

static bool read_names(const struct field *f, const json_t *v, void *to)
{
	uint32_t set = 0;
	const json_t *name;
	size_t i;

	json_array_foreach(v, i, name)
	{
		const int bit = value_of(f, json_string_value(name));

		if (bit > f->max)
			return false;
		set |= 1u << bit;
	}
	memcpy(to, &set, sizeof(set));
	return json_is_array(v);
}

static bool read_name(const struct field *f, const json_t *v, void *to)
{
	const int value = value_of(f, json_string_value(v));

	memcpy(to, &value, sizeof(value));
	return value <= f->max;
}

static bool read_hex(const struct field *f, const json_t *v, void *to)
{
	const char *text = json_string_value(v);

	(void)f;
	if (!text || strncmp(text, "0x", 2) != 0)
		return false;
	const uint64_t n = strtoull(text, NULL, 16);
	const size_t digits = strspn(text + 2, "0123456789abcdef");

	memcpy(to, &n, sizeof(n));
	return digits >= 1 && digits <= 16 && !text[2 + digits];
}

static bool read_bool(const struct field *f, const json_t *v, void *to)
{
	(void)f;
	*(bool *)to = json_is_true(v);
	return json_is_boolean(v);
}

static bool read_text(const struct field *f, const json_t *v, void *to)
{
	const char *text = json_is_null(v) ? "" : json_string_value(v);

	if (!text || (f->min && !*text))
		return false;
	if (to)
		snprintf(to, f->size, "%s", text);
	return true;
}

static bool read_string(const struct field *f, const json_t *v, void *to)
{
	const char *text = json_string_value(v);

	if (!text || (f->min && !*text))
		return false;
	return !to || (*(char **)to = strdup(text));
}

static bool (*const readers[])(const struct field *, const json_t *, void *) = {
	[FIELD_COUNT] = read_count, [FIELD_WHOLE] = read_whole,	  [FIELD_REAL] = read_real,
	[FIELD_TEXT] = read_text,   [FIELD_STRING] = read_string, [FIELD_NAME] = read_name,
	[FIELD_NAMES] = read_names, [FIELD_BOOL] = read_bool,	  [FIELD_HEX] = read_hex,
};

static int read_cell(const struct reader *r, const json_t *v)
{
	return json_integer_value(v) < (json_int_t)r->s->ncells
		       ? 0
		       : codec_refuse(r, "a %s row of cell %lld, of which no row came before",
				      r->type, (long long)json_integer_value(v));
}

static int read_field(const struct reader *r, const struct field *f, const char *prefix,
		      const json_t *v, void *row)
{
	const bool is_text = f->type == FIELD_TEXT || f->type == FIELD_STRING;
	char key[96], legal[200];
	uint64_t unkept;
	void *to = row ? (char *)row + f->at : is_text ? NULL : (void *)&unkept;

	if (json_is_null(v) && !(f->flags & FIELD_NULL))
		v = NULL;
	else if (json_is_null(v) && !row)
		return 0;
	if (f->type == FIELD_HOOK)
		return f->read ? f->read(r, v, row) : 0;
	if (f->type == FIELD_OBJECT && json_is_object(v)) {
		snprintf(key, sizeof(key), "%s%s.", prefix, f->key);
		return codec_read(r, f->of, key, v, row ? to : NULL);
	}
	snprintf(key, sizeof(key), "%s%s", prefix, f->key);
	if (f->type == FIELD_OBJECT || !readers[f->type](f, v, to))
		return codec_bad(r, key, codec_legal(f, legal, sizeof(legal)));
	return f->flags & FIELD_CELL ? read_cell(r, v) : 0;
}

int codec_read(const struct reader *r, const struct fields *f, const char *prefix, const json_t *o,
	       void *row)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < f->n; i++) {
		const json_t *v = json_object_get(o, f->field[i].key);

		if (v || (row && !(f->field[i].flags & FIELD_OPTIONAL)))
			rc = read_field(r, &f->field[i], prefix, v, row);
	}
	return rc;
}

/* Refuses a second row with the same key: its times would count twice. */
static int check_key(const struct reader *r, const struct fields *f)
{
	char key[160];
	int at = snprintf(key, sizeof(key), "%s row", r->type);
	bool any = false;

	for (size_t i = 0; i < f->n; i++) {
		const json_t *v = json_object_get(r->row, f->field[i].key);

		if (!(f->field[i].flags & FIELD_KEY))
			continue;
		at += json_is_string(v) ? snprintf(key + at, sizeof(key) - (size_t)at, "%s %.20s",
						   any ? "," : " of", json_string_value(v))
					: snprintf(key + at, sizeof(key) - (size_t)at, "%s %s %lld",
						   any ? "," : " of", f->field[i].key,
						   (long long)json_integer_value(v));
		any = true;
	}
	return any ? codec_once(r, "%s", key) : 0;
}

/* Room for one more; arrays double. NULL: out of memory, and the old array stays as it was. */
static void *grown(void *array, unsigned n, size_t each)
{
	return n & (n - 1) ? array : reallocarray(array, n ? 2 * (size_t)n : 1, each);
}

int codec_keep(const struct reader *r, const struct row_kind *kind, const void *row)
{
	void **rows = (void **)((char *)r->s + kind->rows);
	unsigned *n = (unsigned *)((char *)r->s + kind->nrows);
	void *more = grown(*rows, *n, kind->size);

	if (!more)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	*rows = more;
	memcpy((char *)more + *n * kind->size, row, kind->size);
	++*n;
	return 0;
}

int codec_read_row(const struct reader *r, const struct row_kind *kind)
{
	void *row = calloc(1, kind->size);
	int rc;

	if (!row)
		return vrb_fail(r->err, ENOMEM, "out of memory");
	rc = codec_read(r, kind->fields, "", r->row, row);
	if (!rc && kind->check)
		rc = kind->check(r, row);
	if (!rc)
		rc = check_key(r, kind->fields);
	if (!rc && kind->rows != NOT_KEPT)
		rc = codec_keep(r, kind, row);
	if (rc || kind->rows == NOT_KEPT)
		codec_free(kind, row);
	free(row);
	return rc;
}

/* ---- writing ---- */

static json_t *names_json(const struct field *f, uint32_t set)
{
	json_t *names = json_array();

	assert(set >> (f->max + 1) == 0);
	for (int bit = 0; names && bit <= f->max; bit++)
		if (set >> bit & 1)
			json_array_append_new(names, json_string(f->name(bit)));
	return names;
}

static json_t *field_json(const struct field *f, const void *row)
{
	const char *at = (const char *)row + f->at;
	uint64_t n = 0;
	uint32_t narrow = 0;
	double d = 0;

	memcpy(&narrow, at, f->size < sizeof(narrow) ? f->size : sizeof(narrow));
	memcpy(&n, at, f->size < sizeof(n) ? f->size : sizeof(n));
	switch (f->type) {
	case FIELD_COUNT:
		return session_u64(n);
	case FIELD_WHOLE:
		if (f->size == sizeof(n))
			return json_integer((json_int_t)n);
		return json_integer(f->min < 0 ? (int32_t)narrow : (json_int_t)narrow);
	case FIELD_REAL:
		memcpy(&d, at, sizeof(d));
		return session_real(d);
	case FIELD_TEXT:
		return f->flags & FIELD_NULL && !*at ? json_null() : session_text(at);
	case FIELD_STRING:
		return session_text(*(const char *const *)(const void *)at);
	case FIELD_NAME:
		return json_string(f->name((int)narrow));
	case FIELD_NAMES:
		return names_json(f, narrow);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_HEX:
		return json_sprintf("0x%" PRIx64, n);
	case FIELD_OBJECT:
		return codec_write(NULL, f->of, at);
	case FIELD_HOOK:
		break;
	}
	return f->write(row);
}

json_t *codec_write(const char *type, const struct fields *f, const void *row)
{
	json_t *o = json_object();
	bool ok = o && (!type || !json_object_set_new(o, "type", json_string(type)));

	for (size_t i = 0; ok && i < f->n; i++)
		if (!f->field[i].there || f->field[i].there(row))
			ok = !json_object_set_new(o, f->field[i].key,
						  field_json(&f->field[i], row));
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

void codec_free(const struct row_kind *kind, void *row)
{
	const struct field *f = kind->fields->field;

	for (size_t i = 0; i < kind->fields->n; i++)
		if (f[i].type == FIELD_STRING)
			free(*(char **)((char *)row + f[i].at));
	if (kind->drop)
		kind->drop(row);
}
