/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_machine.c - where a session ran, and how to reproduce it.
 */
#include "present/page.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "host/environment.h"
#include "session/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void put_row(struct sheet *t, const char *name, const char *value)
{
	if (!*value)
		return;
	sheet_cell(t, "%s", name);
	sheet_cell(t, "%s", value);
}

/* "driver on 0, device on 1; the topology claims llc". */
static void put_cpus(struct sheet *t, const struct session *s)
{
	const json_t *p = json_object_get(s->head, "placement");

	if (!json_is_object(p))
		return;
	sheet_cell(t, "CPUs");
	sheet_cell(t, "driver on %d, device on %d; the topology claims: %s",
		   (int)json_integer_value(json_object_get(p, "driver_cpu")),
		   (int)json_integer_value(json_object_get(p, "device_cpu")),
		   head_text(p, "claimed"));
}

static void put_host(struct sheet *t, const struct session *s)
{
	/* member of "host", and what it is called here */
	static const char *const members[][2] = {
		{"cpu_model", "processor"},   {"cpu_id", "family"},	{"microcode", "microcode"},
		{"hypervisor", "hypervisor"}, {"kernel", "kernel"},	{"clocksource", "clock"},
		{"thp", "huge pages"},	      {"governor", "governor"}, {"load", "load before"},
		{"hostname", "name"},
	};
	const json_t *host = json_object_get(s->head, "host");

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		put_row(t, members[i][1], head_text(host, members[i][0]));
	put_cpus(t, s);
	put_row(t, "pages of the ring",
		head_text(json_object_get(s->head, "memory"), "pages_obtained"));
	put_row(t, "began", head_string(s, NULL, "started"));
}

/* @t NULL, or not whole: out of memory. */
static int put_sheet(const struct markup *m, const struct sheet *t)
{
	if (!t || t->cells.failed)
		return -ENOMEM;
	markup_sheet(m, t);
	return 0;
}

/* ---- environment ---- */

/* The items with a status. Returns how many there are. */
static unsigned put_items(struct sheet *t, const json_t *items, enum env_status status)
{
	static const char *const members[] = {"name", "status", "value", "why"};
	unsigned n = 0;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (strcmp(head_text(item, "status"), env_status_name(status)))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(members); k++)
			sheet_cell(t, "%s", head_text(item, members[k]));
		n++;
	}
	return n;
}

/* What is bad stands first. */
static int put_environment(const struct markup *m, const struct session *s)
{
	static const char *const headings[] = {"item", "status", "value", "why"};
	static const enum env_status order[] = {ENV_BAD, ENV_OK, ENV_HIDDEN};
	const json_t *items = json_object_get(s->head, "environment");
	struct sheets all = {0};
	char summary[128] = "Environment: ";
	int rc;

	if (!json_array_size(items))
		return 0;
	struct sheet *t = sheets_add(&all, "%s", "");

	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		sheet_column(t, headings[i], true, false, 0);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		text_add(summary, sizeof(summary), "%s%u %s", i ? ", " : "",
			 put_items(t, items, order[i]), env_status_name(order[i]));
	markup_fold(m, summary);
	rc = put_sheet(m, t);
	markup_fold_end(m);
	sheets_free(&all);
	return rc;
}

int page_machine(const struct markup *m, const struct session *s)
{
	struct sheets all = {0};
	struct sheet *t;
	int rc;

	if (session_is_model(s)) {
		char words[512], line[640];

		lines_model_words(s, words, sizeof(words));
		snprintf(line, sizeof(line),
			 "The coherence model: %s. It gives the same on any machine.", words);
		markup_paragraph(m, NULL, line);
		return 0;
	}
	t = sheets_add(&all, "%s", "");
	sheet_column(t, "", true, false, 0);
	sheet_column(t, "", true, false, 0);
	if (t)
		put_host(t, s);
	rc = put_sheet(m, t);
	sheets_free(&all);
	return rc ? rc : put_environment(m, s);
}

/* ---- again ---- */

/* A word of a command line that is sure to be one, whatever the file holds. */
static bool is_word(const char *text, size_t len)
{
	return len && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789+._-") >= len;
}

/* What to type. */
static void put_commands(FILE *out, const struct session *s)
{
	const char *commit = head_string(s, NULL, "commit");
	const char *compiler = head_string(s, NULL, "compiler");
	const size_t len = strcspn(compiler, " ");

	if (is_word(commit, strlen(commit)))
		fprintf(out, "git checkout %s\n", commit);
	if (is_word(compiler, len))
		fprintf(out, "make CC=%.*s\n", (int)len, compiler);
	/* one line, whatever it holds */
	for (const char *c = head_string(s, NULL, "command"); *c; c++)
		fputc((unsigned char)*c < ' ' ? ' ' : *c, out);
	fputc('\n', out);
}

static void put_build(FILE *out, const struct session *s)
{
	const bool dirty = json_is_true(json_object_get(s->head, "dirty"));
	const char *slash = strrchr(s->path, '/');
	json_t *file = session_text(slash ? slash + 1 : s->path);

	fprintf(out, "vringbench %s%s; %s; flags %s. All of this is of the session file %s.",
		head_string(s, NULL, "version"),
		dirty ? " with changes that its commit does not have" : "",
		head_string(s, NULL, "compiler"), head_string(s, NULL, "cflags"),
		file ? json_string_value(file) : "");
	json_decref(file);
}

int page_again(const struct markup *m, const struct session *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		put_commands(out, s);
		fputc('\0', out);
		put_build(out, s);
	}
	if (!out || fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	markup_code(m, text);
	markup_paragraph(m, "fine", text + strlen(text) + 1);
	free(text);
	return 0;
}
