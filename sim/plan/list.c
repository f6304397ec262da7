/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * list.c - every variant, for a reader or a program.
 */
#include "plan/options.h"

#include <errno.h>
#include <jansson.h>

static const char *const kind_names[] = {
	[KIND_BASELINE] = "baseline",
	[KIND_VARIANT] = "variant",
	[KIND_COMBINATION] = "combination",
	[KIND_PACKED] = "packed virtqueue",
	[KIND_CONTROL] = "control",
	[KIND_COPY] = "copy",
	[KIND_YARDSTICK] = "reference implementation",
	[KIND_LAB] = "lab point",
};

static const char *hint_name(unsigned hint)
{
	return lab_fields[offsetof(struct lab_point, out_hint)].values[hint];
}

static void table_kind(FILE *out, const char *title, unsigned kinds)
{
	fprintf(out, "%s\n", title);
	for (unsigned i = 0; i < variants_total(); i++) {
		const struct variant *v = variants_get(i);

		if (!(kinds & 1u << v->kind))
			continue;
		fprintf(out, "  %s\n", v->name);
		fprintf(out, "    differs     %s\n", v->differs);
		fprintf(out, "    clause      %s\n", v->clause);
		fprintf(out, "    hypothesis  %s\n", v->hypothesis);
	}
	fputc('\n', out);
}

static void list_table(FILE *out)
{
	table_kind(out, "Variants (--variant all):", 1u << KIND_BASELINE | 1u << KIND_VARIANT);
	table_kind(out, "Combinations (parts joined by + in any order):", 1u << KIND_COMBINATION);
	table_kind(out, "Packed virtqueues:", 1u << KIND_PACKED);
	table_kind(out, "Reference implementations, without a virtqueue:", 1u << KIND_YARDSTICK);
	table_kind(out, "Points of the ring family lab (--variant lab):", 1u << KIND_LAB);
	table_kind(out, "In every session by itself:", 1u << KIND_CONTROL);
	table_kind(out,
		   "Copies of baseline that can be asked for, to see how a session judges them:",
		   1u << KIND_COPY);
	fprintf(out, "Directions: %s, %s\n", direction_name(DIR_RX), direction_name(DIR_TX));
	fprintf(out, "Engines:");
	for (unsigned i = 0; i < ENGINE_KINDS; i++)
		fprintf(out, "%s %s", i ? "," : "", engine_name((enum engine_kind)i));
	fputc('\n', out);
	fprintf(out, "Vector paths:");
	for (unsigned i = 0; i < SIMD_KINDS; i++)
		fprintf(out, "%s %s%s", i ? "," : "", simd_name((enum simd)i),
			simd_has((enum simd)i) ? "" : " (this CPU lacks it)");
	fputc('\n', out);
	fprintf(out, "Hints of lab:");
	for (unsigned i = LAB_PREFETCH; i < LAB_HINTS; i++)
		fprintf(out, "%s %s%s", i > LAB_PREFETCH ? "," : "", hint_name(i),
			hint_has((enum lab_hint)i) ? "" : " (this CPU lacks it: it does nothing)");
	fputc('\n', out);
}

static void list_tsv(FILE *out)
{
	fprintf(out, "name\tkind\tdiffers\tclause\thypothesis\n");
	for (unsigned i = 0; i < variants_total(); i++) {
		const struct variant *v = variants_get(i);

		fprintf(out, "%s\t%s\t%s\t%s\t%s\n", v->name, kind_names[v->kind], v->differs,
			v->clause, v->hypothesis);
	}
}

static void list_json(FILE *out)
{
	json_t *rows = json_array();
	json_t *engines = json_array();
	json_t *simd = json_object();
	json_t *hints = json_object();
	json_t *root;

	for (unsigned i = 0; i < variants_total(); i++) {
		const struct variant *v = variants_get(i);

		json_array_append_new(rows,
				      json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", v->name,
						"kind", kind_names[v->kind], "differs", v->differs,
						"clause", v->clause, "hypothesis", v->hypothesis));
	}
	for (unsigned i = 0; i < SIMD_KINDS; i++)
		json_object_set_new(simd, simd_name((enum simd)i),
				    json_boolean(simd_has((enum simd)i)));
	for (unsigned i = LAB_PREFETCH; i < LAB_HINTS; i++)
		json_object_set_new(hints, hint_name(i), json_boolean(hint_has((enum lab_hint)i)));
	for (unsigned i = 0; i < ENGINE_KINDS; i++)
		json_array_append_new(engines, json_string(engine_name((enum engine_kind)i)));
	root = json_pack("{s:o, s:[s, s], s:o, s:o, s:o}", "variants", rows, "directions",
			 direction_name(DIR_RX), direction_name(DIR_TX), "engines", engines, "simd",
			 simd, "hints", hints);
	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}

void list_print(FILE *out, enum output_format format)
{
	static void (*const lists[])(FILE *) = {
		[FORMAT_TABLE] = list_table, [FORMAT_TSV] = list_tsv, [FORMAT_JSON] = list_json};

	lists[format](out);
}
