/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_end.c - the end row: what a whole file has, and whether it is the one that was written.
 */
#include "session/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

NAMES(status_of, session_status, session_status_name)

uint64_t digest_end(uint64_t digest, const json_t *end)
{
	json_t *row = json_copy((json_t *)end); /* which does not change it */
	char *line = NULL;

	if (row) {
		json_object_del(row, "digest");
		line = json_dumps(row, ROW_DUMP);
	}
	digest = line ? digest_add(digest, line, strlen(line)) : 0;
	json_decref(row);
	free(line);
	return digest;
}

int end_check(const struct reader *r, void *row)
{
	const struct session_end *e = row;
	char *text;
	int rc;

	r->s->status = e->status;
	if (e->samples != r->s->nsamples || e->cells != r->s->ncells)
		return codec_refuse(
			r, "the end row counts %llu cells and %llu samples, the file has %u and %u",
			(unsigned long long)e->cells, (unsigned long long)e->samples, r->s->ncells,
			r->s->nsamples);
	/* which a file of an older program may have: END_DIGEST stands in a row that the digest covers */
	const bool older = e->digest == r->digest || !e->digest;

	if ((older && !json_object_get(r->s->head, END_DIGEST)) || (r->partial && !e->digest) ||
	    e->digest == digest_end(r->digest, r->row))
		return 0;
	r->s->changed = true;
	text = strdup("the file was changed after it was written: its rows do not give the digest "
		      "of the end row");
	rc = text ? codec_keep(r, &row_kinds[ROW_WARNING], &text)
		  : vrb_fail(r->err, ENOMEM, "out of memory");
	if (rc)
		free(text);
	return rc;
}

static bool has_digest(const void *row)
{
	return ((const struct session_end *)row)->digest;
}

static const struct field end_field[] = {
	FIELD("status", NAME, .name = status_of, .max = SESSION_FAILED,
	      FIELD_AT(session_end, status)),
	FIELD("ended", TEXT, .flags = FIELD_OPTIONAL, FIELD_AT(session_end, ended),
	      .schema = "{\"$ref\":\"#/definitions/time\"}"),
	COUNT(session_end, cells, .min = 0),
	COUNT(session_end, samples, .min = 0),
	FIELD("digest", HEX, .flags = FIELD_OPTIONAL, FIELD_AT(session_end, digest),
	      .there = has_digest,
	      .about =
		      "FNV-1a, 64 bits, of all lines before this one, and of this row without this member, as compact JSON (without \"end_digest\" in the session row: of the lines before alone, or missing); a file that does not give it was changed, and is read with a warning."),
};
const struct fields end_fields = {end_field, ARRAY_SIZE(end_field)};
