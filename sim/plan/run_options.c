/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run_options.c - the options of `run`: what there is, and what each alone may be.
 */
#include "plan/args.h"
#include "plan/count_options.h"
#include "plan/latency_options.h"
#include "plan/model_options.h"
#include "plan/options.h"
#include "plan/ranges.h"
#include "plan/request.h"
#include "plan/run_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define GROUP(n, title)                    \
	{                                  \
		NULL, 0, NULL, 0, title, n \
	}

static const struct argp_option options[] = {
	GROUP(1, "What is compared (LIST: a,b,c or min:step:max or min:*k:max, joined by commas):"),
	{"over", KEY_OVER, "NAME=LIST", 0,
	 "An option of this group or the next and its values, as burst=1:*2:64 or poll=spin,pause: "
	 "each is a point, and the first is what the others are compared with",
	 1},
	{"by", KEY_BY, "NAME=LIST", 0, "Another one: every value of --over at each of its values",
	 1},
	{"variant", KEY_VARIANT, "LIST", 0,
	 "Names of `vringbench list`, joined by + for a combination; all: every single "
	 "optimization; combinations: those, too; everything: yardsticks, too; list: print them. Baseline "
	 "is always there (default: all)",
	 1},
	{"only", KEY_ONLY, NULL, 0,
	 "The variants named and nothing else: no baseline, no null row, so no ratios", 1},
	{"direction", KEY_DIRECTION, "rx|tx|both", 0, "Default: both", 1},
	{"ring-size", KEY_RING_SIZE, "LIST", 0, "Entries, powers of two 2..32768 (default: 256)",
	 1},
	{"burst", KEY_BURST, "LIST", 0,
	 "Buffers between two looks at an index, 1..ring size (default: 32, or the smallest ring)",
	 1},
	{"payload", KEY_PAYLOAD, "LIST", 0,
	 "Bytes written and read in each buffer, 0..9000; 0: the ring alone (default: 0)", 1},
	GROUP(2, "What is held the same, and recorded:"),
	{"free-list", KEY_FREE_LIST, "fifo|lifo", 0,
	 "Where a descriptor returns to: the tail (DPDK) or the head (Linux) (default: fifo)", 2},
	{"publish", KEY_PUBLISH, "burst|buffer", 0,
	 "Store avail->idx once a burst or after each buffer (default: burst)", 2},
	{"tx-header", KEY_TX_HEADER, "LAYOUT", 0,
	 "TX: chained, a descriptor for the header before that of the data; any-layout, one for "
	 "both, the header before the data in the buffer; indirect, one that points to a table of "
	 "the two; none, no header (default: chained)",
	 2},
	{"header-write", KEY_HEADER_WRITE, "WHO", 0,
	 "TX headers: shared, one constant header for all packets; per-slot, one a head beside the "
	 "ring, written for each packet; in-buffer, before the packet in its buffer, written for "
	 "each; in-buffer-if-changed, read there and written if it differs (default: shared; with "
	 "any-layout in-buffer)",
	 2},
	{"used-read", KEY_USED_READ, "WHAT", 0,
	 "What the driver reads of used elements: id+len, len, or idx-only, nothing (default: what "
	 "each variant needs)",
	 2},
	{"device-avail", KEY_DEVICE_AVAIL, "entries|in-order", 0,
	 "The device reads avail->ring[], or knows the heads of a driver that uses ring order "
	 "(default: entries)",
	 2},
	{"device-publish", KEY_DEVICE_PUBLISH, "burst|buffer", 0,
	 "Store used->idx once a burst or after each buffer, which is then a batch of its own "
	 "(default: burst)",
	 2},
	{"device-order", KEY_DEVICE_ORDER, "ORDER", 0,
	 "in-order, or early:SHARE:SEED, a seeded SHARE (0..1) of the buffers is returned early "
	 "(default: in-order)",
	 2},
	{"poll", KEY_POLL, "spin|pause|backoff", 0,
	 "After an empty look: look again at once; pause first; pause 1, 2, 4 .. 64 times first "
	 "(default: spin)",
	 2},
	{"outstanding", KEY_OUTSTANDING, "N", 0,
	 "Most buffers in the ring at once, 1..ring size (default: as many as fit)", 2},
	{"clean-threshold", KEY_CLEAN, "N", 0,
	 "TX: take buffers back when so many are done, 1..ring size (default: 32, or half of what "
	 "fits)",
	 2},
	{"rx-room", KEY_RX_ROOM, "N", 0,
	 "RX: bytes that a buffer is larger than its packet, 0..9000 (default: 0, full buffers)",
	 2},
	{"rx-buffer", KEY_RX_BUFFER, "BYTES", 0,
	 "RX: buffers of so many bytes, 16..9012, of which a packet takes as many as it needs; 0: "
	 "a packet each (default: 0)",
	 2},
	{"work-driver", KEY_WORK_DRIVER, "CYCLES", 0,
	 "Work of the driver's application on each packet, 0..1000000 (default: 0)", 2},
	{"work-device", KEY_WORK_DEVICE, "CYCLES", 0,
	 "The same on the device's side, 0..1000000 (default: 0)", 2},
	{"pressure", KEY_PRESSURE, "KIB", 0,
	 "Memory of its own that each side reads for each burst, 0..65536 (default: 0)", 2},
	{"align", KEY_ALIGN, "4096|64|packed", 0,
	 "Border on which the used ring begins (default: 64)", 2},
	{"start-index", KEY_START_INDEX, "N", 0,
	 "First value of the ring's indices, 0..65535 (default: 0)", 2},
	{"simd", KEY_SIMD, "PATH", 0,
	 "Vector path: auto, scalar, sse, avx2, avx512 (default: auto, the widest there is)", 2},
	{"inject", KEY_INJECT, "FAULT:K", 0,
	 "lose:K, corrupt:K or duplicate:K: the device mishandles buffer K of each sample, to "
	 "show that the integrity check sees it",
	 2},
	GROUP(3, "Where it runs:"),
	{"engine", KEY_ENGINE, "ENGINE", 0,
	 "native: two pinned threads; one-core: both sides in turns on one thread; model: on a "
	 "model of the caches, which counts line transfers (default: native)",
	 3},
	{"cpus", KEY_CPUS, "D,E", 0, "CPU of the driver, CPU of the device", 3},
	{"pair", KEY_PAIR, "RELATION", 0,
	 "Choose two CPUs that are smt, llc, package or numa to each other (default: the first "
	 "there is of llc, package, numa, smt)",
	 3},
	{"mem-node", KEY_MEM_NODE, "NODE", 0,
	 "Node of the shared memory: driver, device or a number (default: not bound)", 3},
	{"pages", KEY_PAGES, "4k|thp|huge", 0, "Pages of the shared memory (default: 4k)", 3},
	MODEL_OPTIONS(4),
	GROUP(5, "How much is measured:"),
	{"quick", KEY_QUICK, NULL, 0,
	 "2 launches of 12 rounds, samples of 10 ms, at most 4.5 s (ablate: 3 of 25, 8 ms, 16 s)",
	 5},
	{"full", KEY_FULL, NULL, 0,
	 "5 launches of 30 rounds, samples of 20 ms (ablate: of 60, 15 ms, 165 s)", 5},
	{"rounds", KEY_ROUNDS, "N", 0,
	 "Rounds in each launch, 1..100000 (default: 15; ablate: as --full)", 5},
	{"launches", KEY_LAUNCHES, "N", 0, "Fresh processes, 1..1000 (default: 3; ablate: 5)", 5},
	{"sample-ms", KEY_SAMPLE_MS, "X", 0, "Length to size samples for, 0.1..1000 (default: 15)",
	 5},
	{"time-limit", KEY_TIME_LIMIT, "SECONDS", 0,
	 "Begin no round after it, 0.1..86400 (default: none; ablate: as --full)", 5},
	{"buffers", KEY_BUFFERS, "N", 0,
	 "Buffers in each sample, 1..2^40 (default: sized for --sample-ms)", 5},
	{"seed", KEY_SEED, "N", 0, "Of the order of cells, 0..2^64-1 (default: 1)", 5},
	{"margin", KEY_MARGIN, "PERCENT", 0,
	 "How far the null row may be from 1 before nothing is ranked, 0.1..50 (default: 3)", 5},
	COUNT_OPTIONS(6),
	LATENCY_OPTIONS(7),
	GROUP(8, "What comes out:"),
	{"format", KEY_FORMAT, "table|tsv|json", 0, "On stdout (default: table)", 8},
	{"json", KEY_JSON, "FILE", 0, "The session file (default: a new name below --results)", 8},
	{"results", KEY_RESULTS, "DIR", 0, "Where session files go (default: results/sessions)", 8},
	{"plots", KEY_PLOTS, "DIR", 0, "Draw the session there with gnuplot (default: do not)", 8},
	{"question", KEY_QUESTION, "TEXT", 0,
	 "What the session is to answer, for the record; at most 300 characters", 8},
	{"against", KEY_AGAINST, "SESSION", 0,
	 "A session of the native engine: its figures stand beside the predictions, with the errors",
	 8},
	GROUP(9, "As ringtest calls them:"),
	{"guest-affinity", KEY_GUEST_AFFINITY, "CPU", 0, "The driver's CPU, with --host-affinity",
	 9},
	{"host-affinity", KEY_HOST_AFFINITY, "CPU", 0, "The device's CPU, with --guest-affinity",
	 9},
	{"run-cycles", KEY_RUN_CYCLES, "N", 0, "As --buffers", 9},
	{"batch", KEY_BATCH, "N", 0, "As --burst", 9},
	{"relax", KEY_RELAX, NULL, 0, "As --poll pause", 9},
	ARGS_COMMON,
	{0},
};

static int put_direction(const char *arg, struct plan *p, struct vrb_err *err)
{
	static const char *const names[] = {"rx", "tx", "both"};
	static const unsigned bits[] = {1u << DIR_RX, 1u << DIR_TX, 1u << DIR_RX | 1u << DIR_TX};
	unsigned at;
	int rc = names_choice("--direction", arg, names, ARRAY_SIZE(names), &at, err);

	if (!rc)
		p->directions = bits[at];
	return rc;
}

/* in-order, or early:SHARE:SEED. */
static int put_device_order(const char *arg, struct ring_policy *policy, struct vrb_err *err)
{
	const char *legal = "in-order, or early:SHARE:SEED with SHARE 0..1 and SEED a whole number";
	char share[32];
	const char *colon;

	if (strcmp(arg, "in-order") == 0) {
		policy->device_order = ORDER_IN;
		return 0;
	}
	if (strncmp(arg, "early:", 6) != 0)
		return vrb_fail(err, EINVAL, "unknown value for --device-order '%.60s'; legal: %s",
				arg, legal);
	colon = strchr(arg + 6, ':');
	if (!colon || colon - (arg + 6) >= (int)sizeof(share))
		return vrb_fail(err, EINVAL, "--device-order %.60s: not SHARE:SEED; legal: %s", arg,
				legal);
	memcpy(share, arg + 6, (size_t)(colon - (arg + 6)));
	share[colon - (arg + 6)] = '\0';
	policy->device_order = ORDER_EARLY;
	if (ranges_real("SHARE", share, 0, 1, &policy->early_share, NULL))
		return vrb_fail(err, EINVAL,
				"--device-order %.60s: SHARE '%s' is not in 0..1; legal: %s", arg,
				share, legal);
	if (ranges_u64("SEED", colon + 1, 0, UINT64_MAX, &policy->early_seed, NULL))
		return vrb_fail(err, EINVAL,
				"--device-order %.60s: SEED '%.40s' is not in 0..%" PRIu64
				"; legal: %s",
				arg, colon + 1, UINT64_MAX, legal);
	return 0;
}

/* FAULT:K. */
static int put_inject(const char *arg, struct ring_policy *policy, struct vrb_err *err)
{
	const char *colon = strchr(arg, ':');
	size_t len = colon ? (size_t)(colon - arg) : 0;
	const char *legal = "lose:K, corrupt:K or duplicate:K with K a buffer's number from 0";

	for (unsigned f = FAULT_NONE + 1; f < FAULT_KINDS; f++) {
		const char *name = fault_name((enum fault)f);

		if (!colon || strlen(name) != len || strncmp(arg, name, len) != 0)
			continue;
		policy->fault = (enum fault)f;
		if (ranges_u64("K", colon + 1, 0, BUFFERS_MAX - 1, &policy->fault_at, NULL))
			return vrb_fail(err, EINVAL,
					"--inject %.60s: K is not in 0..%" PRIu64 "; legal: %s",
					arg, BUFFERS_MAX - 1, legal);
		return 0;
	}
	return vrb_fail(err, EINVAL, "unknown value for --inject '%.60s'; legal: %s", arg, legal);
}

/* 0, or room for a header and something of a packet. */
static int put_rx_buffer(const char *arg, struct ring_policy *policy, struct vrb_err *err)
{
	unsigned v;

	if (run_put_unsigned("--rx-buffer", arg, 0, NET_HDR_LEN + PAYLOAD_MAX, &v, NULL) ||
	    (v && v < RX_BUFFER_MIN))
		return vrb_fail(err, EINVAL, "--rx-buffer %.60s: legal: 0, or %d..%d", arg,
				RX_BUFFER_MIN, NET_HDR_LEN + PAYLOAD_MAX);
	policy->rx_buffer = v;
	return 0;
}

static int put_simd(const char *arg, struct request *r)
{
	r->simd = arg;
	return PUT_NAMED("--simd", arg, SIMD_AUTO + 1, simd_name, enum simd, &r->simd_want, r->err);
}

/* What is compared. */
static int read_what(int key, const char *arg, struct request *r)
{
	const struct range_rule ring = {"--ring-size", RING_SIZE_MIN, RING_SIZE_MAX, true,
					"2, 4, 8 ... 32768"};
	const struct range_rule burst = {key == KEY_BATCH ? "--batch" : "--burst", 1, RING_SIZE_MAX,
					 false, "1..the ring size"};
	const struct range_rule payload = {"--payload", 0, PAYLOAD_MAX, false, "0..9000"};
	struct plan *p = r->plan;

	switch (key) {
	case KEY_OVER:
		r->over = arg;
		return 0;
	case KEY_BY:
		r->by = arg;
		return 0;
	case KEY_VARIANT:
		r->variants = arg;
		r->list = strcmp(arg, "list") == 0;
		return 0;
	case KEY_ONLY:
		p->only = true;
		return 0;
	case KEY_DIRECTION:
		return put_direction(arg, p, r->err);
	case KEY_RING_SIZE:
		return ranges_list(&ring, arg, &p->ring_sizes, r->err);
	case KEY_BURST:
	case KEY_BATCH:
		r->burst_option = burst.option;
		return ranges_list(&burst, arg, &p->bursts, r->err);
	case KEY_PAYLOAD:
		return ranges_list(&payload, arg, &p->payloads, r->err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is held the same. */
static int read_policy(int key, const char *arg, struct request *r)
{
	struct ring_policy *policy = &r->plan->policy;
	struct vrb_err *err = r->err;
	unsigned v;
	int rc;

	switch (key) {
	case KEY_FREE_LIST:
		return PUT_NAMED("--free-list", arg, FREE_LIST_KINDS, free_list_name,
				 enum free_list, &policy->free_list, err);
	case KEY_PUBLISH:
		return PUT_NAMED("--publish", arg, PUBLISH_KINDS, publish_name, enum publish,
				 &policy->publish, err);
	case KEY_TX_HEADER:
		return PUT_NAMED("--tx-header", arg, TX_HEADER_KINDS, tx_header_name,
				 enum tx_header, &policy->tx_header, err);
	case KEY_HEADER_WRITE:
		return PUT_NAMED("--header-write", arg, HEADER_WRITE_KINDS, header_write_name,
				 enum header_write, &policy->header_write, err);
	case KEY_USED_READ:
		return PUT_NAMED("--used-read", arg, USED_READ_KINDS, used_read_name,
				 enum used_read, &policy->used_read, err);
	case KEY_DEVICE_AVAIL:
		return PUT_NAMED("--device-avail", arg, DEVICE_AVAIL_KINDS, device_avail_name,
				 enum device_avail, &policy->device_avail, err);
	case KEY_DEVICE_PUBLISH:
		return PUT_NAMED("--device-publish", arg, PUBLISH_KINDS, publish_name, enum publish,
				 &policy->device_publish, err);
	case KEY_DEVICE_ORDER:
		return put_device_order(arg, policy, err);
	case KEY_POLL:
		return PUT_NAMED("--poll", arg, POLL_KINDS, poll_name, enum poll, &policy->poll,
				 err);
	case KEY_RELAX:
		policy->poll = POLL_PAUSE;
		return 0;
	case KEY_OUTSTANDING:
		return run_put_unsigned("--outstanding", arg, 1, RING_SIZE_MAX,
					&policy->outstanding, err);
	case KEY_CLEAN:
		return run_put_unsigned("--clean-threshold", arg, 1, RING_SIZE_MAX, &policy->clean,
					err);
	case KEY_RX_ROOM:
		return run_put_unsigned("--rx-room", arg, 0, PAYLOAD_MAX, &policy->rx_room, err);
	case KEY_RX_BUFFER:
		return put_rx_buffer(arg, policy, err);
	case KEY_WORK_DRIVER:
		return run_put_unsigned("--work-driver", arg, 0, WORK_MAX, &policy->work_driver,
					err);
	case KEY_WORK_DEVICE:
		return run_put_unsigned("--work-device", arg, 0, WORK_MAX, &policy->work_device,
					err);
	case KEY_PRESSURE:
		return run_put_unsigned("--pressure", arg, 0, PRESSURE_MAX, &policy->pressure, err);
	case KEY_ALIGN:
		return PUT_NAMED("--align", arg, ALIGN_KINDS, ring_align_name, enum ring_align,
				 &r->plan->align, err);
	case KEY_START_INDEX:
		rc = run_put_unsigned("--start-index", arg, 0, UINT16_MAX, &v, err);
		if (!rc)
			r->plan->start_idx = (uint16_t)v;
		return rc;
	case KEY_SIMD:
		return put_simd(arg, r);
	case KEY_INJECT:
		return put_inject(arg, policy, err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	typedef int reader_fn(int key, const char *arg, struct request *r);
	static reader_fn *const readers[] = {
		read_what,	   read_policy,		run_read_where, model_option_read,
		count_option_read, latency_option_read, run_read_rest};
	struct request *r = state->input;

	if (r->ngiven < ARRAY_SIZE(r->given))
		r->given[r->ngiven++] = key;
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		int rc = readers[i](key, arg, r);

		if (rc != ARGP_ERR_UNKNOWN)
			return rc < 0 ? -rc : rc;
	}
	return ARGP_ERR_UNKNOWN;
}

static const char doc[] =
	"Measures what a buffer costs in a virtio split ring shared by two CPUs, for several ways "
	"to handle the ring, and says which differences are real.\v"
	"--plan FILE runs the steps of a plan file, see `vringbench plan --help`; `vringbench help` "
	"lists the other commands.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed or --strict and the "
	"session was disturbed, 5 results not written, 130 interrupted.";

/* The command as typed, near enough to be typed again: words with spaces are quoted. */
static void keep_command(struct request *r, int argc, char *const *argv)
{
	struct plan *plan = r->plan;
	size_t at = 0, size = sizeof(plan->command);

	at += (size_t)snprintf(plan->command, size, "%s", r->program);
	for (int i = 1; i < argc && at < size; i++) {
		const char *word = argv[i], *quote = strchr(word, '\'') ? "\"" : "'";

		if (!word[strcspn(word, " \t\n'\"\\$*?;&|<>()`")])
			quote = "";
		at += (size_t)snprintf(plan->command + at, size - at, " %s%s%s", quote, word,
				       quote);
	}
	if (at >= size)
		memcpy(plan->command + size - 4, "...", 4);
}

/* A prediction runs each cell in its own way, with no fault in it. */
static const int not_to_predict[] = {
	KEY_CPUS,	    KEY_PAIR,	       KEY_MEM_NODE, KEY_PAGES, KEY_INJECT,
	KEY_GUEST_AFFINITY, KEY_HOST_AFFINITY, KEY_QUICK,    KEY_FULL,	KEY_ROUNDS,
	KEY_LAUNCHES,	    KEY_SAMPLE_MS,     KEY_MARGIN,   KEY_MODE,	KEY_BOUND,
	KEY_TIME_LIMIT,	    KEY_RANDOM_BURSTS, KEY_TRACE,    KEY_ONLY,
};

static bool takes(const struct run_command *command, int key)
{
	if (count_option_is(key) && !command->counts)
		return false;
	if (latency_option_is(key) && !command->times)
		return false;
	if (key == KEY_OVER || key == KEY_BY)
		return command->sweeps;
	if (!command->predicts)
		return key != KEY_AGAINST;
	for (size_t i = 0; i < ARRAY_SIZE(not_to_predict); i++) {
		if (key == not_to_predict[i])
			return false;
	}
	return true;
}

/* The table, without what this command does not take. */
static void own_options(const struct run_command *command, struct argp_option *own)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!takes(command, options[i].key))
			continue;
		*own = options[i];
		if (own->key == KEY_ENGINE && command->fixed_engine)
			own->flags |= OPTION_HIDDEN;
		own++;
	}
}

/* What of the first two groups is a list already, or belongs to the whole session. */
static const int not_to_sweep[] = {
	KEY_OVER, KEY_BY, KEY_VARIANT, KEY_ONLY, KEY_DIRECTION, KEY_SIMD, KEY_INJECT,
};

static bool can_be_swept(const struct argp_option *o)
{
	if (!o->name || o->group < 1 || o->group > 2)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(not_to_sweep); i++) {
		if (o->key == not_to_sweep[i])
			return false;
	}
	return true;
}

const char *run_options_swept(size_t *at, int *key)
{
	for (; *at < ARRAY_SIZE(options); (*at)++) {
		if (can_be_swept(&options[*at])) {
			*key = options[*at].key;
			return options[(*at)++].name;
		}
	}
	return NULL;
}

bool run_options_given(const struct request *r, int key)
{
	const int other = key == KEY_BURST ? KEY_BATCH : key == KEY_POLL ? KEY_RELAX : key;

	for (unsigned i = 0; i < r->ngiven; i++) {
		if (r->given[i] == key || r->given[i] == other)
			return true;
	}
	return false;
}

int run_options_read(const struct run_command *command, int argc, char **argv,
		     struct request *request, struct plan *plan, struct vrb_err *err)
{
	struct argp_option own[ARRAY_SIZE(options)];
	const struct argp argp = {
		.options = own, .parser = read_option, .doc = command->doc ? command->doc : doc};

	request_defaults(request, command, plan, err);
	own_options(command, own);
	/* `run` is what happens without a command */
	snprintf(request->program, sizeof(request->program), "vringbench%s%s",
		 strcmp(command->name, "run") ? " " : "",
		 strcmp(command->name, "run") ? command->name : "");
	keep_command(request, argc, argv);
	return args_parse(&argp, request->program, argc, argv, false, request, err);
}

int run_options_parse(const struct run_command *command, int argc, char **argv, struct plan *plan,
		      struct vrb_err *err)
{
	struct request request;
	int rc = run_options_read(command, argc, argv, &request, plan, err);

	if (rc)
		return rc;
	if (request.list) {
		list_print(stdout, plan->format);
		return ARGS_DONE;
	}
	return request_finish(&request);
}
