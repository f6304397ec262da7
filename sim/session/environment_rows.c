/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment_rows.c - the machine and the build, as a session keeps them and as they are printed.
 */
#include "session/environment_rows.h"

#include "session/codec.h"
#include "session/head.h"

#include <string.h>

/* Of human-readable lines; the second column begins after the longest name. */
#define WIDTH	   100
#define NAME_WIDTH 20
#define INDENT	   (NAME_WIDTH + 18)

json_t *environment_json(const struct env_item *items, unsigned n)
{
	json_t *array = json_array();

	for (unsigned i = 0; array && i < n; i++) {
		const struct env_item *e = &items[i];
		json_t *value = e->status == ENV_HIDDEN ? json_null() : session_text(e->value);
		json_t *item =
			json_pack("{s:s, s:o, s:s, s:o}", "name", e->name, "value", value, "status",
				  env_status_name(e->status), "why", session_text(e->why));

		if (!item || json_array_append_new(array, item)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static unsigned count(const struct env_item *items, unsigned n, enum env_status status)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += items[i].status == status;
	return found;
}

void environment_lines(FILE *out, const struct env_item *items, unsigned n)
{
	for_each (e, items, n) {
		fprintf(out, "%-*s%-*s", NAME_WIDTH, e->name, INDENT - NAME_WIDTH,
			env_status_name(e->status));
		text_wrap(out, INDENT, WIDTH, *e->value ? e->value : e->why);
		if (*e->value && *e->why) {
			fprintf(out, "%*s", INDENT, "");
			text_wrap(out, INDENT, WIDTH, e->why);
		}
	}
	fprintf(out, "\n%u items: %u %s, %u %s, %u %s\n", n, count(items, n, ENV_OK),
		env_status_name(ENV_OK), count(items, n, ENV_BAD), env_status_name(ENV_BAD),
		count(items, n, ENV_HIDDEN), env_status_name(ENV_HIDDEN));
}

/* What a file of the kernel says is one line, but may have a tab in it. */
static void put_cell(FILE *out, const char *text, char end)
{
	for (; *text; text++)
		fputc(*text == '\t' ? ' ' : *text, out);
	fputc(end, out);
}

void environment_tsv(FILE *out, const struct env_item *items, unsigned n)
{
	fputs("name\tstatus\tvalue\twhy\n", out);
	for (unsigned i = 0; i < n; i++) {
		put_cell(out, items[i].name, '\t');
		put_cell(out, env_status_name(items[i].status), '\t');
		put_cell(out, items[i].value, '\t');
		put_cell(out, items[i].why, '\n');
	}
}

void environment_table(FILE *out, const struct session *s)
{
	const json_t *items = json_object_get(s->head, "environment");
	const json_t *item;
	unsigned hidden = 0;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *status = head_text(item, "status");

		if (!strcmp(status, env_status_name(ENV_BAD)))
			fprintf(out, "environment: %s %s: %s: %s\n", head_text(item, "name"),
				head_text(item, "value"), status, head_text(item, "why"));
		hidden += !strcmp(status, env_status_name(ENV_HIDDEN));
	}
	if (hidden)
		fprintf(out, "environment: %u of %zu items: %s\n", hidden, json_array_size(items),
			env_status_name(ENV_HIDDEN));
}
