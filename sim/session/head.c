/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * head.c - what a session is, from its session row.
 */
#include "session/head.h"

#include <string.h>

NAMES_OF(role_name,
	 cell_role, [ROLE_VARIANT] = "variant", [ROLE_BASELINE] = "baseline", [ROLE_NULL] = "null")

const char *head_text(const json_t *object, const char *key)
{
	const char *v = json_string_value(json_object_get(object, key));

	return v ? v : "";
}

const char *head_string(const struct session *s, const char *object, const char *key)
{
	return head_text(object ? json_object_get(s->head, object) : s->head, key);
}

double head_margin(const struct session *s)
{
	const json_t *v = json_object_get(json_object_get(s->head, "plan"), "margin");

	return json_is_number(v) ? json_number_value(v) : DEFAULT_MARGIN;
}

bool session_is_model(const struct session *s)
{
	return !strcmp(head_string(s, NULL, "engine"), "model");
}

bool session_is_replay(const struct session *s)
{
	return json_is_object(json_object_get(s->head, "recording"));
}

enum session_kind session_kind(const struct session *s)
{
	static const struct {
		const char *member; /* an object of the session row */
		enum session_kind kind;
	} kinds[] = {
		{"sweep", SESSION_SWEEP},     {"latency", SESSION_LATENCY},
		{"profile", SESSION_PROFILE}, {"perf_stat", SESSION_PERF_STAT},
		{"ab", SESSION_AB},	      {"explore", SESSION_EXPLORE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (json_is_object(json_object_get(s->head, kinds[i].member)))
			return kinds[i].kind;
	if (!strcmp(head_string(s, NULL, "engine"), SESSION_PREDICT))
		return SESSION_PREDICTED;
	if (!strcmp(head_string(s, NULL, "engine"), SESSION_DRIVE))
		return SESSION_DRIVEN;
	return session_is_model(s) ? SESSION_MODEL : SESSION_RUN;
}
