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

int sysfile_list_count(const char *list)
{
	int count = 0;

	while (isdigit((unsigned char)*list)) {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		count += (int)(last - first + 1);
		list = *end == ',' ? end + 1 : end;
	}
	return count;
}
