/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_list.c - `vringbench list`: what there is to compare.
 */
#include "cli/cli.h"
#include "session/schema.h"

#include <jansson.h>
#include <string.h>

static void list_names(FILE *out)
{
	static const enum variant_kind order[] = {KIND_BASELINE, KIND_VARIANT, KIND_COMBINATION,
						  KIND_PACKED};

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
	enum output_format format;
	bool names, machines, schema, fields;
};

static const struct args_option options[] = {
	ARGS_FORMAT(offsetof(struct list_args, format)),
	{"--names", 0, false, NULL,
	 "Only the names that can be compared, one a line, baseline first", args_flag,
	 offsetof(struct list_args, names)},
	{"--machines", 0, false, NULL,
	 "Only the machines for --machine, a line for each place of the two sides: name, protocol, "
	 "hand-off one way, where the figures are from",
	 args_flag, offsetof(struct list_args, machines)},
	/* for results/schema and docs/session-format.md, which a test compares with them */
	{"--schema", 0, true, NULL, "The JSON Schema of a session's rows", args_flag,
	 offsetof(struct list_args, schema)},
	{"--fields", 0, true, NULL, "The members of a session's rows", args_flag,
	 offsetof(struct list_args, fields)},
	{0},
};

static enum vrb_exit list(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	const struct list_args *a = asked;

	(void)operands;
	(void)err;
	if (a->names)
		list_names(stdout);
	else if (a->machines)
		list_machines(stdout);
	else if (a->schema)
		list_schema(stdout);
	else if (a->fields)
		session_fields_page(stdout);
	else
		list_print(stdout, a->format);
	return EXIT_DONE;
}

const struct tool tool_list = {
	.args = {.name = "list",
		 .options = options,
		 .doc = "Lists the variants with what differs, clause and hypothesis."},
	.size = sizeof(struct list_args),
	.run = list,
};
