/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sysfile.c - small files of /proc and /sys.
 */
#include "host/sysfile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sysfile_read(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok;
	size_t len;

	buf[0] = '\0';
	if (!f)
		return false;
	ok = fgets(buf, (int)size, f);
	fclose(f);
	if (!ok)
		buf[0] = '\0';
	len = strlen(buf);
	while (len && isspace((unsigned char)buf[len - 1]))
		buf[--len] = '\0';
	return ok;
}

void sysfile_chosen(const char *path, char *buf, size_t size)
{
	char line[256];
	const char *open, *close;

	sysfile_read(path, line, sizeof(line));
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		snprintf(buf, size, "%.*s", (int)(close - open - 1), open + 1);
	else
		snprintf(buf, size, "%s", line);
}

long sysfile_field(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	long value = -1;

	if (!f)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f)) {
		size_t len = strlen(key);

		if (!strncmp(line, key, len))
			value = strtol(line + len, NULL, 10);
	}
	fclose(f);
	return value;
}

/* The next "first-last" or "number" of a list, which goes on behind it. */
static bool next_range(const char **list, long *first, long *last)
{
	char *end;

	if (!isdigit((unsigned char)**list))
		return false;
	*first = *last = strtol(*list, &end, 10);
	if (*end == '-')
		*last = strtol(end + 1, &end, 10);
	*list = *end == ',' ? end + 1 : end;
	return true;
}

int sysfile_list_count(const char *list)
{
	int count = 0;

	for (long first, last; next_range(&list, &first, &last);)
		count += (int)(last - first + 1);
	return count;
}

bool sysfile_list_has(const char *list, long number)
{
	for (long first, last; next_range(&list, &first, &last);) {
		if (number >= first && number <= last)
			return true;
	}
	return false;
}

int sysfile_list_common(const char *a, const char *b)
{
	int count = 0;

	for (long a0, a1; next_range(&a, &a0, &a1);) {
		const char *rest = b;

		for (long b0, b1; next_range(&rest, &b0, &b1);) {
			const long from = a0 > b0 ? a0 : b0, to = a1 < b1 ? a1 : b1;

			count += from <= to ? (int)(to - from + 1) : 0;
		}
	}
	return count;
}
