/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_orders.c - the orderings of the rings suffice, each is needed, and none is missing here: orders.h.
 */
#include "orders_memory.h"

#include "expect.h"
#include "spawned.h"

/* All executions of each case with up to so many stale loads: `make robust` allows more. */
#define STALE 2

Test(orders, suffice)
{
	unsigned long executions = 0;

	for_each (c, order_cases, order_cases_n) {
		const struct order_search limits = {.budget = STALE, .races = true};
		struct order_found found;
		char text[128];

		order_explore(c, &limits, &found, stderr);
		cr_expect_eq(found.verdict, ORDER_RIGHT, "%s: %s",
			     order_case_text(c, text, sizeof(text)), found.what);
		executions += found.executions;
	}
	cr_expect_gt(executions, 10000);
}

/* And if a relaxed load may return what is stored later: load buffering. */
Test(orders, suffice_though_loads_return_what_is_stored_later)
{
	unsigned long early = 0;

	for_each (c, order_cases, order_cases_n) {
		const struct order_search limits = {.budget = 1, .races = true, .promises = true};
		struct order_found found;
		char text[128];

		order_explore(c, &limits, &found, stderr);
		cr_expect_eq(found.verdict, ORDER_RIGHT, "%s: %s",
			     order_case_text(c, text, sizeof(text)), found.what);
		early += found.promises;
	}
	cr_expect_gt(early, 1000);
}

/* ---- load buffering, by itself ---- */

#define X 0
#define Y 8

static unsigned newest_of(unsigned n)
{
	(void)n;
	return 0;
}

/* What comes later, if that is known. */
static unsigned last_of(unsigned n)
{
	return n - 1;
}

/* Each side loads what the other one stores after its own load, and both see it? */
static bool buffers(struct memory *m, enum order_kind load, enum order_kind store, bool fences)
{
	const unsigned site = 1;

	/* in a first execution it is learnt what may be stored */
	for (unsigned pass = 0; pass < 2; pass++) {
		static const uint8_t region[16];
		uint64_t seen[ORDER_SIDES];
		bool stale;

		m->promising = true;
		memory_begin(m, region, sizeof(region));
		for (unsigned side = 0; side < ORDER_SIDES; side++) {
			const struct access l = {side, side ? Y : X, CELL, load, site};
			const struct access s = {side, side ? X : Y, CELL, store, site};

			seen[side] = memory_load(m, &l, side ? newest_of : last_of, &stale);
			if (fences)
				memory_fence(m, side, site, true);
			memory_store(m, &s, 1);
		}
		if (pass)
			return seen[0] == 1 && seen[1] == 1 && !m->promises && !m->broken;
	}
	return false;
}

Test(orders, load_buffering_is_seen_unless_something_orders_it)
{
	static struct memory m;
	static const struct {
		enum order_kind load, store;
		bool fences, seen;
	} cases[] = {
		{ORDER_RELAXED, ORDER_RELAXED, false, true},
		{ORDER_RELAXED, ORDER_RELEASE, false, true}, /* nobody acquires */
		{ORDER_ACQUIRE, ORDER_RELEASE, false, false},
		{ORDER_RELAXED, ORDER_RELAXED, true, false},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		memset(&m, 0, sizeof(m));
		cr_expect_eq(buffers(&m, c->load, c->store, c->fences), c->seen, "case %zu",
			     (size_t)(c - cases));
	}
}

/* Those that no execution needs; the comment in the source says why they stay. */
static bool stays(const struct order_site *site)
{
	return !strcmp(site->function, "notify_flags");
}

Test(orders, each_is_needed)
{
	unsigned n;

	order_met();
	order_sites(&n);
	for (unsigned id = 1; id <= n; id++) {
		const struct order_site *site = &order_sites(&n)[id];

		for (unsigned acq_rel = 0; acq_rel <= (site->kind == ORDER_FENCE); acq_rel++) {
			struct order_caught caught;
			char text[128];

			order_weaken(id, acq_rel, &caught);
			cr_expect_eq(!caught.in, stays(site), "%s: %s",
				     order_site_text(id, text, sizeof(text)), caught.found.what);
			cr_expect(!caught.in || caught.found.verdict == ORDER_WRONG,
				  "%s is seen as a data race only: %s",
				  order_site_text(id, text, sizeof(text)), caught.found.what);
		}
	}
}

/* Of the sites of a kind that a case meets, those without which it goes wrong: bit id. */
static uint64_t needed(unsigned at, enum order_kind kind, uint64_t *met)
{
	uint64_t wrong = 0;
	unsigned n;

	*met = 0;
	order_sites(&n);
	for (unsigned id = 1; id <= n; id++) {
		const struct order_search s = {.weakened = id, .budget = 3, .switches = true};
		struct order_found found;

		if (order_sites(&n)[id].kind != kind || !(order_met()[at] & 1ull << id))
			continue;
		order_explore(&order_cases[at], &s, &found, NULL);
		*met |= 1ull << id;
		wrong |= found.verdict == ORDER_WRONG ? 1ull << id : 0;
	}
	return wrong;
}

/* Each fence is needed in each way to ask for notifications that has it. */
Test(orders, each_way_to_notify_needs_each_fence)
{
	for (unsigned i = 0; i < order_cases_n; i++) {
		uint64_t met;
		char where[128];

		cr_expect_eq(needed(i, ORDER_FENCE, &met), met, "%s",
			     order_case_text(&order_cases[i], where, sizeof(where)));
	}
}

/* A side that decides late and forgets it once leaves somebody waiting, with either ring. */
Test(orders, split_and_packed_need_each_late_decision)
{
	uint64_t met[2] = {0}, wrong[2] = {0};

	for (unsigned i = 0; i < order_cases_n; i++) {
		const unsigned packed = strstr(order_cases[i].variant, "packed") != NULL;
		uint64_t here;

		wrong[packed] |= needed(i, ORDER_DECISION, &here);
		met[packed] |= here;
	}
	cr_expect_eq(wrong[0], met[0]);
	cr_expect_eq(wrong[1], met[0]);
}

/* ---- the source ---- */

static bool is_met(const char *file, int line)
{
	unsigned n;
	const struct order_site *sites = order_sites(&n);

	for (unsigned i = 1; i <= n; i++) {
		if (sites[i].line == line && strstr(sites[i].file, file))
			return true;
	}
	return false;
}

/*
 * Every use of a verb that orders, and each late decision, is a site that some case met; but for the blocks of
 * lab and for recordings, which are not explored.
 */
Test(orders, none_of_the_source_is_missing)
{
	static const char verbs[] =
		"shm_load_acq(\\|shm_store_rel(\\|shm_fence_full(\\|_settle([dv])";
	char command[512], line[512];
	unsigned found = 0, n;
	FILE *lines;

	order_met();
	snprintf(
		command, sizeof(command),
		"cd '%s' && grep -n '%s' sim/ring/*.[ch] workloads/*.h | grep -v 'access.h:\\|replay.h:\\|: \\*'",
		spawn_root(), verbs);
	lines = popen(command, "r");
	cr_assert_not_null(lines);
	while (fgets(line, sizeof(line), lines)) {
		char *colon = strchr(line, ':');

		cr_assert_not_null(colon, "%s", line);
		*colon = 0;
		found++;
		cr_expect(is_met(line, atoi(colon + 1)), "%s:%s", line, colon + 1);
	}
	cr_expect_eq(pclose(lines), 0);
	order_sites(&n);
	cr_expect_eq(found, n, "%u in the source, %u met", found, n);
}

/* `make orders-table` puts it there. */
Test(orders, the_page_has_the_table)
{
	freed_by(free_text) char *table = NULL;
	static char page[1 << 18];
	char path[512];
	size_t size = 0;
	FILE *f = open_memstream(&table, &size);

	cr_assert_not_null(f);
	order_table(f, NULL);
	fclose(f);
	snprintf(path, sizeof(path), "%s/docs/robustness.md", spawn_root());
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	cr_assert_lt(fread(page, 1, sizeof(page), f), sizeof(page));
	fclose(f);
	cr_expect(strstr(page, table), "make orders-table: the table is\n%.8000s", table);
}
