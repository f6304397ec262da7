/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * installed.c - where the files are that come with the program.
 */
#include "installed.h"

#include "vrb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int installed_dir(const char *source, const char *share, const char *file, char out[PATH_MAX])
{
	const struct {
		const char *up, *below;
	} places[] = {{"", source}, {"../../", source}, {"../share/vringbench/", share}};
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *slash;

	program[len > 0 ? len : 0] = '\0';
	slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < ARRAY_SIZE(places); i++) {
		char dir[PATH_MAX + 128], tried[PATH_MAX + 128];

		snprintf(dir, sizeof(dir), "%.*s/%s%s", (int)(slash - program), program,
			 places[i].up, places[i].below);
		if (!realpath(dir, out))
			continue;
		snprintf(tried, sizeof(tried), "%s/%s", out, file);
		if (!access(tried, R_OK))
			return 0;
	}
	return -ENOENT;
}
