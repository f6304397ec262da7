/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * env_item.c - filling in an item of the environment, and reading what it is made of.
 */
#include "host/env_item.h"

#include "host/sysfile.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- filling in an item ---- */

void env_ok(struct env_item *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->value, sizeof(e->value), fmt, ap);
	va_end(ap);
	e->status = ENV_OK;
}

void env_note(struct env_item *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
}

void env_bad(struct env_item *e, const char *why)
{
	env_note(e, "%s", why);
	e->status = ENV_BAD;
}

void env_add(char *list, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(list);
	int len = snprintf(list + used, size - used, "%s%s", used ? separator : "", word);

	if (len < 0 || (size_t)len >= size - used)
		list[used] = '\0';
}

/* ---- reading below the root ---- */

const char *env_below(const char *root, const char *path, char *whole)
{
	snprintf(whole, PATH_MAX, "%s%s", root, path);
	return whole;
}

bool env_read_line(const char *root, const char *path, char *buf, size_t size)
{
	char whole[PATH_MAX];

	return sysfile_read(env_below(root, path, whole), buf, size) && *buf;
}

long env_read_field(const char *root, const char *path, const char *key)
{
	char whole[PATH_MAX];

	return sysfile_field(env_below(root, path, whole), key);
}

bool env_read_key(const char *root, const char *path, const char *key, char *buf, size_t size)
{
	const size_t len = strlen(key);
	char whole[PATH_MAX];
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f = fopen(env_below(root, path, whole), "re");

	while (f && !found && getline(&line, &room, f) > 0) {
		const char *at = line + len;

		if (strncmp(line, key, len))
			continue;
		at += strspn(at, "\t ");
		if (*at++ != ':')
			continue;
		at += strspn(at, "\t ");
		snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
		found = *buf != '\0';
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

bool env_from_file(const char *root, const char *path, struct env_item *e)
{
	char line[sizeof(e->value)];

	if (env_read_line(root, path, line, sizeof(line))) {
		env_ok(e, "%s", line);
		return true;
	}
	env_note(e, "%s cannot be read", path);
	return false;
}

bool env_from_key(const char *root, const char *path, const char *key, struct env_item *e)
{
	char text[sizeof(e->value)];

	if (env_read_key(root, path, key, text, sizeof(text))) {
		env_ok(e, "%s", text);
		return true;
	}
	env_note(e, "%s has no \"%s\"", path, key);
	return false;
}

void env_from_chosen(const char *root, const char *path, struct env_item *e)
{
	char whole[PATH_MAX], word[64];

	sysfile_chosen(env_below(root, path, whole), word, sizeof(word));
	if (*word)
		env_ok(e, "%s", word);
	else
		env_note(e, "%s cannot be read", path);
}
