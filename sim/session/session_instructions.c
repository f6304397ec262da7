/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_instructions.c - instructions rows: what each side of a cell executes for a buffer,
 * counted elsewhere, written and read back.
 */
#include "session/session_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void session_put_instructions(struct session_writer *w, const struct cell_instructions *c)
{
	session_put_row(w, json_pack("{s:s, s:I, s:f, s:f, s:o, s:o}", "type", "instructions",
				     "cell", (json_int_t)c->cell, "driver", c->drv, "device",
				     c->dev, "simd", *c->simd ? json_string(c->simd) : json_null(),
				     "source", session_text(c->source)));
}

static int read_figure(const struct reader *r, const char *key, double *out)
{
	const json_t *v = json_object_get(r->row, key);

	*out = json_number_value(v);
	return json_is_number(v) && *out > 0 ? 0 : reader_bad(r, key, "a number above 0");
}

static int check_cell(const struct reader *r, const struct session *s, uint32_t cell)
{
	if (cell >= s->ncells)
		return vrb_fail(r->err, EINVAL,
				"%.300s:%u: instructions of cell %u, of which no row came before",
				r->path, r->line, cell);
	for (unsigned i = 0; i < s->ninstructions; i++) {
		if (s->instructions[i].cell == cell)
			return vrb_fail(r->err, EINVAL,
					"%.300s:%u: cell %u has instructions already", r->path,
					r->line, cell);
	}
	return 0;
}

int reader_instructions(const struct reader *r, struct session *s)
{
	const char *source = json_string_value(json_object_get(r->row, "source"));
	const json_t *simd = json_object_get(r->row, "simd");
	struct cell_instructions c = {0};
	int rc = reader_u32(r, r->row, "cell", &c.cell);

	if (!rc)
		rc = check_cell(r, s, c.cell);
	if (!rc)
		rc = read_figure(r, "driver", &c.drv);
	if (!rc)
		rc = read_figure(r, "device", &c.dev);
	if (!rc && !json_is_string(simd) && !json_is_null(simd))
		rc = reader_bad(r, "simd", "a string or null");
	if (!rc && !source)
		rc = reader_bad(r, "source", "a string");
	if (rc)
		return rc;
	snprintf(c.simd, sizeof(c.simd), "%s", json_is_null(simd) ? "" : json_string_value(simd));
	snprintf(c.source, sizeof(c.source), "%s", source);

	struct cell_instructions *more =
		reader_grown(r, s->instructions, s->ninstructions, sizeof(c));

	if (!more)
		return -ENOMEM;
	s->instructions = more;
	s->instructions[s->ninstructions++] = c;
	return 0;
}
