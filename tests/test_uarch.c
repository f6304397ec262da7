/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_uarch.c - which microarchitecture a CPU is: by its numbers, then on machines made of small
 * files, then on this one.
 */
#include "host/uarch.h"

#include "spawned.h"

/* ---- by numbers ---- */

static enum uarch intel(unsigned model, unsigned stepping, enum core_kind kind)
{
	const struct cpu_id id = {
		.vendor = "GenuineIntel", .family = 6, .model = model, .stepping = stepping};

	return uarch_of_id(&id, kind);
}

static enum uarch amd(unsigned family, unsigned model)
{
	const struct cpu_id id = {.vendor = "AuthenticAMD", .family = family, .model = model};

	return uarch_of_id(&id, CORE_ONLY);
}

static enum uarch arm(unsigned implementer, unsigned part)
{
	const struct cpu_id id = {.implementer = implementer, .part = part};

	return uarch_of_id(&id, CORE_ONLY);
}

#define SAME(got, want, model)                                                       \
	cr_assert_eq(got, want, "model 0x%x is %s, not %s", model, uarch_name(want), \
		     uarch_name(got))

Test(uarch, names)
{
	cr_assert_str_eq(uarch_name(UARCH_UNKNOWN), "unknown");
	cr_assert_str_eq(uarch_name(UARCH_SKX), "skx");
	cr_assert_str_eq(uarch_name(UARCH_ADL_P), "adl-p");
	cr_assert_str_eq(uarch_name(UARCH_ZEN5), "zen5");
	cr_assert_str_eq(uarch_name(UARCH_N1), "neoverse-n1");
	cr_assert_str_eq(uarch_name(UARCH_COUNT), "unknown");
	for (int u = 0; u < UARCH_COUNT; u++) {
		cr_assert(uarch_name((enum uarch)u), "%d has no name", u);
		for (int other = 0; other < u; other++)
			cr_assert_str_neq(uarch_name((enum uarch)u), uarch_name((enum uarch)other));
	}
}

Test(uarch, intel_of_one_kind_of_core)
{
	static const struct {
		unsigned model, stepping;
		enum uarch want;
	} cases[] = {
		{0x4e, 3, UARCH_SKL},	   {0x5e, 3, UARCH_SKL},     {0x8e, 9, UARCH_SKL},
		{0x8e, 12, UARCH_SKL},	   {0x9e, 13, UARCH_SKL},    {0xa5, 5, UARCH_SKL},
		{0xa6, 1, UARCH_SKL},	   {0x55, 3, UARCH_SKX},     {0x55, 4, UARCH_SKX},
		{0x55, 5, UARCH_CLX},	   {0x55, 6, UARCH_CLX},     {0x55, 7, UARCH_CLX},
		{0x55, 11, UARCH_CLX},	   {0x6a, 6, UARCH_ICX},     {0x6c, 1, UARCH_ICX},
		{0x8f, 8, UARCH_SPR},	   {0xcf, 2, UARCH_EMR},     {0xad, 1, UARCH_GNR},
		{0xae, 1, UARCH_GNR},	   {0xaf, 3, UARCH_SRF},     {0xbe, 0, UARCH_ADL_E},
		{0x4f, 1, UARCH_UNKNOWN},  {0x66, 3, UARCH_UNKNOWN}, {0x7e, 5, UARCH_UNKNOWN},
		{0x8c, 1, UARCH_UNKNOWN},  {0xa7, 1, UARCH_UNKNOWN}, {0xaa, 4, UARCH_UNKNOWN},
		{0xac, 0, UARCH_UNKNOWN},  {0xb6, 0, UARCH_UNKNOWN}, {0xc6, 2, UARCH_UNKNOWN},
		{0xcc, 2, UARCH_UNKNOWN},  {0xdd, 0, UARCH_UNKNOWN}, {0x00, 0, UARCH_UNKNOWN},
		{0x155, 4, UARCH_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		SAME(intel(cases[i].model, cases[i].stepping, CORE_ONLY), cases[i].want,
		     cases[i].model);
}

Test(uarch, intel_hybrids_by_kind_of_core)
{
	static const unsigned alder_raptor[] = {0x97, 0x9a, 0xb7, 0xba, 0xbf};

	for (size_t i = 0; i < ARRAY_SIZE(alder_raptor); i++) {
		const unsigned model = alder_raptor[i];

		SAME(intel(model, 2, CORE_PERFORMANCE), UARCH_ADL_P, model);
		SAME(intel(model, 2, CORE_EFFICIENT), UARCH_ADL_E, model);
		/* The kernel tells no kinds apart: a virtual machine. */
		SAME(intel(model, 2, CORE_ONLY), UARCH_ADL_P, model);
	}
	SAME(intel(0xbd, 1, CORE_PERFORMANCE), UARCH_LNL_P, 0xbdU);
	SAME(intel(0xbd, 1, CORE_EFFICIENT), UARCH_LNL_E, 0xbdU);
}

Test(uarch, intel_of_another_family)
{
	struct cpu_id id = {.vendor = "GenuineIntel", .family = 19, .model = 0x55};

	cr_assert_eq(uarch_of_id(&id, CORE_ONLY), UARCH_UNKNOWN);
	id.family = 6;
	strcpy(id.vendor, "CentaurHauls");
	cr_assert_eq(uarch_of_id(&id, CORE_ONLY), UARCH_UNKNOWN);
}

/* The borders of each range. */
Test(uarch, amd_by_ranges_of_models)
{
	static const struct {
		unsigned family, model;
		enum uarch want;
	} cases[] = {
		{0x17, 0x01, UARCH_UNKNOWN}, {0x17, 0x2f, UARCH_UNKNOWN},
		{0x17, 0x30, UARCH_ZEN2},    {0x17, 0x4f, UARCH_ZEN2},
		{0x17, 0x50, UARCH_UNKNOWN}, {0x17, 0x5f, UARCH_UNKNOWN},
		{0x17, 0x60, UARCH_ZEN2},    {0x17, 0x7f, UARCH_ZEN2},
		{0x17, 0x80, UARCH_UNKNOWN}, {0x17, 0x90, UARCH_ZEN2},
		{0x17, 0x91, UARCH_ZEN2},    {0x17, 0x92, UARCH_UNKNOWN},
		{0x17, 0xa0, UARCH_ZEN2},    {0x17, 0xaf, UARCH_ZEN2},
		{0x17, 0xb0, UARCH_UNKNOWN}, {0x19, 0x00, UARCH_ZEN3},
		{0x19, 0x0f, UARCH_ZEN3},    {0x19, 0x10, UARCH_ZEN4},
		{0x19, 0x1f, UARCH_ZEN4},    {0x19, 0x20, UARCH_ZEN3},
		{0x19, 0x5f, UARCH_ZEN3},    {0x19, 0x60, UARCH_ZEN4},
		{0x19, 0xaf, UARCH_ZEN4},    {0x19, 0xb0, UARCH_UNKNOWN},
		{0x1a, 0x00, UARCH_ZEN5},    {0x1a, 0x02, UARCH_ZEN5},
		{0x1a, 0x2f, UARCH_ZEN5},    {0x1a, 0x30, UARCH_UNKNOWN},
		{0x1a, 0x40, UARCH_ZEN5},    {0x1a, 0x4f, UARCH_ZEN5},
		{0x1a, 0x50, UARCH_UNKNOWN}, {0x1a, 0x5f, UARCH_UNKNOWN},
		{0x1a, 0x60, UARCH_ZEN5},    {0x1a, 0x7f, UARCH_ZEN5},
		{0x1a, 0x80, UARCH_UNKNOWN}, {0x15, 0x30, UARCH_UNKNOWN},
		{0x18, 0x00, UARCH_UNKNOWN}, {0x1b, 0x00, UARCH_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		SAME(amd(cases[i].family, cases[i].model), cases[i].want, cases[i].model);
}

Test(uarch, arm_by_part)
{
	SAME(arm(0x41, 0xd0c), UARCH_N1, 0xd0cU);
	SAME(arm(0x41, 0xd49), UARCH_N2, 0xd49U);
	SAME(arm(0x41, 0xd40), UARCH_V1, 0xd40U);
	SAME(arm(0x41, 0xd4f), UARCH_V2, 0xd4fU);
	SAME(arm(0x41, 0xd0b), UARCH_UNKNOWN, 0xd0bU); /* Cortex-A76 */
	SAME(arm(0x41, 0xd84), UARCH_UNKNOWN, 0xd84U); /* Neoverse V3 */
	SAME(arm(0x48, 0xd0c), UARCH_UNKNOWN, 0xd0cU); /* of another maker */
	SAME(arm(0, 0), UARCH_UNKNOWN, 0U);
}

/* ---- machines made up ---- */

TestSuite(uarch_of_cpu, .init = make_folder, .fini = drop_folder);

static void put(const char *path, const char *text)
{
	temp_dir_put(folder, path, text);
}

Test(uarch_of_cpu, x86_reads_the_block_of_that_cpu)
{
	struct cpu_id id;

	put("/proc/cpuinfo",
	    "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n"
	    "model name\t: AMD EPYC 9354 32-Core Processor\nstepping\t: 1\ncpu MHz\t\t: 1500.000\n"
	    "flags\t\t: fpu model : 3\nTLB size\t: 3584 4K pages\n\n"
	    "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
	    "model name\t: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz\nstepping\t: 7\n\n"
	    "processor\t: 12\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
	    "stepping\t: 8\n\n");
	cr_assert_eq(uarch_of_cpu(folder, 0, &id), UARCH_ZEN4);
	cr_assert_str_eq(id.vendor, "AuthenticAMD");
	assert_have(&id, family == 25U, model == 17U, stepping == 1U, implementer == 0U);
	cr_assert_eq(uarch_of_cpu(folder, 1, &id), UARCH_CLX);
	cr_assert_eq(id.stepping, 7U);
	cr_assert_eq(uarch_of_cpu(folder, 12, NULL), UARCH_SPR);
}

Test(uarch_of_cpu, a_cpu_that_is_not_there_has_no_numbers)
{
	struct cpu_id id = {.family = 6, .model = 85};

	put("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
			     "model\t\t: 106\nstepping\t: 6\n");
	cr_assert_eq(uarch_of_cpu(folder, 0, NULL), UARCH_ICX);
	cr_assert_eq(uarch_of_cpu(folder, 1, &id), UARCH_UNKNOWN);
	assert_have(&id, family == 0U, model == 0U);
}

Test(uarch_of_cpu, arm)
{
	struct cpu_id id;

	put("/proc/cpuinfo",
	    "processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd\n"
	    "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n"
	    "CPU part\t: 0xd0c\nCPU revision\t: 1\n\n"
	    "processor\t: 1\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\n"
	    "CPU part\t: 0xd4f\nCPU revision\t: 0\n\n");
	cr_assert_eq(uarch_of_cpu(folder, 0, &id), UARCH_N1);
	assert_have(&id, implementer == 0x41U, part == 0xd0cU);
	cr_assert_str_eq(id.vendor, "");
	cr_assert_eq(uarch_of_cpu(folder, 1, NULL), UARCH_V2);
}

/* A vendor, family and model, for all of @cpus. */
static void put_intel(int cpus, unsigned model)
{
	char text[2000];
	size_t n = 0;

	for (int cpu = 0; cpu < cpus; cpu++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "processor\t: %d\nvendor_id\t: GenuineIntel\n"
				      "cpu family\t: 6\nmodel\t\t: %u\nstepping\t: 2\n\n",
				      cpu, model);
	put("/proc/cpuinfo", text);
}

Test(uarch_of_cpu, hybrid_by_the_kernels_lists)
{
	put_intel(20, 0x97);
	put("/sys/devices/cpu_core/cpus", "0-3,8,10-11\n");
	put("/sys/devices/cpu_atom/cpus", "4-7,9,12-19\n");
	cr_assert_eq(uarch_of_cpu(folder, 0, NULL), UARCH_ADL_P);
	cr_assert_eq(uarch_of_cpu(folder, 3, NULL), UARCH_ADL_P);
	cr_assert_eq(uarch_of_cpu(folder, 4, NULL), UARCH_ADL_E);
	cr_assert_eq(uarch_of_cpu(folder, 8, NULL), UARCH_ADL_P);
	cr_assert_eq(uarch_of_cpu(folder, 9, NULL), UARCH_ADL_E);
	cr_assert_eq(uarch_of_cpu(folder, 10, NULL), UARCH_ADL_P);
	cr_assert_eq(uarch_of_cpu(folder, 19, NULL), UARCH_ADL_E);
}

Test(uarch_of_cpu, lists_that_are_none)
{
	static const char *const lists[] = {"", "\n", "all\n", "-\n", "1-\n", ",\n", "2,,1\n"};

	put_intel(2, 0xbd);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		put("/sys/devices/cpu_atom/cpus", lists[i]);
		cr_assert_eq(uarch_of_cpu(folder, 0, NULL), UARCH_LNL_P, "%s", lists[i]);
	}
}

Test(uarch_of_cpu, nothing_to_read)
{
	struct cpu_id id;

	cr_assert_eq(uarch_of_cpu(folder, 0, &id), UARCH_UNKNOWN);
	cr_assert_str_eq(id.vendor, "");
	put("/proc/cpuinfo", "");
	cr_assert_eq(uarch_of_cpu(folder, 0, &id), UARCH_UNKNOWN);
	put("/proc/cpuinfo",
	    "processor\t: 0\nvendor_id\t: a name longer than any of the room for it"
	    "\nmodel\t\t: what?\nstepping\n");
	cr_assert_eq(uarch_of_cpu(folder, 0, &id), UARCH_UNKNOWN);
	cr_assert_eq(strlen(id.vendor), sizeof(id.vendor) - 1);
}

/* ---- this one ---- */

Test(uarch, of_this_machine)
{
	struct cpu_id id;
	const enum uarch u = uarch_of_cpu("", 0, &id);

	cr_assert_lt((unsigned)u, (unsigned)UARCH_COUNT);
	cr_assert(u == UARCH_UNKNOWN || id.family || id.implementer, "%s of nothing",
		  uarch_name(u));
	cr_assert_eq(uarch_of_cpu("", 1 << 20, &id), UARCH_UNKNOWN);
}
