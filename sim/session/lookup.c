/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup.c - what several files of this room ask: of a session, and of the file system.
 */
#include "session/internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *role_name(enum cell_role role)
{
	switch (role) {
	case ROLE_VARIANT:
		return "variant";
	case ROLE_BASELINE:
		return "baseline";
	case ROLE_NULL:
		return "null";
	}
	return "?";
}

const char *head_string(const struct session *s, const char *object, const char *key)
{
	const json_t *from = object ? json_object_get(s->head, object) : s->head;
	const char *v = json_string_value(json_object_get(from, key));

	return v ? v : "";
}

const char *pieces_words(const struct session *s, const struct cell *c, char *buf, size_t size)
{
	const json_t *plan = json_object_get(s->head, "plan");
	const json_t *payloads = json_object_get(plan, "payloads");
	const json_t *pieces = json_object_get(plan, "buffers_per_packet");

	buf[0] = '\0';
	for (size_t i = 0; c->dir == DIR_RX && i < json_array_size(payloads); i++) {
		const json_int_t n = json_integer_value(json_array_get(pieces, i));

		if (json_integer_value(json_array_get(payloads, i)) == c->payload && n > 1)
			snprintf(buf, size, ", %lld buffers a packet", (long long)n);
	}
	return buf;
}

double head_margin(const struct session *s)
{
	const json_t *v = json_object_get(json_object_get(s->head, "plan"), "margin");

	return json_is_number(v) ? json_number_value(v) : DEFAULT_MARGIN;
}

bool head_is_model(const struct session *s)
{
	return !strcmp(head_string(s, NULL, "engine"), "model");
}

double group_handoff_ns(const struct session *s, uint32_t group, enum place_class place)
{
	double *v = malloc((s->nsamples + 1) * sizeof(*v));
	size_t n = 0;

	if (!v)
		return (double)NAN;
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (s->cells[m->cell].group == group && m->place == place && sample_used(m) &&
		    isfinite(sample_handoff_ns(m)))
			v[n++] = sample_handoff_ns(m);
	}
	double mid = stats_median(v, n);

	free(v);
	return mid;
}

const char *class_words(const struct session *s, enum place_class place)
{
	if (place != CLASS_NONE)
		return place_class_name(place);
	/* A native group has no class only when it has no sample that could be used. */
	return *head_string(s, NULL, "engine") == 'o' ? "one core" : "no class";
}

const struct summary_row *group_null_row(const struct summary *sum, const struct summary_group *g)
{
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].cell->role == ROLE_NULL)
			return &sum->rows[i];
	return NULL;
}

int make_dir(const char *dir, struct vrb_err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(dir);

	if (len == 0 || len >= sizeof(part))
		return vrb_fail(err, len ? ENAMETOOLONG : EINVAL,
				"folder \"%.200s\": not a usable name", dir);
	memcpy(part, dir, len + 1);
	for (char *p = part + 1; p <= part + len; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char saved = *p;

		*p = '\0';
		if (mkdir(part, 0777) && errno != EEXIST) {
			int code = errno;
			struct stat st;

			/* A read-only parent that is there already is no obstacle. */
			if (stat(part, &st) || !S_ISDIR(st.st_mode))
				return vrb_fail(err, code, "cannot make the folder %.300s: %s",
						part, strerror(code));
		}
		*p = saved;
	}
	return 0;
}
