/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec.h - rows of JSON and C structs, one described by the other: a table of fields drives
 * reading, writing, refusing, the JSON Schema and the tables of docs/session-format.md.
 */
#ifndef VRB_CODEC_H
#define VRB_CODEC_H

#include "session/session.h"

#include <stddef.h>
#include <stdio.h>

/* The largest figure whose sums fit into 64 bits and whose double is exact. */
#define FIGURE_MAX (INT64_C(1) << 53)

/* The row at hand, and where to complain about it. */
struct reader {
	const char *path;
	unsigned line;
	const json_t *row;
	const char *type;
	struct session *s;
	bool brief;	 /* session_load_brief() */
	bool partial;	 /* session_load_partial() */
	json_t *seen;	 /* the keys of the rows so far, with their lines */
	uint64_t digest; /* of the lines before this one */
	struct vrb_err *err;
};

enum field_type {
	FIELD_COUNT,  /* uint64_t; above 2^63 - 1 a string of digits */
	FIELD_WHOLE,  /* an integer of @size bytes, @min to @max */
	FIELD_REAL,   /* double from @min; null is NAN */
	FIELD_TEXT,   /* char[@size], cut where it is longer; null is "" */
	FIELD_STRING, /* char *, owned by the row; read only */
	FIELD_NAME,   /* an enum: @name(@min) to @name(@max) */
	FIELD_NAMES,  /* a set of uint32_t: bit i is @name(i) */
	FIELD_BOOL,   /* bool */
	FIELD_HEX,    /* uint64_t as "0x1f" */
	FIELD_OBJECT, /* a struct, or members of this one, by @of */
	FIELD_HOOK,   /* by @read and @write; @schema says what it is */
};

enum {
	FIELD_OPTIONAL = 1 << 0, /* files of older programs, or of other kinds, do not have it */
	FIELD_NULL = 1 << 1,	 /* may be null */
	FIELD_ABOVE = 1 << 2,	 /* a real that is larger than @min, not equal to it */
	FIELD_CELL = 1 << 3,	 /* a cell of which a row came before */
	FIELD_KEY = 1 << 4,	 /* no two rows of a kind are equal in all of these */
	FIELD_ANY = 1 << 5,	 /* a real without a bound */
};

struct field {
	const char *key;
	enum field_type type;
	unsigned flags;
	size_t at, size;
	int64_t min, max; /* max 0: the largest of the type */
	const char *(*name)(int value);
	const struct fields *of;
	/* Reads @v, a member of the struct at @row. Returns 0 or -EINVAL. */
	int (*read)(const struct reader *r, const json_t *v, void *row);
	/* A new reference; NULL: no memory. */
	json_t *(*write)(const void *row);
	/* Is it written of this row? NULL: always. */
	bool (*there)(const void *row);
	const char *schema; /* JSON; of a hook, or in place of what the rest says */
	const char *about;  /* a sentence for the schema and the page, or NULL */
};

struct fields {
	const struct field *field;
	size_t n;
};

/* Of a table in this file. */
#define FIELDS(array) (&(const struct fields){array, ARRAY_SIZE(array)})

/* A line of a table: FIELD("burst", WHOLE, FIELD_AT(cell, burst), .min = 1). */
#define FIELD(k, kind, ...)                                 \
	{                                                   \
		.key = k, .type = FIELD_##kind, __VA_ARGS__ \
	}

/* Where a member lies. */
#define FIELD_AT(of_type, member) \
	.at = offsetof(struct of_type, member), .size = sizeof(((struct of_type *)0)->member)

struct row_kind {
	const char *type;
	const char *about;
	const struct fields *fields;
	size_t size;	    /* of its struct */
	size_t rows, nrows; /* where a session keeps them: offsets of pointer and number */
	/* What the fields cannot say, after them; may change the row. NULL: nothing. */
	int (*check)(const struct reader *r, void *row);
	void (*drop)(void *row); /* frees what it owns besides its FIELD_STRINGs */
};

/* Rows that are not kept in an array of the session: check() puts them where they belong. */
#define NOT_KEPT ((size_t)-1)

/* The kinds of rows, in the order of enum row_type. */
extern const struct row_kind row_kinds[ROW_TYPES];

/** row_kind_of - the kind of a "type"; NULL: this program does not know it. */
const struct row_kind *row_kind_of(const char *type);

/** codec_bad - complain that a member is not what is @want'ed. Returns -EINVAL. */
int codec_bad(const struct reader *r, const char *key, const char *want);

/** codec_refuse - complain of the row: "<path>:<line>: ...". Returns -EINVAL. */
int codec_refuse(const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** codec_once - refuse a second row with this key. @key: printf format. Returns 0 or -errno. */
int codec_once(const struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** codec_count - is @v a whole number up to @max, as session_u64() writes it? */
bool codec_count(const json_t *v, uint64_t max, uint64_t *out);

/**
 * codec_read - the members of an object into a struct.
 * @prefix: of the keys in complaints, "" or "drv."; @row: NULL: the members are checked only, and
 * those that are missing are not missed.
 * Returns 0; -EINVAL: the line names the member and what is legal; -ENOMEM.
 */
int codec_read(const struct reader *r, const struct fields *f, const char *prefix, const json_t *o,
	       void *row);

/** codec_read_row - r->row, of a kind, into its session. Returns 0 or -errno. */
int codec_read_row(const struct reader *r, const struct row_kind *kind);

/** codec_keep - put a row behind the others of its kind. Returns 0 or -ENOMEM. */
int codec_keep(const struct reader *r, const struct row_kind *kind, const void *row);

/** codec_write - a new object; @type: its "type", NULL: it has none. NULL: no memory. */
json_t *codec_write(const char *type, const struct fields *f, const void *row);

/** field_max - the largest integer that is legal. */
int64_t field_max(const struct field *f);

/** codec_legal - what is legal for a field: "a whole number, 0 to 7". Returns @buf. */
const char *codec_legal(const struct field *f, char *buf, size_t size);

/** codec_free - what a row of this kind owns. */
void codec_free(const struct row_kind *kind, void *row);

/** session_text - text as JSON; bytes that are not UTF-8 (a cut character) become '?'. */
json_t *session_text(const char *text);

/* How rows are written. */
#define ROW_DUMP (JSON_COMPACT | JSON_REAL_PRECISION(17))

/* One row, one write. Takes the row's reference; NULL: one that could not be built. */
void session_put_row(struct session_writer *w, json_t *row);

#endif
