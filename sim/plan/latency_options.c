/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_options.c - the options of `latency`.
 */
#include "plan/latency_options.h"

#include "names.h"
#include "plan/options.h"

#include <errno.h>
#include <string.h>

/* Below, a side waits for so long that it counts as stalled; above is no clock to keep it by. */
#define RATE_MIN 1000u
#define RATE_MAX 100000000u

#define RATE_LEGAL "1k..100M, as in 500k,1M,4M"

/* A sample then lasts so long at the lowest rate: hours. */
#define TIMED_MAX (UINT64_C(1) << 24)

#define DEFAULT_RATE 1000000u

static int refuse_rate(const struct request *r, const char *arg, const char *item, size_t len,
		       const char *why)
{
	return vrb_fail(r->err, EINVAL, "--rate %.60s: '%.*s' %s; legal: " RATE_LEGAL, arg,
			(int)(len > 40 ? 40 : len), item, why);
}

/* "1500000", "1500k" or "2M". */
static int read_rate(const struct request *r, const char *arg, const char *item, size_t len,
		     uint32_t *out)
{
	const char unit = len ? item[len - 1] : '\0';
	const uint64_t times = unit == 'k' ? 1000 : unit == 'M' ? 1000000 : 1;
	const size_t digits = len - (times > 1);
	uint64_t v = 0;

	if (!digits || strspn(item, "0123456789") != digits)
		return refuse_rate(r, arg, item, len, "is not a whole number, k or M behind it");
	for (size_t i = 0; i < digits && v <= RATE_MAX; i++)
		v = 10 * v + (uint64_t)(item[i] - '0');
	v *= times;
	if (v < RATE_MIN || v > RATE_MAX)
		return refuse_rate(r, arg, item, len, v < RATE_MIN ? "is too low" : "is too high");
	*out = (uint32_t)v;
	return 0;
}

static int put_rates(const char *arg, struct request *r)
{
	struct plan_list *rates = &r->plan->rates;
	const char *item = arg;

	rates->n = 0;
	for (;;) {
		const size_t len = strcspn(item, ",");
		bool known = false;
		uint32_t rate = 0;
		int rc = read_rate(r, arg, item, len, &rate);

		if (rc)
			return rc;
		for (unsigned i = 0; i < rates->n; i++)
			known |= rates->v[i] == rate;
		if (!known && rates->n == PLAN_LIST_MAX)
			return vrb_fail(r->err, EINVAL,
					"--rate %.60s: too many values; legal: at most %d", arg,
					PLAN_LIST_MAX);
		if (!known)
			rates->v[rates->n++] = rate;
		if (item[len] == '\0')
			return 0;
		item += len + 1;
	}
}

static int put_loop(const char *arg, struct request *r)
{
	static const char *const names[] = {"closed", "open", "both"};
	static const unsigned bits[] = {1u << PACE_CLOSED, 1u << PACE_OPEN,
					1u << PACE_CLOSED | 1u << PACE_OPEN};
	unsigned at;
	int rc = names_choice("--loop", arg, names, ARRAY_SIZE(names), &at, r->err);

	if (!rc)
		r->plan->paces = bits[at];
	return rc;
}

int latency_option_read(int key, const char *arg, struct request *r)
{
	switch (key) {
	case KEY_LOOP:
		return put_loop(arg, r);
	case KEY_RATE:
		return put_rates(arg, r);
	case KEY_HGRM:
		if (*arg == '\0')
			return vrb_fail(r->err, EINVAL, "--hgrm '': an empty path; legal: a path");
		r->plan->hgrm_dir = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool latency_option_is(int key)
{
	return key >= KEY_LOOP && key <= KEY_HGRM;
}

int latency_options_finish(struct request *r)
{
	struct plan *p = r->plan;

	if (!r->command->times)
		return 0;
	if (!p->paces)
		p->paces = 1u << PACE_CLOSED | 1u << PACE_OPEN;
	if (!(p->paces & 1u << PACE_OPEN) && p->rates.n)
		return vrb_fail(r->err, EINVAL,
				"--rate: --loop closed has no rate; legal: without --rate");
	if (p->paces & 1u << PACE_OPEN && !p->rates.n)
		p->rates = (struct plan_list){.v = {DEFAULT_RATE}, .n = 1};
	if (p->policy.device_order != ORDER_IN)
		return vrb_fail(
			r->err, EINVAL,
			"--device-order early: buffers are timed in the order in which they "
			"were sent; legal: in-order");
	if (p->buffers > TIMED_MAX)
		return vrb_fail(r->err, EINVAL,
				"%s %llu: too many of which each is timed; legal: 1..%llu",
				r->buffers_option, (unsigned long long)p->buffers,
				(unsigned long long)TIMED_MAX);
	/* what is done is taken back at once: else its time would end when others are done, too */
	if (!p->policy.clean)
		p->policy.clean = 1;
	return 0;
}
