/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * uarch.c - which microarchitecture a CPU is.
 *
 * Family and model numbers as Linux names them: arch/x86/include/asm/intel-family.h,
 * arch/x86/kernel/cpu/amd.c, arch/arm64/include/asm/cputype.h.
 */
#include "host/uarch.h"

#include "host/sysfile.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *uarch_name(enum uarch u)
{
	static const char *const names[UARCH_COUNT] = {
		[UARCH_UNKNOWN] = "unknown", [UARCH_SKL] = "skl",	 [UARCH_SKX] = "skx",
		[UARCH_CLX] = "clx",	     [UARCH_ICX] = "icx",	 [UARCH_SPR] = "spr",
		[UARCH_EMR] = "emr",	     [UARCH_GNR] = "gnr",	 [UARCH_SRF] = "srf",
		[UARCH_ADL_P] = "adl-p",     [UARCH_ADL_E] = "adl-e",	 [UARCH_LNL_P] = "lnl-p",
		[UARCH_LNL_E] = "lnl-e",     [UARCH_ZEN2] = "zen2",	 [UARCH_ZEN3] = "zen3",
		[UARCH_ZEN4] = "zen4",	     [UARCH_ZEN5] = "zen5",	 [UARCH_N1] = "neoverse-n1",
		[UARCH_N2] = "neoverse-n2",  [UARCH_V1] = "neoverse-v1", [UARCH_V2] = "neoverse-v2",
	};

	return (unsigned)u < UARCH_COUNT ? names[u] : names[UARCH_UNKNOWN];
}

/* ---- by numbers ---- */

/* Models of one family. */
struct models {
	unsigned from, to;
	enum uarch uarch;
	enum uarch efficient; /* of the small cores of a hybrid; 0: it is none */
};

static const struct models intel_6[] = {
	{0x4e, 0x4e, UARCH_SKL, 0},
	{0x5e, 0x5e, UARCH_SKL, 0},
	{0x6a, 0x6a, UARCH_ICX, 0},
	{0x6c, 0x6c, UARCH_ICX, 0}, /* Ice Lake-D */
	{0x8e, 0x8e, UARCH_SKL, 0}, /* Kaby, Amber, Coffee, Whiskey Lake */
	{0x8f, 0x8f, UARCH_SPR, 0},
	{0x97, 0x97, UARCH_ADL_P, UARCH_ADL_E},
	{0x9a, 0x9a, UARCH_ADL_P, UARCH_ADL_E},
	{0x9e, 0x9e, UARCH_SKL, 0}, /* Kaby, Coffee Lake */
	{0xa5, 0xa6, UARCH_SKL, 0}, /* Comet Lake */
	{0xad, 0xae, UARCH_GNR, 0},
	{0xaf, 0xaf, UARCH_SRF, 0},
	{0xb7, 0xb7, UARCH_ADL_P, UARCH_ADL_E}, /* Raptor Lake */
	{0xba, 0xba, UARCH_ADL_P, UARCH_ADL_E},
	{0xbd, 0xbd, UARCH_LNL_P, UARCH_LNL_E},
	{0xbe, 0xbe, UARCH_ADL_E, 0}, /* Alder Lake-N: small cores only */
	{0xbf, 0xbf, UARCH_ADL_P, UARCH_ADL_E},
	{0xcf, 0xcf, UARCH_EMR, 0},
};

/* What is left out of 0x17 is Zen and Zen+, of 0x1a Zen 6. */
static const struct models amd_17[] = {
	{0x30, 0x4f, UARCH_ZEN2, 0},
	{0x60, 0x7f, UARCH_ZEN2, 0},
	{0x90, 0x91, UARCH_ZEN2, 0},
	{0xa0, 0xaf, UARCH_ZEN2, 0},
};

static const struct models amd_19[] = {
	{0x00, 0x0f, UARCH_ZEN3, 0},
	{0x10, 0x1f, UARCH_ZEN4, 0},
	{0x20, 0x5f, UARCH_ZEN3, 0},
	{0x60, 0xaf, UARCH_ZEN4, 0},
};

static const struct models amd_1a[] = {
	{0x00, 0x2f, UARCH_ZEN5, 0},
	{0x40, 0x4f, UARCH_ZEN5, 0},
	{0x60, 0x7f, UARCH_ZEN5, 0},
};

static enum uarch find(const struct models *m, size_t n, unsigned model, enum core_kind kind)
{
	for (size_t i = 0; i < n; i++) {
		if (model < m[i].from || model > m[i].to)
			continue;
		return kind == CORE_EFFICIENT && m[i].efficient ? m[i].efficient : m[i].uarch;
	}
	return UARCH_UNKNOWN;
}

static enum uarch find_intel(const struct cpu_id *id, enum core_kind kind)
{
	if (id->family != 6)
		return UARCH_UNKNOWN;
	if (id->model == 0x55) /* Cascade Lake from stepping 5 on, Cooper Lake 10 and 11 */
		return id->stepping <= 4 ? UARCH_SKX : UARCH_CLX;
	return find(intel_6, ARRAY_SIZE(intel_6), id->model, kind);
}

static enum uarch find_amd(const struct cpu_id *id)
{
	switch (id->family) {
	case 0x17:
		return find(amd_17, ARRAY_SIZE(amd_17), id->model, CORE_ONLY);
	case 0x19:
		return find(amd_19, ARRAY_SIZE(amd_19), id->model, CORE_ONLY);
	case 0x1a:
		return find(amd_1a, ARRAY_SIZE(amd_1a), id->model, CORE_ONLY);
	default:
		return UARCH_UNKNOWN;
	}
}

static enum uarch find_arm(const struct cpu_id *id)
{
	static const struct {
		unsigned part;
		enum uarch uarch;
	} parts[] = {{0xd0c, UARCH_N1}, {0xd49, UARCH_N2}, {0xd40, UARCH_V1}, {0xd4f, UARCH_V2}};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (id->implementer == 0x41 && id->part == parts[i].part)
			return parts[i].uarch;
	}
	return UARCH_UNKNOWN;
}

enum uarch uarch_of_id(const struct cpu_id *id, enum core_kind kind)
{
	if (!strcmp(id->vendor, "GenuineIntel"))
		return find_intel(id, kind);
	if (!strcmp(id->vendor, "AuthenticAMD"))
		return find_amd(id);
	return find_arm(id);
}

enum uarch uarch_of_words(const char *cpu_id)
{
	struct cpu_id id = {.vendor = ""};

	return sscanf(cpu_id, "%15s family %u model %u stepping %u", id.vendor, &id.family,
		      &id.model, &id.stepping) >= 3
		       ? uarch_of_id(&id, CORE_ONLY)
		       : UARCH_UNKNOWN;
}

/* ---- of this machine ---- */

/* The value of "key : value" if the line is of this key; NULL. */
static const char *value_of(const char *line, const char *key)
{
	const size_t len = strlen(key);
	const char *colon = strchr(line, ':');

	if (strncmp(line, key, len) || !colon ||
	    strspn(line + len, " \t") != (size_t)(colon - line) - len)
		return NULL;
	return colon + 1 + strspn(colon + 1, " \t");
}

static void read_line(const char *line, struct cpu_id *id)
{
	const struct {
		const char *key;
		unsigned *to;
	} numbers[] = {
		{"cpu family", &id->family}, {"model", &id->model},
		{"stepping", &id->stepping}, {"CPU implementer", &id->implementer},
		{"CPU part", &id->part},
	};
	const char *v = value_of(line, "vendor_id");

	if (v)
		snprintf(id->vendor, sizeof(id->vendor), "%.*s", (int)strcspn(v, "\n"), v);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		v = value_of(line, numbers[i].key);
		if (v)
			*numbers[i].to = (unsigned)strtoul(v, NULL, 0);
	}
}

/* The block of one CPU; blocks end with an empty line. */
static void read_cpuinfo(const char *root, int cpu, struct cpu_id *id)
{
	char path[300];
	char *line = NULL;
	size_t room = 0;
	bool ours = false;
	FILE *f;

	snprintf(path, sizeof(path), "%.200s/proc/cpuinfo", root);
	f = fopen(path, "re");
	while (f && getline(&line, &room, f) > 0) {
		const char *v = value_of(line, "processor");

		if (v)
			ours = strtol(v, NULL, 10) == cpu;
		if (ours)
			read_line(line, id);
	}
	free(line);
	if (f)
		fclose(f);
}

static bool in_cpus(const char *root, const char *pmu, int cpu)
{
	char path[300], list[512];

	snprintf(path, sizeof(path), "%.200s/sys/devices/%s/cpus", root, pmu);
	return sysfile_read(path, list, sizeof(list)) && sysfile_list_has(list, cpu);
}

enum uarch uarch_of_cpu(const char *root, int cpu, struct cpu_id *id)
{
	enum core_kind kind = CORE_ONLY;
	struct cpu_id read;

	memset(&read, 0, sizeof(read));
	read_cpuinfo(root, cpu, &read);
	if (in_cpus(root, "cpu_core", cpu))
		kind = CORE_PERFORMANCE;
	else if (in_cpus(root, "cpu_atom", cpu))
		kind = CORE_EFFICIENT;
	if (id)
		*id = read;
	return uarch_of_id(&read, kind);
}
