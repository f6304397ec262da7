/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_orders.c - the orderings of the rings suffice, each is needed, and none is missing here: orders.h.
 */
#include "orders.h"

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

/* Those that no execution needs; the comment in the source says why they stay. */
static bool stays(const struct order_site *site)
{
	return !strcmp(site->function, "notify_flags");
}

Test(orders, each_is_needed)
{
	uint64_t met[ORDER_CASES_MAX];
	unsigned n;

	order_meet(met);
	order_sites(&n);
	for (unsigned id = 1; id <= n; id++) {
		const struct order_site *site = &order_sites(&n)[id];

		for (unsigned acq_rel = 0; acq_rel <= (site->kind == ORDER_FENCE); acq_rel++) {
			struct order_caught caught;
			char text[128];

			order_weaken(id, acq_rel, met, &caught);
			cr_expect_eq(!caught.in, stays(site), "%s: %s",
				     order_site_text(id, text, sizeof(text)), caught.found.what);
			cr_expect(!caught.in || caught.found.verdict == ORDER_WRONG,
				  "%s is seen as a data race only: %s",
				  order_site_text(id, text, sizeof(text)), caught.found.what);
		}
	}
}

/* Each fence is needed in each way to ask for notifications that has it. */
Test(orders, each_way_to_notify_needs_each_fence)
{
	uint64_t met[ORDER_CASES_MAX];
	unsigned n;

	order_meet(met);
	order_sites(&n);
	for (unsigned i = 0; i < order_cases_n; i++) {
		for (unsigned id = 1; id <= n; id++) {
			struct order_search s = {.weakened = id, .budget = 3, .switches = true};
			struct order_found found;
			char text[128], where[128];

			if (order_sites(&n)[id].kind != ORDER_FENCE || !(met[i] & 1ull << id))
				continue;
			order_explore(&order_cases[i], &s, &found, NULL);
			cr_expect_eq(found.verdict, ORDER_WRONG, "%s: %s",
				     order_case_text(&order_cases[i], where, sizeof(where)),
				     order_site_text(id, text, sizeof(text)));
		}
	}
}

/* ---- the source ---- */

static bool is_met(const char *file, int line)
{
	unsigned n;
	const struct order_site *sites = order_sites(&n);

	for (unsigned i = 1; i <= n; i++) {
		if (sites[i].line == line && strstr(file, sites[i].file))
			return true;
	}
	return false;
}

/* Every use of a verb that orders is a site that some case met. */
Test(orders, none_of_the_source_is_missing)
{
	static const char verbs[] = "shm_load_acq(\\|shm_store_rel(\\|shm_fence_full(";
	uint64_t met[ORDER_CASES_MAX];
	char command[512], line[512];
	unsigned found = 0, n;
	FILE *lines;

	order_meet(met);
	snprintf(
		command, sizeof(command),
		"cd '%s' && grep -n '%s' sim/ring/*.[ch] workloads/*.h | grep -v 'access.h:\\|: \\*'",
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
	cr_expect_eq(found, n);
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
