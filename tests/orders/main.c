/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders - explore the orderings of the rings: ../orders.h.
 *
 *   orders --table         the table of docs/robustness.md
 *   orders --shortest      of each weakened ordering the shortest execution that goes wrong
 *   orders --stale N       all executions of each case with up to N stale loads
 *   orders --early N       the same, of which some return what is stored later
 */
#include "../orders.h"

#include "vrb.h"

#include <stdlib.h>
#include <string.h>

static int explore_all(unsigned stale, bool early)
{
	unsigned long executions = 0, states = 0;
	const uint64_t start = now_ns();
	int bad = 0;

	for_each (c, order_cases, order_cases_n) {
		const struct order_search limits = {
			.budget = stale, .races = true, .promises = early};
		struct order_found found;
		char text[128];

		order_explore(c, &limits, &found, stdout);
		printf("%-60s %8lu executions, %8lu pasts, %6lu early%s%s\n",
		       order_case_text(c, text, sizeof(text)), found.executions, found.states,
		       found.promises, found.verdict == ORDER_RIGHT ? "" : ": ", found.what);
		executions += found.executions;
		states += found.states;
		bad += found.verdict != ORDER_RIGHT;
	}
	printf("up to %u stale loads: %u cases, %d wrong, %lu executions, %lu pasts, %.1f s\n",
	       stale, order_cases_n, bad, executions, states, (double)(now_ns() - start) / 1e9);
	return bad ? EXIT_INVALID : EXIT_DONE;
}

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long stale;

	if (argc == 2 && !strcmp(argv[1], "--table")) {
		order_table(stdout, NULL);
		return EXIT_DONE;
	}
	if (argc == 2 && !strcmp(argv[1], "--shortest")) {
		order_table(NULL, stdout);
		return EXIT_DONE;
	}
	if (argc == 3 && (!strcmp(argv[1], "--stale") || !strcmp(argv[1], "--early"))) {
		stale = strtoul(argv[2], &end, 10);
		if (*argv[2] && !*end && stale <= ORDER_STALE_MAX)
			return explore_all((unsigned)stale, !strcmp(argv[1], "--early"));
	}
	fprintf(stderr, "orders: --table, --shortest, --stale N or --early N, N 0 to %d\n",
		ORDER_STALE_MAX);
	return EXIT_USAGE;
}
