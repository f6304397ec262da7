/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.c - what several commands need: how an error is told, version, common values.
 */
#include "cli/cli.h"

#include "build_info.h"
#include "names.h"
#include "plan/ranges.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum vrb_exit cli_complain(const struct vrb_err *err, enum vrb_exit code)
{
	char line[sizeof(err->msg)];

	/* The message quotes what was typed, which may hold a newline or an escape. */
	snprintf(line, sizeof(line), "%s", err->msg);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "vringbench: %s\n", line);
	return code;
}

void cli_version(FILE *out)
{
	fprintf(out, "vringbench %s\ncommit   %s%s\ncompiler %s\nflags    %s\n", BUILD_VERSION,
		BUILD_COMMIT, BUILD_DIRTY ? " with local changes" : "", BUILD_COMPILER,
		BUILD_CFLAGS);
}

int format_parse(const char *value, enum output_format *out, struct vrb_err *err)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table", [FORMAT_TSV] = "tsv", [FORMAT_JSON] = "json"};
	unsigned i;
	int rc = names_choice("--format", value, names, ARRAY_SIZE(names), &i, err);

	if (!rc)
		*out = (enum output_format)i;
	return rc;
}

int relation_parse(const char *value, enum relation *out, struct vrb_err *err)
{
	const char *names[REL_COUNT];
	unsigned i;
	int rc;

	for (i = 0; i < REL_COUNT; i++)
		names[i] = relation_name((enum relation)i);
	rc = names_choice("--pair", value, names, REL_COUNT, &i, err);
	if (!rc)
		*out = (enum relation)i;
	return rc;
}

int cpus_parse(const char *option, const char *value, int *drv, int *dev, struct vrb_err *err)
{
	const char *comma = strchr(value, ',');
	char first[24];
	uint64_t a, b;
	int rc;

	if (!comma || strchr(comma + 1, ',') || comma - value >= (int)sizeof(first))
		return vrb_fail(err, EINVAL,
				"%s '%.60s': not two CPU numbers; legal: DRIVER,DEVICE as in 0,1",
				option, value);
	memcpy(first, value, (size_t)(comma - value));
	first[comma - value] = '\0';
	rc = ranges_u64(option, first, 0, INT_MAX, &a, err);
	if (!rc)
		rc = ranges_u64(option, comma + 1, 0, INT_MAX, &b, err);
	if (rc)
		return rc;
	*drv = (int)a;
	*dev = (int)b;
	return 0;
}
