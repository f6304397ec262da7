/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_regions_named.c - what the pages of the shared region are called in /proc/PID/maps.
 */
#include "ring/regions.h"
#include "ring_fixture.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- names of pages, from rings ---- */

/* The page of the offsets that the tests name. */
#define PAGE 4096

static struct ring_conf ring_of(const char *variant, enum direction dir, uint32_t ring_size,
				enum ring_align align)
{
	return (struct ring_conf)CONF(variant_named(variant), dir, ring_size, 32, .align = align);
}

/* A second ring of the same kind but for its size; 0: none. The names of pages 0, 1 .., space between. */
Test(regions_named, pages_have_the_names_of_what_is_used_on_them)
{
	static const struct {
		enum direction dir;
		uint32_t second;
		enum ring_align align;
		enum tx_header header;
		const char *names;
	} cases[] = {
		/* the headers, from 6784 to 10880, are of no use for RX */
		{DIR_RX, 0, ALIGN_LINE, TX_HEADER_CHAINED,
		 "vring-desc vring-avail+vring-used payload"},
		{DIR_RX, 0, ALIGN_LEGACY, TX_HEADER_CHAINED,
		 "vring-desc vring-avail vring-used payload"},
		{DIR_TX, 0, ALIGN_LINE, TX_HEADER_CHAINED,
		 "vring-desc vring-avail+vring-used+vring-header vring-header+payload payload"},
		/* tables from 6784 to 14976, headers from there to 19072 */
		{DIR_TX, 0, ALIGN_LINE, TX_HEADER_INDIRECT,
		 "vring-desc vring-avail+vring-used+vring-indirect vring-indirect "
		 "vring-indirect+vring-header vring-header+payload payload"},
		/* headers in buffers are their buffers */
		{DIR_TX, 0, ALIGN_LINE, TX_HEADER_ANY_LAYOUT,
		 "vring-desc vring-avail+vring-used payload"},
		{DIR_RX, 512, ALIGN_LINE, TX_HEADER_CHAINED,
		 "vring-desc vring-desc+vring-avail+vring-used vring-avail+vring-used+payload "
		 "vring-used+payload payload"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c[2];
		struct arena_parts got;
		char names[512] = "";

		for (unsigned k = 0; k < 2; k++) {
			c[k] = ring_of("baseline", cases[i].dir, k ? cases[i].second : 256,
				       cases[i].align);
			c[k].policy.tx_header = cases[i].header;
		}
		ring_parts(c, cases[i].second ? 2 : 1, PAGE, &got);
		for (unsigned k = 0; k < got.n; k++) {
			cr_assert_eq(got.part[k].at, k * PAGE, "case %zu: part %u", i, k);
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 k ? " " : "", got.part[k].name);
		}
		cr_assert_str_eq(names, cases[i].names, "case %zu: %s", i, names);
	}
}

Test(regions_named, headers_on_pages_of_their_own)
{
	struct ring_conf c = ring_of("baseline", DIR_TX, 4096, ALIGN_LEGACY);
	struct arena_parts got;
	bool seen = false;

	c.policy.tx_header = TX_HEADER_CHAINED;
	ring_parts(&c, 1, PAGE, &got);
	for (unsigned i = 0; i < got.n; i++)
		seen |= !strcmp(got.part[i].name, "vring-header");
	cr_assert(seen);
}

Test(regions_named, spsc_has_names_of_its_own)
{
	struct ring_conf c = ring_of("spsc", DIR_RX, 256, ALIGN_LINE);
	struct arena_parts got;

	ring_parts(&c, 1, PAGE, &got);
	cr_assert_str_eq(got.part[0].name, "spsc");
	cr_assert_str_eq(got.part[got.n - 1].name, "payload");
	for (unsigned i = 0; i < got.n; i++)
		expect_not_in(got.part[i].name, "vring");
}

Test(regions_named, a_large_page_holds_all)
{
	const struct ring_conf c[] = {ring_of("baseline", DIR_RX, 256, ALIGN_LINE),
				      ring_of("spsc", DIR_RX, 256, ALIGN_LINE)};
	struct arena_parts got;

	ring_parts(c, 2, 2 << 20, &got);
	assert_have(&got, n == 1, part[0].at == 0);
	cr_assert_str_eq(got.part[0].name, "vring-desc+vring-avail+vring-used+spsc+payload");
}

Test(regions_named, without_pages_or_rings_there_are_no_names)
{
	struct ring_conf c = ring_of("baseline", DIR_RX, 256, ALIGN_LINE);
	struct arena_parts got;

	ring_parts(&c, 1, 0, &got);
	cr_assert_eq(got.n, 0U);
	ring_parts(NULL, 0, PAGE, &got);
	cr_assert_eq(got.n, 0U);
}

/* The name of a byte of a split ring, by the map that the model's counts are told by. */
static const char *name_at(const struct ring_map *m, size_t offset)
{
	if (offset >= m->layout.buffers)
		return "payload";
	switch ((enum ring_region)ring_region_at(m, offset)) {
	case REGION_DESC:
		return "vring-desc";
	case REGION_AVAIL_IDX:
	case REGION_AVAIL_ENTRIES:
		return "vring-avail";
	case REGION_USED_IDX:
	case REGION_USED_ELEMENTS:
		return "vring-used";
	case REGION_USED_EVENT:
	case REGION_AVAIL_EVENT:
		return offset < m->layout.used ? "vring-avail" : "vring-used";
	case REGION_INDIRECT:
		return "vring-indirect";
	case REGION_HEADER:
		return "vring-header";
	default:
		return "";
	}
}

/* What a ring's sides use of a byte; "": nothing. */
static const char *used_at(const struct ring_conf *c, size_t offset)
{
	struct ring_map m;
	const char *name;

	ring_map_make(&m, c);
	if (offset >= m.layout.size)
		return "";
	name = name_at(&m, offset);
	/* the headers of RX lie before the packets */
	return c->dir == DIR_RX && !strcmp(name, "vring-header") ? "" : name;
}

/* Each byte's name is in that of its page, and each name on a page is that of some byte of it. */
static void cr_page(const struct ring_conf *confs, unsigned n, size_t at, const char *page_name)
{
	char unseen[ARENA_NAME];

	snprintf(unseen, sizeof(unseen), "%s", page_name);
	for (size_t byte = at; byte < at + PAGE; byte++)
		for (unsigned i = 0; i < n; i++) {
			const char *name = used_at(&confs[i], byte);
			char *word = *name ? strstr(unseen, name) : NULL;

			cr_assert(strstr(page_name, name), "byte %zu, %s: not in %s", byte, name,
				  page_name);
			if (word)
				memset(word, '+', strlen(name));
		}
	cr_assert_eq(strspn(unseen, "+"), strlen(unseen), "page at %zu, %s: only %s is not there",
		     at, page_name, unseen);
}

Test(regions_named, names_agree_with_the_map_of_the_model)
{
	static const uint32_t sizes[] = {8, 64, 256, 1024};
	struct ring_conf confs[2 * ARRAY_SIZE(sizes)];
	const unsigned n = ARRAY_SIZE(confs);

	for (enum ring_align align = 0; align < ALIGN_KINDS; align++) {
		struct arena_parts got;

		for (unsigned i = 0; i < n; i++)
			confs[i] =
				ring_of("baseline", i % 2 ? DIR_TX : DIR_RX, sizes[i / 2], align);
		confs[1].policy.tx_header = confs[5].policy.tx_header = TX_HEADER_INDIRECT;
		ring_parts(confs, n, PAGE, &got);
		cr_assert_gt(got.n, 2U);
		for (unsigned p = 0; p < got.n; p++) {
			size_t end = p + 1 < got.n ? got.part[p + 1].at : got.part[p].at + PAGE;

			for (size_t at = got.part[p].at; at < end; at += PAGE)
				cr_page(confs, n, at, got.part[p].name);
		}
	}
}

Test(regions_named, any_number_of_rings_fits)
{
	struct ring_conf *confs = calloc(variants_count() * 13 * 2, sizeof(*confs));
	struct arena_parts got;
	unsigned n = 0;

	cr_assert_not_null(confs);
	for (unsigned v = 0; v < variants_count(); v++)
		for (uint32_t size = 8; size <= 32768; size *= 2)
			for (unsigned dir = 0; dir < 2; dir++)
				confs[n++] =
					(struct ring_conf)CONF(variants_get(v), (enum direction)dir,
							       size, 8, .align = ALIGN_LEGACY);
	ring_parts(confs, n, 64, &got);
	cr_assert(got.n > 0 && got.n <= ARENA_PARTS, "%u", got.n);
	for (unsigned i = 0; i < got.n; i++) {
		cr_assert_eq(got.part[i].at % 64, 0U);
		cr_assert(i ? got.part[i].at > got.part[i - 1].at : !got.part[i].at);
		cr_assert_leq(strlen(got.part[i].name), 249U);
		cr_assert_str_not_empty(got.part[i].name);
	}
	expect_in(got.part[got.n - 1].name, "payload");
	free(confs);
}

/* ---- names of mappings ---- */

/* What the mapping that begins at an address is called; "": none begins there. */
static const char *mapped_as(const void *at, char *buf, size_t size)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512], name[256];
	uintptr_t from;

	cr_assert_not_null(f);
	buf[0] = '\0';
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNxPTR "-%*s %*s %*s %*s %*s %255[^\n]", &from, name) == 2 &&
		    from == (uintptr_t)at)
			snprintf(buf, size, "%s", name);
	fclose(f);
	return buf;
}

static void cr_maps(const struct arena *a, size_t at, const char *name)
{
	char got[256], want[256] = "";

	if (name)
		snprintf(want, sizeof(want), "/memfd:%s (deleted)", name);
	cr_assert_str_eq(mapped_as((const char *)a->base + at, got, sizeof(got)), want,
			 "at %zu: %s", at, got);
}

static struct arena_parts three_parts(size_t page)
{
	return (struct arena_parts){.n = 3,
				    .part = {{0, "one"}, {page, "two+three"}, {4 * page, "four"}}};
}

Test(regions_named, maps_show_the_names)
{
	size_t page = memory_page_size(PAGE_4K);
	struct arena_parts parts = three_parts(page);
	freed_by(arena_close) struct arena a;

	must(arena_open_parts, &a, 9 * page, PAGE_4K, NODE_ANY, &parts);
	cr_assert_eq(a.size, 9 * page);
	cr_maps(&a, 0, "one");
	cr_maps(&a, page, "two+three");
	for (size_t at = 2; at < 9; at++)
		cr_maps(&a, at * page, at == 4 ? "four" : NULL);
	/* parts beyond the end are left out */
	freed_by(arena_close) struct arena small;

	must(arena_open_parts, &small, 4 * page, PAGE_4K, NODE_ANY, &parts);
	cr_assert_eq(small.size, 4 * page);
	cr_maps(&small, page, "two+three");
	cr_maps(&small, 2 * page, NULL);
}

Test(regions_named, maps_of_a_region_without_parts_name_the_program)
{
	const struct arena_parts none = {.n = 0};
	freed_by(arena_close) struct arena a;

	must(arena_open_parts, &a, 8192, PAGE_4K, NODE_ANY, &none);
	cr_maps(&a, 0, "vringbench");
}

/* One region to all who use it: across borders, zero at first, and the same for both processes. */
Test(regions_named, parts_are_one_region)
{
	size_t page = memory_page_size(PAGE_4K);
	struct arena_parts parts = three_parts(page);
	int status = -1;
	freed_by(arena_close) struct arena a;
	uint8_t *mem;
	pid_t pid;

	must(arena_open_parts, &a, 9 * page, PAGE_4K, NODE_ANY, &parts);
	mem = a.base;
	for (size_t i = 0; i < a.size; i++)
		cr_assert_eq(mem[i], 0, "byte %zu", i);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (!pid) {
		for (size_t i = 0; i < a.size; i++)
			mem[i] = (uint8_t)(i % 251);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	for (size_t i = 0; i < a.size; i++)
		cr_assert_eq(mem[i], i % 251, "byte %zu", i);
}

Test(regions_named, parts_out_of_order_are_refused)
{
	size_t page = memory_page_size(PAGE_4K);
	const struct arena_parts bad[] = {
		{.n = 1, .part = {{page, "late"}}},
		{.n = 2, .part = {{0, "a"}, {100, "b"}}},
		{.n = 2, .part = {{0, "a"}, {0, "b"}}},
		{.n = 3, .part = {{0, "a"}, {2 * page, "b"}, {page, "c"}}},
		{.n = ARENA_PARTS + 1, .part = {{0, "a"}}},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct arena a;

		refusal(-EINVAL, arena_open_parts, &a, 9 * page, PAGE_4K, NODE_ANY, &bad[i]);
		cr_assert_null(a.base);
	}
}

Test(regions_named, large_pages_have_names_as_small_ones)
{
	size_t page = memory_page_size(PAGE_THP);
	const struct arena_parts parts = {.n = 2, .part = {{0, "first"}, {page, "second"}}};
	struct vrb_err err = {""};
	freed_by(arena_close) struct arena a;

	cr_assert_eq(arena_open_parts(&a, 2 * page, PAGE_THP, NODE_ANY, &parts, &err), 0, "%s",
		     err.msg);
	cr_assert_eq((uintptr_t)a.base % page, 0U);
	cr_maps(&a, 0, "first");
	cr_maps(&a, page, "second");
	if (a.obtained != PAGE_THP || a.obtained_share < 1)
		expect_in(err.msg, "shmem_enabled");
}

/* ---- an engine's region ---- */

Test(regions_named, an_engine_names_its_region)
{
	struct ring_conf ring = ring_of("baseline", DIR_RX, 256, ALIGN_LEGACY);
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .simd = SIMD_SCALAR,
				   .max_ring = 256,
				   .max_burst = 32};
	struct ring_layout layout;
	freed_by(close_engine) struct engine *e = NULL;
	struct sample sample;

	if (memory_page_size(PAGE_4K) != PAGE)
		cr_skip_test("pages are not 4096 bytes here");
	ring_layout(&ring, &layout);
	conf.arena_size = layout.size;
	ring_parts(&ring, 1, PAGE, &conf.parts);
	must(engine_open, &e, &engine_one_core, &conf);
	cr_maps(engine_arena(e), layout.desc, "vring-desc");
	cr_maps(engine_arena(e), layout.avail, "vring-avail");
	cr_maps(engine_arena(e), layout.used, "vring-used");
	cr_maps(engine_arena(e), 3 * PAGE, "payload");
	must_run(e, &ring, 10000, SIMD_SCALAR, &sample);
}
