/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_list.c - `vringbench list`: what there is to compare.
 */
#include "cli/cli.h"
#include "session/schema.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define KEY_FORMAT   'f'
#define KEY_NAMES    0x1001
#define KEY_MACHINES 0x1002
#define KEY_SCHEMA   0x1003
#define KEY_FIELDS   0x1004

void list_names(FILE *out)
{
	static const enum variant_kind order[] = {KIND_BASELINE, KIND_VARIANT, KIND_COMBINATION};

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		for (unsigned i = 0; i < variants_count(); i++) {
			if (variants_get(i)->kind == order[k])
				fprintf(out, "%s\n", variants_get(i)->name);
		}
	}
}

static void list_machines(FILE *out)
{
	unsigned n;
	const struct latency_machine *m = latency_presets(&n);

	for (const struct latency_machine *end = m + n; m != end; m++) {
		for (unsigned i = 0; i < m->nplaces; i++) {
			char name[sizeof(m->name) + sizeof(m->places[i].name) + 1];

			snprintf(name, sizeof(name), "%s-%s", m->name, m->places[i].name);
			fprintf(out, "%-22s %-15s  hand-off %5.4g ns  %s\n", name,
				coh_protocol_name(m->protocol), m->places[i].handoff_ns, m->source);
		}
	}
}

static void list_schema(FILE *out)
{
	json_t *schema = session_schema();

	json_dumpf(schema, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(schema);
}

struct list_args {
	struct vrb_err err;
	enum output_format format;
	bool names, machines, schema, fields;
};

static const struct argp_option options[] = {
	{"format", KEY_FORMAT, "table|tsv|json", 0, "Default: table", 1},
	{"names", KEY_NAMES, NULL, 0,
	 "Only the names that can be compared, one a line, baseline first", 1},
	{"machines", KEY_MACHINES, NULL, 0,
	 "Only the machines for --machine, a line for each place of the two sides: name, protocol, "
	 "hand-off one way, where the figures are from",
	 1},
	/* for results/schema and docs/session-format.md, which a test compares with them */
	{"schema", KEY_SCHEMA, NULL, OPTION_HIDDEN, "The JSON Schema of a session's rows", 1},
	{"fields", KEY_FIELDS, NULL, OPTION_HIDDEN, "The members of a session's rows", 1},
	ARGS_COMMON,
	{0},
};

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

	switch (key) {
	case KEY_FORMAT:
		return -format_parse(arg, &a->format, &a->err);
	case KEY_NAMES:
		a->names = true;
		return 0;
	case KEY_MACHINES:
		a->machines = true;
		return 0;
	case KEY_SCHEMA:
		a->schema = true;
		return 0;
	case KEY_FIELDS:
		a->fields = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

enum vrb_exit cmd_list(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = read_option,
		.doc = "Lists the variants with what differs, clause and hypothesis.",
	};
	struct list_args a = {.format = FORMAT_TABLE};
	int rc = args_parse(&argp, "vringbench list", argc, argv, false, &a, &a.err);

	if (rc < 0)
		return vrb_complain(&a.err, EXIT_USAGE);
	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (a.names)
		list_names(stdout);
	else if (a.machines)
		list_machines(stdout);
	else if (a.schema)
		list_schema(stdout);
	else if (a.fields)
		session_fields_page(stdout);
	else
		list_print(stdout, a.format);
	return EXIT_DONE;
}
