/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_cases.c - the rings that are explored, and what each of their orderings is for.
 */
#include "orders.h"

#include "vrb.h"

#include <string.h>

/* Ring size 2 or 4, so that places come round, and indices and wrap counters do. */
#define ROW(v, d, n, b, k, pay, first, f, ...)                                         \
	{                                                                              \
		.variant = (v), .dir = (d), .ring = (n), .burst = (b), .buffers = (k), \
		.payload = (pay), .start = (first), .full = (f), .policy = {           \
			__VA_ARGS__                                                    \
		}                                                                      \
	}
#define RX(v, n, b, k, ...) ROW(v, DIR_RX, n, b, k, 0, 65535, false, __VA_ARGS__)
#define TX(v, n, b, k, ...) ROW(v, DIR_TX, n, b, k, 0, 65535, false, __VA_ARGS__)
/* the bursts of who has packets to give are of random length, 1 to b */
#define RX_DRAWN(v, n, b, k, which)                                                       \
	{                                                                                 \
		.variant = (v), .dir = DIR_RX, .ring = (n), .burst = (b), .buffers = (k), \
		.payload = 8, .least = 1, .seed = (which)                                 \
	}
#define TX_DRAWN(v, n, b, k, which)                                                       \
	{                                                                                 \
		.variant = (v), .dir = DIR_TX, .ring = (n), .burst = (b), .buffers = (k), \
		.payload = 8, .least = 1, .seed = (which), .policy = {                    \
			NO_HEADER                                                         \
		}                                                                         \
	}
/* a payload, headers, all words folded */
#define RX_DATA(v, n, b, k, ...) ROW(v, DIR_RX, n, b, k, 8, 65534, true, __VA_ARGS__)
#define TX_DATA(v, n, b, k, ...) ROW(v, DIR_TX, n, b, k, 8, 65534, true, __VA_ARGS__)
#define EACH_PUBLISHED		 .publish = PUBLISH_BUFFER, .device_publish = PUBLISH_BUFFER
#define NO_HEADER		 .tx_header = TX_HEADER_NONE
#define RETURNED_EARLY(share)	 .device_order = ORDER_EARLY, .early_share = (share)
#define DECIDED_LATE		 .notify_late = true
#define NOTIFY(how, when)	 .notify = (how), .notify_arm = (when), .sleep = SLEEP_BOTH
#define CALLS(how)		 .notify = (how), .notify_way = NOTIFY_CALL, .sleep = SLEEP_DRIVER

const struct order_case order_cases[] = {
	RX("baseline", 2, 1, 3, .free_list = FREE_FIFO),
	RX_DATA("baseline", 2, 2, 3, .free_list = FREE_LIFO),
	TX("baseline", 2, 1, 3, NO_HEADER),
	TX_DATA("baseline", 2, 2, 3, .tx_header = TX_HEADER_ANY_LAYOUT),
	TX_DATA("baseline", 4, 2, 3, .tx_header = TX_HEADER_CHAINED,
		.header_write = HEADER_PER_SLOT),
	TX_DATA("baseline", 2, 1, 3, .tx_header = TX_HEADER_INDIRECT),
	TX("baseline", 2, 2, 3, NO_HEADER, EACH_PUBLISHED),
	RX_DATA("baseline", 2, 2, 3, RETURNED_EARLY(0.5)),
	RX("shadow-avail", 2, 1, 4, .free_list = FREE_FIFO),
	TX("shadow-avail", 2, 2, 4, NO_HEADER),
	RX("fixed-layout", 2, 2, 3, .used_read = USED_READ_LEN),
	TX("fixed-layout", 2, 1, 3, NO_HEADER),
	TX("fixed-layout", 2, 2, 3, NO_HEADER, .device_avail = AVAIL_READ_NONE),
	RX("in-order", 2, 2, 3, .device_avail = AVAIL_READ_NONE),
	RX_DATA("in-order", 2, 1, 3, EACH_PUBLISHED),
	TX("in-order", 2, 2, 3, NO_HEADER),
	TX("in-order", 2, 1, 3, NO_HEADER, .used_read = USED_READ_ID_LEN),
	RX("packed", 2, 1, 3, .free_list = FREE_FIFO),
	RX_DATA("packed", 2, 2, 3, .free_list = FREE_LIFO),
	TX("packed", 2, 1, 3, NO_HEADER),
	TX("packed", 2, 2, 4, NO_HEADER),
	TX_DATA("packed", 4, 2, 3, .tx_header = TX_HEADER_CHAINED),
	TX_DATA("packed", 2, 1, 3, .tx_header = TX_HEADER_INDIRECT),
	RX("packed", 2, 2, 3, EACH_PUBLISHED),
	RX("packed+in-order", 2, 2, 3, .rx_room = 0),
	TX("packed+in-order", 2, 2, 4, NO_HEADER),
	TX_DATA("packed+in-order", 2, 1, 3, NO_HEADER),
	RX("packed+vectorized", 4, 4, 5, .device_publish = PUBLISH_BUFFER),
	ROW("packed+vectorized", DIR_RX, 4, 4, 4, 8, 0, false, .rx_room = 0),
	RX_DRAWN("packed+vectorized", 4, 4, 4, 1),
	RX_DRAWN("packed+vectorized", 4, 4, 4, 3),
	RX_DRAWN("packed+vectorized", 4, 4, 4, 7),
	RX_DRAWN("packed+vectorized", 4, 4, 4, 5),
	RX_DRAWN("packed+vectorized", 4, 4, 4, 6),
	TX("packed+vectorized", 4, 4, 5, NO_HEADER, .device_publish = PUBLISH_BUFFER, .clean = 4),
	ROW("packed+vectorized", DIR_TX, 4, 4, 4, 0, 0, false, NO_HEADER, .clean = 4),
	RX("packed+vectorized+in-order", 4, 4, 5, .rx_room = 0),
	RX("spsc", 2, 1, 3, .publish = PUBLISH_BURST),
	TX_DATA("spsc", 2, 2, 3, NO_HEADER),
	RX("lab-spsc", 2, 1, 3, .publish = PUBLISH_BURST),
	RX("lab-split", 2, 1, 3, .publish = PUBLISH_BURST),
	RX("lab-packed", 2, 2, 3, .publish = PUBLISH_BURST),
	TX("lab-packed-in-order", 2, 2, 3, NO_HEADER),
	RX("lab-cc-nic", 4, 2, 4, .publish = PUBLISH_BURST),
	RX_DATA("lab-least-rx", 4, 2, 4, .publish = PUBLISH_BURST),
	TX("lab-compact-tx", 4, 2, 5, NO_HEADER),
	TX_DRAWN("lab-compact-tx", 4, 2, 4, 1),
	TX_DRAWN("lab-compact-tx", 4, 2, 4, 3),
	ROW("lab-least-rx", DIR_RX, 4, 2, 4, 8, 0, false, .publish = PUBLISH_BURST),
	RX("baseline", 2, 1, 2, NOTIFY(NOTIFY_FLAGS, ARM_SLEEP)),
	TX("baseline", 2, 1, 2, NO_HEADER, NOTIFY(NOTIFY_FLAGS, ARM_POLL)),
	RX("baseline", 2, 1, 2, NOTIFY(NOTIFY_EVENT_IDX, ARM_POLL)),
	TX("baseline", 2, 1, 2, NO_HEADER, NOTIFY(NOTIFY_EVENT_IDX, ARM_SLEEP)),
	TX("baseline", 2, 2, 3, NO_HEADER, NOTIFY(NOTIFY_EVENT_IDX, ARM_DELAYED)),
	RX("packed", 2, 1, 2, NOTIFY(NOTIFY_FLAGS, ARM_SLEEP)),
	RX("packed", 2, 1, 2, NOTIFY(NOTIFY_DESC, ARM_SLEEP)),
	TX("packed", 2, 1, 2, NO_HEADER, NOTIFY(NOTIFY_DESC, ARM_POLL)),
	TX("packed", 2, 2, 3, NO_HEADER, NOTIFY(NOTIFY_DESC, ARM_DELAYED)),
	RX("baseline", 2, 1, 2, NOTIFY(NOTIFY_EVENT_IDX, ARM_SLEEP), .coalesce = 4),
	RX("packed", 2, 1, 2, NOTIFY(NOTIFY_DESC, ARM_SLEEP), .coalesce = 2),
	RX("baseline", 2, 1, 2, NOTIFY(NOTIFY_EVENT_IDX, ARM_SLEEP), .coalesce = 4, DECIDED_LATE),
	RX("baseline", 2, 1, 2, NOTIFY(NOTIFY_EVENT_IDX, ARM_SLEEP), DECIDED_LATE),
	RX("baseline", 2, 1, 3, CALLS(NOTIFY_EVENT_IDX), DECIDED_LATE),
	TX("baseline", 2, 1, 2, NO_HEADER, NOTIFY(NOTIFY_FLAGS, ARM_SLEEP), DECIDED_LATE),
	RX("packed", 2, 1, 2, NOTIFY(NOTIFY_DESC, ARM_SLEEP), DECIDED_LATE),
	RX("packed", 2, 1, 3, CALLS(NOTIFY_DESC), DECIDED_LATE),
	TX("packed", 2, 1, 2, NO_HEADER, NOTIFY(NOTIFY_DESC, ARM_SLEEP), DECIDED_LATE),
	/* buffers that it held back return when it finds nothing more, and it asks already */
	RX_DATA("baseline", 2, 2, 3, NOTIFY(NOTIFY_EVENT_IDX, ARM_POLL), RETURNED_EARLY(0),
		DECIDED_LATE),
	RX_DATA("packed", 2, 2, 3, NOTIFY(NOTIFY_DESC, ARM_POLL), RETURNED_EARLY(0), DECIDED_LATE),
};
const unsigned order_cases_n = ARRAY_SIZE(order_cases);

static const char *const notify_texts[] = {[NOTIFY_OFF] = "",
					   [NOTIFY_FLAGS] = ", flags",
					   [NOTIFY_EVENT_IDX] = ", event index",
					   [NOTIFY_DESC] = ", event descriptor"};

const char *order_case_text(const struct order_case *c, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s, ring of %u, %u buffers%s%s%s%s%s", c->variant,
		 c->dir == DIR_TX ? "TX" : "RX", c->ring, c->buffers,
		 c->policy.device_order == ORDER_EARLY ? ", out of order" : "",
		 notify_texts[c->policy.notify],
		 c->policy.notify_way == NOTIFY_CALL ? ", calls only" : "",
		 c->policy.coalesce ? ", coalesced" : "",
		 c->policy.notify_late ? ", decided late" : "");
	return buf;
}

/* ---- sites ---- */

const char *order_site_text(unsigned id, char *buf, size_t size)
{
	static const char *const kinds[] = {[ORDER_ACQUIRE] = "acquire",
					    [ORDER_RELEASE] = "release",
					    [ORDER_FENCE] = "full fence",
					    [ORDER_DECISION] = "late decision"};
	unsigned n, before = 0, of = 0;
	const struct order_site *sites = order_sites(&n), *site = &sites[id];

	for (unsigned i = 1; i <= n; i++) {
		if (strcmp(sites[i].function, site->function) != 0)
			continue;
		of++;
		before += sites[i].line < site->line;
	}
	if (of > 1)
		snprintf(buf, size, "%s %u of %u in `%s()`", kinds[site->kind], before + 1, of,
			 site->function);
	else
		snprintf(buf, size, "%s in `%s()`", kinds[site->kind], site->function);
	return buf;
}

/* ---- weakened ---- */

#define BUDGET_MOST 4

const uint64_t *order_met(void)
{
	static uint64_t met[ARRAY_SIZE(order_cases)];

	for (unsigned i = 0; !met[order_cases_n - 1] && i < order_cases_n; i++) {
		const struct order_search s = {.budget = 0};
		struct order_found found;

		order_explore(&order_cases[i], &s, &found, NULL);
		met[i] = found.sites;
	}
	return met;
}

/* All cases that meet the site; keeps what is shorter than what there is. Returns if there is any. */
static bool try_cases(struct order_search s, struct order_caught *out)
{
	const uint64_t *met = order_met();

	for (unsigned i = 0; i < order_cases_n; i++) {
		struct order_found found = {.verdict = ORDER_WRONG};

		while (met[i] & 1ull << s.weakened && found.verdict != ORDER_RIGHT &&
		       s.accesses != 1) {
			order_explore(&order_cases[i], &s, &found, NULL);
			out->executions += found.executions;
			if (found.verdict == ORDER_RIGHT)
				continue;
			out->in = &order_cases[i];
			out->search = s;
			out->found = found;
			s.accesses = found.accesses - 1;
		}
	}
	return out->in != NULL;
}

void order_weaken(unsigned site, bool acq_rel, struct order_caught *out)
{
	struct order_search s = {.weakened = site, .acq_rel = acq_rel, .switches = true};

	*out = (struct order_caught){.in = NULL};
	for (s.budget = 0; s.budget <= BUDGET_MOST; s.budget++) {
		if (try_cases(s, out))
			return;
	}
	s.races = true;
	for (s.budget = 0; s.budget <= BUDGET_MOST / 2; s.budget++) {
		if (try_cases(s, out))
			return;
	}
}

/* ---- the table ---- */

static void print_row(FILE *out, unsigned id, bool acq_rel, const struct order_caught *caught)
{
	const char *and = "";
	char text[128];
	unsigned n;

	order_sites(&n);
	fprintf(out, "| %s%s | ", order_site_text(id, text, sizeof(text)),
		acq_rel ? ", as one of acquire and release" : "");
	for (unsigned i = 1; i <= n; i++) {
		if (i == id || (!order_paired(id, i) && !order_paired(i, id)))
			continue;
		fprintf(out, "%s%s", and, order_site_text(i, text, sizeof(text)));
		and = "; ";
	}
	if (!caught->in) {
		fprintf(out, " | nothing that was explored | |\n");
		return;
	}
	fprintf(out, " | %s | %s; %u |\n", caught->found.what,
		order_case_text(caught->in, text, sizeof(text)), caught->found.accesses);
}

static void weaken_and_print(unsigned id, bool acq_rel, FILE *out, FILE *log)
{
	struct order_caught caught;
	char text[128];

	order_weaken(id, acq_rel, &caught);
	if (out)
		print_row(out, id, acq_rel, &caught);
	if (!log)
		return;
	fprintf(log, "%s: %lu executions; %s\n", order_site_text(id, text, sizeof(text)),
		caught.executions, caught.in ? "" : "not caught");
	if (caught.in)
		order_explore(caught.in, &caught.search, &caught.found, log);
}

void order_table(FILE *out, FILE *log)
{
	unsigned n;

	order_met();
	order_sites(&n);
	if (out)
		fprintf(out,
			"| ordering | pairs with | what goes wrong if it is weakened | where; accesses |\n"
			"|---|---|---|---|\n");
	for (unsigned id = 1; id <= n; id++) {
		weaken_and_print(id, false, out, log);
		if (order_sites(&n)[id].kind == ORDER_FENCE)
			weaken_and_print(id, true, out, log);
	}
}
