/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_file.c - machine files: one JSON object, times in ns.
 *
 *   {"name": "...", "source": "...", "protocol": "mesif", "hit_ns": 0.5, "store_buffer": 72,
 *    "window": 58, "adjacent_line": true, "next_line": false,
 *    "places": {"near": {"handoff_ns": 51.3, "read_memory": 23, ..., "read_gap": 1, ...}, ...}}
 *
 * adjacent_line, next_line and the gaps may be missing, in files of older programs: false, and 0.
 *
 * Strict: a member that is missing, unknown or there twice is refused, since a table with a
 * misspelt kind would predict wrong numbers without a word.
 */
#include "coherence/coherence.h"
#include "coherence/latency.h"

#include "cell.h"
#include "input_file.h"
#include "names.h"
#include "whole_file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65536 /* bytes; a full one has about 2000 */
#define NS_MAX	 100000

/* What is being read, for messages. */
struct reader {
	const char *path;
	char where[48]; /* "", or "places.near." */
	struct vrb_err *err;
};

static int bad(const struct reader *r, const char *member, const char *what)
{
	return vrb_fail(r->err, EINVAL, "machine file %.200s: %s%.40s %s", r->path, r->where,
			member, what);
}

/* An object with just these members, of which the first @needed must be there. */
static int check_members(const struct reader *r, json_t *object, const char *const *names,
			 size_t needed, size_t n)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < needed; i++) {
		if (!json_object_get(object, names[i]))
			return bad(r, names[i], "is missing");
	}
	json_object_foreach(object, key, value)
	{
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= strcmp(key, names[i]) == 0;
		if (!known)
			return bad(r, key, "is no member of it");
	}
	return 0;
}

/* Shown on terminals and in tables: no control characters. */
static int get_text(const struct reader *r, json_t *object, const char *name, char *to, size_t size)
{
	const char *text = json_string_value(json_object_get(object, name));
	char what[64];

	if (!text)
		return bad(r, name, "is not a string");
	snprintf(what, sizeof(what), "is not 1..%zu bytes long", size - 1);
	if (!*text || strlen(text) >= size)
		return bad(r, name, what);
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return bad(r, name, "holds a control character");
	}
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int get_ns(const struct reader *r, json_t *object, const char *name, double *out)
{
	json_t *value = json_object_get(object, name);

	if (!json_is_number(value))
		return bad(r, name, "is not a number of ns");
	*out = json_number_value(value);
	if (!(*out >= 0 && *out <= NS_MAX))
		return bad(r, name, "is not within 0..100000 ns");
	return 0;
}

static int get_ps(const struct reader *r, json_t *object, const char *name, uint32_t *out)
{
	double ns = 0;
	int rc = get_ns(r, object, name, &ns);

	if (!rc)
		*out = (uint32_t)lround(ns * 1000);
	return rc;
}

static int get_count(const struct reader *r, json_t *object, const char *name, uint32_t least,
		     uint32_t most, uint32_t *out)
{
	json_t *value = json_object_get(object, name);
	char what[64];

	snprintf(what, sizeof(what), "is not a whole number within %u..%u", least, most);
	if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)least ||
	    json_integer_value(value) > (json_int_t)most)
		return bad(r, name, what);
	*out = (uint32_t)json_integer_value(value);
	return 0;
}

static int get_protocol(const struct reader *r, json_t *object, enum coh_protocol *out)
{
	const char *text = json_string_value(json_object_get(object, "protocol"));

	for (unsigned i = 0; text && i < COH_PROTOCOLS; i++) {
		if (strcmp(text, coh_protocol_name((enum coh_protocol)i)) == 0) {
			*out = (enum coh_protocol)i;
			return 0;
		}
	}
	return bad(r, "protocol", "is none of mesi, mesif, moesi, moesi-migratory");
}

static bool is_class(const char *name)
{
	for (unsigned c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (strcmp(name, place_class_name((enum place_class)c)) == 0)
			return true;
	}
	return false;
}

static int get_place(struct reader *r, json_t *object, struct latency_place *to)
{
	const char *names[COH_KINDS + 1 + COH_GAP_KINDS];
	int rc;

	for (unsigned k = 0; k < COH_KINDS; k++)
		names[k] = coh_kind_name((enum coh_kind)k);
	names[COH_KINDS] = "handoff_ns";
	for (unsigned g = 0; g < COH_GAP_KINDS; g++)
		names[COH_KINDS + 1 + g] = coh_gap_name((enum coh_gap)g);
	rc = check_members(r, object, names, COH_KINDS + 1, ARRAY_SIZE(names));
	if (!rc)
		rc = get_ns(r, object, "handoff_ns", &to->handoff_ns);
	for (unsigned k = 0; k < COH_KINDS && !rc; k++)
		rc = get_ps(r, object, names[k], &to->ps[k]);
	for (unsigned g = 0; g < COH_GAP_KINDS && !rc; g++) {
		if (json_object_get(object, names[COH_KINDS + 1 + g]))
			rc = get_ps(r, object, names[COH_KINDS + 1 + g], &to->gap_ps[g]);
	}
	return rc;
}

static int get_places(struct reader *r, json_t *root, struct latency_machine *out)
{
	json_t *places = json_object_get(root, "places"), *value;
	const char *key;
	int rc = 0;

	if (!json_is_object(places) || json_object_size(places) < 1 ||
	    json_object_size(places) > LATENCY_PLACES_MAX)
		return bad(r, "places", "is not an object of 1..4 places");
	json_object_foreach(places, key, value)
	{
		struct latency_place *to = &out->places[out->nplaces++];

		snprintf(r->where, sizeof(r->where), "places.");
		if (!is_class(key))
			return bad(r, key, "is none of smt, near, far, xsocket");
		if (!json_is_object(value))
			return bad(r, key, "is not an object");
		snprintf(to->name, sizeof(to->name), "%s", key);
		snprintf(r->where, sizeof(r->where), "places.%s.", key);
		rc = get_place(r, value, to);
		if (rc)
			break;
	}
	return rc;
}

/* A member that may be missing, in files of older programs: false. */
static int get_flag(struct reader *r, const json_t *root, const char *name, bool *out)
{
	const json_t *flag = json_object_get(root, name);

	*out = json_is_true(flag);
	return !flag || json_is_boolean(flag) ? 0 : bad(r, name, "is not true or false");
}

static int get_machine(struct reader *r, json_t *root, struct latency_machine *out)
{
	static const char *const names[] = {"name",   "source",	       "protocol",
					    "hit_ns", "store_buffer",  "window",
					    "places", "adjacent_line", "next_line"};
	int rc;

	memset(out, 0, sizeof(*out));
	if (!json_is_object(root))
		return bad(r, "", "it is not a JSON object");
	rc = check_members(r, root, names, ARRAY_SIZE(names) - 2, ARRAY_SIZE(names));
	if (!rc)
		rc = get_flag(r, root, "adjacent_line", &out->adjacent);
	if (!rc)
		rc = get_flag(r, root, "next_line", &out->next_line);
	if (!rc)
		rc = get_text(r, root, "name", out->name, sizeof(out->name));
	if (!rc)
		rc = get_text(r, root, "source", out->source, sizeof(out->source));
	if (!rc)
		rc = get_protocol(r, root, &out->protocol);
	if (!rc)
		rc = get_ps(r, root, "hit_ns", &out->hit_ps);
	if (!rc)
		rc = get_count(r, root, "store_buffer", 0, COH_STORE_BUFFER_MAX,
			       &out->store_buffer);
	if (!rc)
		rc = get_count(r, root, "window", 1, COH_WINDOW_MAX, &out->window);
	return rc ? rc : get_places(r, root, out);
}

int latency_load(const char *path, struct latency_machine *out, struct vrb_err *err)
{
	struct reader r = {.path = path, .err = err};
	json_error_t why;
	json_t *root;
	size_t len, mark;
	char *text;
	int rc = input_read("machine file", path, FILE_MAX, &text, &len, err);

	if (rc)
		return rc;
	mark = names_skip_mark(text, len);
	root = json_loadb(text + mark, len - mark, JSON_REJECT_DUPLICATES, &why);
	free(text);
	if (!root)
		return vrb_fail(err, EINVAL, "machine file %.200s: line %d: %.160s", path, why.line,
				why.text);
	rc = get_machine(&r, root, out);
	json_decref(root);
	return rc;
}

/* ---- writing ---- */

static json_t *place_json(const struct latency_place *p)
{
	json_t *object = json_pack("{s:f}", "handoff_ns", p->handoff_ns);

	for (unsigned k = 0; k < COH_KINDS; k++)
		json_object_set_new(object, coh_kind_name((enum coh_kind)k),
				    json_real(p->ps[k] / 1000.0));
	for (unsigned g = 0; g < COH_GAP_KINDS; g++)
		json_object_set_new(object, coh_gap_name((enum coh_gap)g),
				    json_real(p->gap_ps[g] / 1000.0));
	return object;
}

static json_t *machine_json(const struct latency_machine *m)
{
	json_t *places = json_object();

	for (unsigned i = 0; i < m->nplaces; i++)
		json_object_set_new(places, m->places[i].name, place_json(&m->places[i]));
	return json_pack("{s:s, s:s, s:s, s:f, s:i, s:i, s:b, s:b, s:o}", "name", m->name, "source",
			 m->source, "protocol", coh_protocol_name(m->protocol), "hit_ns",
			 m->hit_ps / 1000.0, "store_buffer", (int)m->store_buffer, "window",
			 (int)m->window, "adjacent_line", m->adjacent, "next_line", m->next_line,
			 "places", places);
}

static const struct whole_kind machine_kind = {"machine file", "{\n  \"name\": ", "\"hit_ns\": "};

int latency_may_save(const char *path, struct vrb_err *err)
{
	return whole_may_write(&machine_kind, path, err);
}

static int put_machine(FILE *out, void *root, struct vrb_err *err)
{
	(void)err;
	errno = 0;
	if (json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9)))
		return errno ? -errno : -EIO;
	fputc('\n', out);
	return 0;
}

int latency_save(const char *path, const struct latency_machine *m, struct vrb_err *err)
{
	json_t *root = machine_json(m);
	int rc;

	if (!root)
		return vrb_fail(err, EINVAL, "machine file %.200s: name and source must be UTF-8",
				path);
	rc = latency_may_save(path, err); /* a device is none that could be read again */
	if (!rc)
		rc = whole_write(&machine_kind, path, put_machine, root, err);
	json_decref(root);
	return rc;
}
