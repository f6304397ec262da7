/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.c - fuzz target: --events. The first line is the list; the rest, if there is any, is what
 * sysfs says of the formats "event" and "umask" of a PMU called "cpu".
 */
#include "fuzz.h"

#include "host/event_spec.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the folder holds; the last are files. */
static const char *const made[] = {"",
				   "/sys",
				   "/sys/bus",
				   "/sys/bus/event_source",
				   "/sys/bus/event_source/devices",
				   "/sys/bus/event_source/devices/cpu",
				   "/sys/bus/event_source/devices/cpu/format",
				   "/sys/bus/event_source/devices/cpu/type",
				   "/sys/bus/event_source/devices/cpu/format/umask",
				   "/sys/bus/event_source/devices/cpu/format/event"};
#define DIRS  7
#define TYPE  7
#define UMASK 8
#define EVENT 9

static char root[] = "/tmp/fuzz-events-XXXXXX";

static const char *path_of(size_t i)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s", root, made[i]);
	return path;
}

static void remove_root(void)
{
	for (size_t i = ARRAY_SIZE(made); i-- > 0;)
		remove(path_of(i));
}

static void put(size_t i, const void *data, size_t size)
{
	FILE *f = fopen(path_of(i), "we");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

/* @format: the file that says how an event is put together. */
static void make_root(const char *format)
{
	/* Held open where it is installed: else each input maps and unmaps it, which takes most of the time. */
	dlopen("libpfm.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!mkdtemp(root) || atexit(remove_root))
		abort();
	for (size_t i = 1; i < DIRS; i++)
		if (mkdir(path_of(i), 0700))
			abort();
	put(TYPE, "4\n", 2);
	put(UMASK, "config:8-15\n", 12);
	/* in memory: a file that is cut and written again waits for the disk */
	if (symlink(format, path_of(EVENT)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
	const size_t len = line_end ? (size_t)(line_end - data) : size;
	const uint8_t *format = line_end ? line_end + 1 : data + size;
	static bool made_root;
	struct event_spec out[EVENTS_USER_MAX];
	struct vrb_err err = {""};
	char *list = fuzz_text(data, len);
	const char *path;
	unsigned n = 0;
	int rc;

	path = fuzz_file(format, size - (size_t)(format - data));
	if (!made_root)
		make_root(path);
	made_root = true;
	rc = event_specs_parse(root, list, out, &n, &err);
	fuzz_returned(rc, &err);
	fuzz_check(rc || (n > 0 && n <= EVENTS_USER_MAX), "how many events");
	for (unsigned i = 0; !rc && i < n; i++)
		fuzz_check(memchr(out[i].name, '\0', EVENT_NAME), "the name of an event");
	free(list);
	return 0;
}
