/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_host.c - CPU pairs, memory, and what is known of the machine.
 *
 * Nothing here depends on what machine it is: invented topologies come from hwloc's own
 * HWLOC_SYNTHETIC, and what a machine lacks is skipped with a message.
 */
#include "host/hypervisor.h"
#include "host/machine.h"
#include "host/memory.h"
#include "host/placement.h"
#include "host/sysfile.h"
#include "spawned.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct placement *opened(void)
{
	struct placement *p;

	must(placement_open, &p);
	return p;
}

static struct placement *opened_as(const char *synthetic)
{
	setenv("HWLOC_SYNTHETIC", synthetic, 1);
	return opened();
}

static void drop(struct placement **p)
{
	placement_close(*p);
}

static int first_allowed_cpu(void)
{
	int cpu;

	cpus_allowed(&cpu, 1);
	return cpu;
}

/* ---- pairs by number ---- */

/* Two packages of two nodes, each with two caches over two cores of two threads. */
#define BIG "pack:2 node:2 l3:2 core:2 pu:2"

Test(placement, pair_refuses_the_same_cpu_twice_and_one_that_does_not_exist)
{
	static const int bad[] = {-1, 100000, 2147483647};
	freed_by(drop) struct placement *p = opened();
	int cpu = first_allowed_cpu();
	struct cpu_pair pair;

	expect_in(refusal(-EINVAL, placement_pair, p, "--cpus", cpu, cpu, &pair), "--cpus",
		  "two different CPUs");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_in(refusal(-EINVAL, placement_pair, p, "--cpus", cpu, bad[i], &pair),
			  "does not exist", "legal CPUs");
		refusal(-EINVAL, placement_pair, p, "--cpus", bad[i], cpu, &pair);
	}
}

Test(placement, pair_refuses_a_cpu_outside_the_affinity_mask)
{
	int cpu[2];
	freed_by(drop) struct placement *p = NULL;
	struct cpu_pair pair;

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("needs two CPUs");
	confine_to(first_allowed_cpu());
	p = opened();
	cr_assert_eq(placement_cpus(p), 1);
	expect_in(refusal(-EINVAL, placement_pair, p, "--cpus", cpu[0], cpu[1], &pair),
		  "affinity mask", "--engine one-core");
}

Test(placement, pair_claims_the_relation)
{
	static const struct {
		int drv, dev;
		enum relation want;
	} cases[] = {
		{0, 1, REL_SMT},  {1, 0, REL_SMT},     {0, 2, REL_LLC},
		{3, 0, REL_LLC},  {0, 4, REL_PACKAGE}, {7, 1, REL_PACKAGE},
		{0, 8, REL_NUMA}, {0, 16, REL_NUMA},   {31, 0, REL_NUMA},
	};
	freed_by(drop) struct placement *p = opened_as(BIG);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cpu_pair pair;

		must(placement_pair, p, "--cpus", cases[i].drv, cases[i].dev, &pair);
		assert_have(&pair, drv == cases[i].drv, dev == cases[i].dev);
		cr_assert_eq(pair.claimed, cases[i].want, "%d,%d: %s, not %s", cases[i].drv,
			     cases[i].dev, relation_name(pair.claimed),
			     relation_name(cases[i].want));
	}
}

/* ---- pairs by relation ---- */

Test(placement, relations_lists_what_there_is)
{
	static const struct {
		const char *machine;
		unsigned want;
	} cases[] = {
		{BIG, 1U << REL_SMT | 1U << REL_LLC | 1U << REL_PACKAGE | 1U << REL_NUMA},
		{"pack:1 node:1 l3:1 core:2 pu:1", 1U << REL_LLC},
		{"pack:1 core:1 pu:2", 1U << REL_SMT},
		{"pack:1 core:4 pu:1", 1U << REL_PACKAGE},
		{"pack:2 core:1 pu:1", 1U << REL_NUMA},
		{"pack:1 l2:2 core:2 pu:1", 1U << REL_LLC | 1U << REL_PACKAGE},
		{"pu:1", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		freed_by(drop) struct placement *p = opened_as(cases[i].machine);
		unsigned got = placement_relations(p);

		cr_assert_eq(got, cases[i].want, "%s: %x, not %x", cases[i].machine, got,
			     cases[i].want);
	}
}

/* Of those of a relation; and if any will do, of the first there is of llc, package, numa, smt. */
Test(placement, pick_takes_the_lowest_pair)
{
	static const struct {
		const char *machine;
		enum relation pick, want;
		int drv, dev;
	} cases[] = {
		{BIG, REL_SMT, REL_SMT, 0, 1},
		{BIG, REL_LLC, REL_LLC, 0, 2},
		{BIG, REL_PACKAGE, REL_PACKAGE, 0, 4},
		{BIG, REL_NUMA, REL_NUMA, 0, 8},
		{BIG, REL_ANY, REL_LLC, 0, 2},
		{"pack:2 core:2 pu:2", REL_ANY, REL_PACKAGE, 0, 2},
		{"pack:2 core:1 pu:2", REL_ANY, REL_NUMA, 0, 2},
		{"pack:1 core:1 pu:2", REL_ANY, REL_SMT, 0, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		freed_by(drop) struct placement *p = opened_as(cases[i].machine);
		struct cpu_pair pair;

		must(placement_pick, p, cases[i].pick, &pair);
		cr_assert(pair.drv == cases[i].drv && pair.dev == cases[i].dev, "case %zu: %d,%d",
			  i, pair.drv, pair.dev);
		cr_assert_eq(pair.claimed, cases[i].want, "case %zu: %s", i,
			     relation_name(pair.claimed));
	}
}

Test(placement, pick_names_the_relations_there_are_or_the_way_out)
{
	freed_by(drop) struct placement *two = opened_as("pack:1 l3:2 core:2 pu:1");
	freed_by(drop) struct placement *one = NULL;
	struct cpu_pair pair;

	expect_in(refusal(-ENOENT, placement_pick, two, REL_SMT, &pair), "--pair smt",
		  "llc, package");
	unsetenv("HWLOC_SYNTHETIC");
	confine_to(first_allowed_cpu());
	one = opened();
	expect_in(refusal(-ENOENT, placement_pick, one, REL_ANY, &pair), "--engine one-core");
}

Test(placement, pin_binds_the_thread_to_a_cpu_that_exists)
{
	int cpu = first_allowed_cpu();

	must(placement_pin, cpu);
	cr_assert_eq(sched_getcpu(), cpu);
	refusal(-EINVAL, placement_pin, -1);
	expect_in(refusal(-EINVAL, placement_pin, 100000), "100000");
}

/* ---- memory ---- */

/* An arena until the block ends. */
#define ARENA(a, size, pages, node)           \
	freed_by(arena_close) struct arena a; \
	must(arena_open, &(a), size, pages, node)

Test(memory, arena_rounds_its_size_up_to_pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t sizes[][2] = {
		{1, page},
		{page, page},
		{page + 1, 2 * page},
		{300 * page, 300 * page},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		ARENA(a, sizes[i][0], PAGE_4K, NODE_ANY);
		cr_assert_eq(a.size, sizes[i][1], "%zu bytes: %zu", sizes[i][0], a.size);
		cr_assert_eq((uintptr_t)a.base % page, 0U);
		/* the last byte is there */
		((volatile char *)a.base)[a.size - 1] = 1;
	}
}

Test(memory, arena_is_all_there_and_zero)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char there[256 + 1];
	ARENA(a, 256 * page, PAGE_4K, NODE_ANY);
	cr_assert_eq(mincore(a.base, a.size, there), 0);
	for (size_t i = 0; i < a.size / page; i++)
		cr_assert(there[i] & 1, "page %zu was never touched", i);
	for (size_t i = 0; i < a.size; i++)
		cr_assert_eq(((char *)a.base)[i], 0, "byte %zu", i);
}

Test(memory, arena_is_shared_with_a_child)
{
	struct arena a;
	int status = -1;
	pid_t pid;

	must(arena_open, &a, 8192, PAGE_4K, NODE_ANY);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (!pid) {
		((volatile char *)a.base)[5000] = 77;
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(((volatile char *)a.base)[5000], 77);
	arena_close(&a);
	cr_assert_null(a.base);
}

Test(memory, arena_tells_the_pages_it_got)
{
	ARENA(a, 1 << 20, PAGE_4K, NODE_ANY);
	cr_assert_eq(a.asked, PAGE_4K);
	/* shmem_enabled "force" gives large pages to those that did not ask. */
	cr_assert_neq(a.obtained, PAGE_HUGE);
	cr_assert(a.obtained_share > 0 && a.obtained_share <= 1, "%g", a.obtained_share);
}

/* Both are of two mappings, and written: what is exchanged is there at once, at the same addresses. */
Test(memory, swapped_ranges_exchange_their_pages_without_faults)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct arena_parts parts = {.n = 2, .part = {{0, "one"}, {2 * page, "two"}}};
	freed_by(arena_close) struct arena a;
	freed_by(arena_close) struct arena b;
	struct rusage before, after;
	struct vrb_err err;
	uint64_t frames[2];

	must(arena_open_parts, &a, 4 * page, PAGE_4K, NODE_ANY, &parts);
	must(arena_open_parts, &b, 4 * page, PAGE_4K, NODE_ANY, &parts);
	memset(a.base, 'a', a.size);
	memset(b.base, 'b', b.size);
	frames[0] = memory_frame((char *)a.base + page);
	frames[1] = memory_frame((char *)b.base + page);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(
			memory_swap((char *)a.base + page, (char *)b.base + page, 2 * page, &err),
			0, "%s", err.msg);
	getrusage(RUSAGE_SELF, &before);
	for (size_t at = 0; at < a.size; at++) {
		const bool swapped = at / page == 1 || at / page == 2;

		cr_assert_eq(((char *)a.base)[at], swapped ? 'b' : 'a', "byte %zu", at);
		cr_assert_eq(((char *)b.base)[at], swapped ? 'a' : 'b', "byte %zu", at);
	}
	getrusage(RUSAGE_SELF, &after);
	cr_assert_lt(after.ru_minflt - before.ru_minflt, 4);
	cr_assert_eq(memory_frame((char *)a.base + page), frames[1]);
	cr_assert_eq(memory_frame((char *)b.base + page), frames[0]);
	cr_assert(frames[0] != frames[1] || !frames[0]);
}

Test(memory, arena_reads_its_node_back)
{
	int cpu_node = memory_node_of_cpu(first_allowed_cpu());
	struct vrb_err err = {""};
	if (memory_check_node("--mem-node", cpu_node, &err) < 0)
		cr_skip_test("the CPU's node has no memory for us");
	ARENA(a, 1 << 20, PAGE_4K, cpu_node);
	cr_assert_eq(a.node_asked, cpu_node);
	cr_assert(a.node_obtained == cpu_node || a.node_obtained == NODE_ANY, "node %d, not %d",
		  a.node_obtained, cpu_node);
}

Test(memory, arena_refuses_a_node_that_does_not_exist)
{
	struct vrb_err err = {""};
	struct arena a;

	cr_assert_lt(arena_open(&a, 4096, PAGE_4K, 900, &err), 0);
	expect_in(err.msg, "900");
	cr_assert_null(a.base);
}

Test(memory, arena_refuses_what_cannot_fit)
{
	static const size_t sizes[] = {0, (size_t)1 << 50, SIZE_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct arena a;

		refusal(-ENOMEM, arena_open, &a, sizes[i], PAGE_4K, NODE_ANY);
		cr_assert_null(a.base);
	}
}

Test(memory, transparent_pages_are_there_or_their_lack_is_told)
{
	struct vrb_err err = {"left over"};
	freed_by(arena_close) struct arena a;

	cr_assert_eq(arena_open(&a, 3 << 20, PAGE_THP, NODE_ANY, &err), 0, "%s", err.msg);
	cr_assert_eq(a.asked, PAGE_THP);
	if (a.obtained == PAGE_THP && a.obtained_share >= 1) {
		cr_assert_str_empty(err.msg);
		cr_assert_eq((uintptr_t)a.base % (2 << 20), 0U);
	} else {
		expect_in(err.msg, "shmem_enabled");
	}
}

Test(memory, huge_pages_are_refused_when_there_are_none)
{
	struct arena a;

	if (memory_huge_free() > 0 || sysfile_field("/proc/sys/vm/nr_overcommit_hugepages", "") > 0)
		cr_skip_test("this machine has huge pages");
	expect_in(refusal(-ENOSPC, arena_open, &a, 4096, PAGE_HUGE, NODE_ANY), "--pages huge");
	cr_assert_null(a.base);
}

Test(memory, huge_pages_are_used_when_there_are_some)
{
	if (memory_huge_free() <= 0)
		cr_skip_test("no huge pages are reserved on this machine");
	ARENA(a, 4096, PAGE_HUGE, NODE_ANY);
	assert_have(&a, size == memory_huge_size(), obtained == PAGE_HUGE);
	cr_assert_float_eq(a.obtained_share, 1, 1e-9);
}

Test(memory, check_node_lists_the_legal_ones)
{
	static const int bad[] = {-1, -7, 900};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct vrb_err err = {""};

		cr_assert_lt(memory_check_node("--mem-node", bad[i], &err), 0, "%d", bad[i]);
		cr_assert(strstr(err.msg, "--mem-node") && strstr(err.msg, "legal: "), "%d: %s",
			  bad[i], err.msg);
	}
}

Test(memory, node_of_no_cpu_is_zero)
{
	cr_assert_eq(memory_node_of_cpu(100000), 0);
	cr_assert_eq(memory_node_of_cpu(-1), 0);
}

/* ---- the machine ---- */

Test(machine, what_every_linux_shows_is_there)
{
	struct machine m;

	machine_read(&m);
	cr_assert_str_not_empty(m.hostname);
	cr_assert_eq(strncmp(m.kernel, "Linux ", 6), 0, "%s", m.kernel);
	cr_assert_eq((long)m.cpus_online, sysconf(_SC_NPROCESSORS_ONLN));
	cr_assert_geq(m.nodes, 1);
	for (const char *s = (const char *)&m; s < (const char *)&m.cpus_online; s++)
		cr_assert_neq(*s, '\n', "a line's end at offset %td", s - (const char *)&m);
}

Test(machine, bare_metal_shows_steal)
{
	char name[32];

	hypervisor_name(name, sizeof(name));
	if (strcmp(name, "none"))
		cr_skip_test("not bare metal");
	cr_assert(hypervisor_shows_steal());
}

Test(machine, sysfile_chosen_takes_the_word_in_brackets)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{"always [madvise] never\n", "madvise"},
		{"[always]\n", "always"},
		{"plain  \n", "plain"},
		{"\n", ""},
	};
	TEMP_DIR(dir);
	char path[96], got[32];

	snprintf(path, sizeof(path), "%s/file", dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_text(path, cases[i].line);
		sysfile_chosen(path, got, sizeof(got));
		cr_assert_str_eq(got, cases[i].want);
	}
	unlink(path);
	sysfile_chosen(path, got, sizeof(got));
	cr_assert_str_empty(got);
}

Test(machine, sysfile_list_count_reads_ranges)
{
	cr_assert_eq(sysfile_list_count("0"), 1);
	cr_assert_eq(sysfile_list_count("0-3,8"), 5);
	cr_assert_eq(sysfile_list_count("0,2,4-5"), 4);
	cr_assert_eq(sysfile_list_count(""), 0);
}

Test(machine, sysfile_list_has_reads_ranges)
{
	cr_assert(sysfile_list_has("0-7,16", 7));
	cr_assert(sysfile_list_has("0-7,16", 16));
	cr_assert_not(sysfile_list_has("0-7,16", 8));
	cr_assert_not(sysfile_list_has("", 0));
}

Test(machine, sysfile_list_common_counts_what_is_in_both)
{
	cr_assert_eq(sysfile_list_common("0-3,8", "2-9"), 3);
	cr_assert_eq(sysfile_list_common("0-1", "0"), 1);
	cr_assert_eq(sysfile_list_common("1,3,5", "0-1,4-5"), 2);
	cr_assert_eq(sysfile_list_common("0-3", ""), 0);
	cr_assert_eq(sysfile_list_common("0-3", "4-7"), 0);
}
