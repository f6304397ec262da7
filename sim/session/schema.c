/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * schema.c - what the tables of fields say, for others: the JSON Schema that is committed as
 * results/schema/session.schema.json, and the tables of docs/session-format.md.
 */
#include "session/schema.h"

#include "session/rows.h"

#include <stdlib.h>
#include <string.h>

#define TITLE "vringbench session row"
#define ABOUT                                                                                      \
	"A session file is JSON Lines: each line is one row and is valid under this schema by "    \
	"itself. The first row is a session row, the last an end row; cell rows come before the "  \
	"samples of their cells. Times are in ns unless a name says otherwise; null stands for a " \
	"figure that could not be measured."

/* What more than one field refers to. */
static const struct {
	const char *name, *json;
} shared[] = {
	{"count",
	 "{\"description\":\"A 64-bit count: an integer up to 2^63 - 1, a string of digits "
	 "beyond.\",\"oneOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":"
	 "9223372036854775807},{\"type\":\"string\",\"pattern\":\"^[0-9]{19,20}$\"}]}"},
	{"time", "{\"description\":\"UTC, ISO 8601.\",\"type\":\"string\",\"pattern\":\"^[0-9]{4}-"
		 "[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$\"}"},
	{"words", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"},
	{"numbers",
	 "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295}}"},
	{"sweep_axis",
	 "{\"description\":\"A long option of the command line, without its dashes, and the values "
	 "that it takes in turn, as typed; of \\\"over\\\" the first is what the others are compared "
	 "with.\",\"type\":\"object\",\"required\":[\"name\",\"values\"],\"properties\":{\"name\":{"
	 "\"type\":\"string\",\"minLength\":1},\"values\":{\"type\":\"array\",\"minItems\":2,"
	 "\"items\":{\"type\":\"string\",\"minLength\":1}}},\"additionalProperties\":false}"},
};

/* Only the model has a model. */
#define MODEL_ONLY                                                                                \
	"{\"if\":{\"properties\":{\"engine\":{\"const\":\"model\"}}},\"then\":{\"required\":["    \
	"\"model\"],\"properties\":{\"model\":{\"type\":\"object\"}}},\"else\":{\"properties\":{" \
	"\"model\":{\"type\":\"null\"}}}}"

static json_t *parsed(const char *json)
{
	return json_loads(json, 0, NULL);
}

static json_t *object_schema(const char *type, const struct fields *f, const char *about,
			     bool open);

static json_t *names_schema(const struct field *f)
{
	json_t *names = json_array();

	for (int64_t v = f->min; v <= f->max; v++)
		json_array_append_new(names, json_string(f->name((int)v)));
	return names;
}

static json_t *text_schema(const struct field *f)
{
	json_t *o = json_pack("{s:s}", "type", "string");

	if (f->min)
		json_object_set_new(o, "minLength", json_integer(f->min));
	return o;
}

static json_t *real_schema(const struct field *f)
{
	json_t *o = json_pack("{s:s}", "type", "number");

	if (!(f->flags & FIELD_ANY))
		json_object_set_new(o, f->flags & FIELD_ABOVE ? "exclusiveMinimum" : "minimum",
				    json_integer(f->min));
	if (f->max)
		json_object_set_new(o, "maximum", json_integer(f->max));
	return o;
}

/* Without null and the description. */
static json_t *plain_schema(const struct field *f)
{
	if (f->schema)
		return parsed(f->schema);
	switch (f->type) {
	case FIELD_COUNT:
		if (!f->max)
			return json_pack(f->min ? "{s:[{s:s}, {s:I}]}" : "{s:[{s:s}]}", "allOf",
					 "$ref", "#/definitions/count", "minimum",
					 (json_int_t)f->min);
		/* fall through */
	case FIELD_WHOLE:
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
				 (json_int_t)f->min, "maximum", (json_int_t)field_max(f));
	case FIELD_REAL:
		return real_schema(f);
	case FIELD_TEXT:
	case FIELD_STRING:
		return text_schema(f);
	case FIELD_NAME:
		return json_pack("{s:o}", "enum", names_schema(f));
	case FIELD_NAMES:
		return json_pack("{s:s, s:b, s:{s:o}}", "type", "array", "uniqueItems", 1, "items",
				 "enum", names_schema(f));
	case FIELD_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_HEX:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^0x[0-9a-f]{1,16}$");
	case FIELD_OBJECT:
		/* heads of newer programs may have more */
		return object_schema(NULL, f->of, NULL, !f->size);
	case FIELD_HOOK:
		break;
	}
	return json_object();
}

static json_t *field_schema(const struct field *f)
{
	json_t *o = plain_schema(f);

	if (f->flags & FIELD_NULL)
		o = json_pack("{s:[{s:s}, o]}", "oneOf", "type", "null", o);
	if (!f->about)
		return o;
	json_t *with = json_pack("{s:s}", "description", f->about);

	/* draft 7 ignores what stands beside a $ref */
	if (json_object_get(o, "$ref"))
		json_object_set_new(with, "allOf", json_pack("[O]", o));
	else
		json_object_update(with, o);
	json_decref(o);
	return with;
}

static json_t *object_schema(const char *type, const struct fields *f, const char *about, bool open)
{
	json_t *o = json_object(), *required = json_array(), *members = json_object();

	if (about)
		json_object_set_new(o, "description", json_string(about));
	json_object_set_new(o, "type", json_string("object"));
	if (type) {
		json_array_append_new(required, json_string("type"));
		json_object_set_new(members, "type", json_pack("{s:s}", "const", type));
	}
	for (size_t i = 0; i < f->n; i++) {
		if (!(f->field[i].flags & FIELD_OPTIONAL))
			json_array_append_new(required, json_string(f->field[i].key));
		json_object_set_new(members, f->field[i].key, field_schema(&f->field[i]));
	}
	json_object_set_new(o, "required", required);
	json_object_set_new(o, "properties", members);
	json_object_set_new(o, "additionalProperties", json_boolean(open));
	return o;
}

/* Members that are left out where they are 0. */
static json_t *figures_schema(const char *about, json_t *members)
{
	return json_pack("{s:s, s:s, s:o, s:b}", "description", about, "type", "object",
			 "properties", members, "additionalProperties", 0);
}

static json_t *figure_schema(void)
{
	return json_pack("{s:s, s:i, s:I}", "type", "integer", "minimum", 0, "maximum",
			 (json_int_t)FIGURE_MAX);
}

/* What one side did to the lines: rows_counts.c. */
static void put_lines(json_t *all)
{
	json_t *regions = json_object(), *members = json_object(), *pairs = json_object(), *lines;
	char names[256] = "", pattern[600];

	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const char *name = ring_region_name((enum ring_region)i);

		json_object_set_new(regions, name, figure_schema());
		text_add(names, sizeof(names), "%s%s", i ? "|" : "", name);
	}
	json_object_set_new(all, "by_region",
			    figures_schema("By region; what is not there is 0.", regions));
	json_object_set_new(members, "accesses", figure_schema());
	for (unsigned k = 0; k < COUNTS_MEMBERS; k++)
		json_object_set_new(members, counts_member(k),
				    json_pack("{s:s}", "$ref", "#/definitions/by_region"));
	snprintf(pattern, sizeof(pattern), "^(%s)>(%s)$", names, names);
	json_object_set_new(pairs, pattern, figure_schema());
	json_object_set_new(members, "elsewhere",
			    json_pack("{s:s, s:o, s:b}", "type", "object", "patternProperties",
				      pairs, "additionalProperties", 0));
	lines = figures_schema(
		"What one side did to the lines: accesses; transactions by kind and by region of the "
		"bytes that were wanted (read: for a load, own: for a store; served by memory or a "
		"shared cache, by another core's clean or dirty copy; upgrade: ownership without "
		"data); of these, what the prefetcher asked for; write-backs of evicted lines; "
		"other_queue: transfers of lines lost to an access of another queue pair. "
		"elsewhere: transfers in which the second region was wanted of a line lost to an "
		"access for the first. Empty members are left out.",
		members);
	json_object_set_new(lines, "required", json_pack("[s]", "accesses"));
	json_object_set_new(all, "line_counts", lines);
}

json_t *session_schema(void)
{
	json_t *all = json_object(), *one = json_array();
	json_t *extra = parsed(MODEL_ONLY);

	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		json_object_set_new(all, shared[i].name, parsed(shared[i].json));
	json_object_set_new(all, "event", object_schema(NULL, &event_fields, NULL, false));
	put_lines(all);
	json_object_set_new(all, "queue_counts", object_schema(NULL, &queue_fields, NULL, false));
	for (size_t i = 0; i < ROW_TYPES; i++) {
		const struct row_kind *k = &row_kinds[i];

		json_object_set_new(all, k->type,
				    object_schema(k->type, k->fields, k->about, false));
		json_array_append_new(
			one, json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", k->type)));
	}
	json_object_update(json_object_get(all, "session"), extra);
	json_decref(extra);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s], s:o, s:o}", "$schema",
			 "http://json-schema.org/draft-07/schema#", "title", TITLE, "description",
			 ABOUT, "$comment", "SPDX-License-Identifier: BSD-3-Clause", "type",
			 "object", "required", "type", "oneOf", one, "definitions", all);
}

/* ---- the page ---- */

static void put_type(FILE *out, const struct field *f)
{
	char legal[200];
	json_t *schema = f->schema ? parsed(f->schema) : NULL, *name;
	const json_t *names = json_object_get(schema, "enum");
	size_t i;

	json_array_foreach(names, i, name)
	{
		char *text = json_dumps(name, JSON_ENCODE_ANY);

		fprintf(out, "%s%s", i ? ", " : "", text);
		free(text);
	}
	if (!schema)
		fputs(codec_legal(f, legal, sizeof(legal)), out);
	else if (!names)
		fputs("see the schema", out);
	json_decref(schema);
}

static void put_fields(FILE *out, const struct fields *f, const char *prefix)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct field *m = &f->field[i];
		char inner[96];

		fprintf(out, "| `%s%s`%s%s | ", prefix, m->key,
			m->flags & FIELD_OPTIONAL ? " (optional)" : "",
			m->flags & FIELD_KEY ? " (key)" : "");
		put_type(out, m);
		fprintf(out, " | %s |\n", m->about ? m->about : "");
		snprintf(inner, sizeof(inner), "%s%s.", prefix, m->key);
		if (m->type == FIELD_OBJECT)
			put_fields(out, m->of, inner);
	}
}

void session_fields_page(FILE *out)
{
	for (size_t i = 0; i < ROW_TYPES; i++) {
		const struct row_kind *k = &row_kinds[i];

		fprintf(out, "\n### `%s`\n\n%s\n\n| member | legal | |\n|---|---|---|\n", k->type,
			k->about);
		put_fields(out, k->fields, "");
	}
}
