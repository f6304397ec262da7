/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * complete.c - a request made complete: presets, defaults, and what depends on several options.
 */
#include "plan/options.h"
#include "plan/replay.h"
#include "plan/request.h"
#include "whole_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A sample then lasts so long at the lowest rate: hours. */
#define TIMED_MAX (UINT64_C(1) << 24)

#define DEFAULT_RATE 1000000u

#define DEFAULT_RING	  256
#define DEFAULT_BURST	  32
#define DEFAULT_PAGE_SETS 4

static const struct preset_sizes presets[] = {
	[PRESET_NORMAL] = {6, 8, 15, 0},
	[PRESET_QUICK] = {4, 6, 10, 4.5},
	[PRESET_FULL] = {10, 15, 20, 0},
};

/* What a recording decides. */
static void replay_defaults(const struct replay *r, struct plan *plan)
{
	plan->policy.replay = &r->schedule;
	plan->policy.free_list = FREE_RECORDED;
	plan->policy.tx_header = r->shape;
	plan->directions = 1u << r->dir;
	plan->ring_sizes = (struct plan_list){.v = {r->head->ring_size}, .n = 1};
	plan->bursts = (struct plan_list){.v = {r->longest}, .n = 1};
	plan->start_idx = r->start;
}

void request_defaults(struct request *r, const struct run_command *command, struct plan *plan,
		      struct vrb_err *err)
{
	memset(r, 0, sizeof(*r));
	memset(plan, 0, sizeof(*plan));
	r->command = command;
	r->plan = plan;
	r->err = err;
	r->variants = command->variants ? command->variants : "all";
	r->guest = -1;
	r->host = -1;
	r->relation = REL_ANY;
	r->simd_want = SIMD_AUTO;

	plan->directions = command->directions ? command->directions : 1u << DIR_RX | 1u << DIR_TX;
	plan->policy.free_list = FREE_FIFO;
	plan->policy.publish = PUBLISH_BURST;
	plan->policy.tx_header = TX_HEADER_CHAINED;
	plan->policy.device_order = ORDER_IN;
	plan->policy.poll = POLL_SPIN;
	plan->policy.fault = FAULT_NONE;
	plan->align = ALIGN_LINE;
	plan->engine = command->engine;
	plan->pair = (struct cpu_pair){.drv = -1, .dev = -1, .claimed = REL_ANY};
	plan->pages = PAGE_4K;
	plan->mem_node = NODE_ANY;
	model_defaults(&plan->model);
	if (command->replay)
		replay_defaults(command->replay, plan);
	plan->seed = 1;
	plan->margin = 0.03;
	plan->format = FORMAT_TABLE;
	plan->results_dir = "results/sessions";
}

static uint32_t list_min(const struct plan_list *l)
{
	uint32_t m = UINT32_MAX;

	for (unsigned i = 0; i < l->n; i++)
		m = l->v[i] < m ? l->v[i] : m;
	return m;
}

static uint32_t list_max(const struct plan_list *l)
{
	uint32_t m = 0;

	for (unsigned i = 0; i < l->n; i++)
		m = l->v[i] > m ? l->v[i] : m;
	return m;
}

static void list_default(struct plan_list *l, uint32_t value)
{
	if (l->n == 0)
		*l = (struct plan_list){.v = {value}, .n = 1};
}

static int fill_defaults(struct request *r)
{
	const uint32_t burst = r->command->burst ? r->command->burst : DEFAULT_BURST;
	const struct preset_sizes *sizes = r->command->presets ? r->command->presets : presets;
	struct plan *p = r->plan;
	uint32_t smallest;

	sizes += r->preset;
	list_default(&p->ring_sizes, DEFAULT_RING);
	list_default(&p->payloads, 0);
	smallest = list_min(&p->ring_sizes);
	list_default(&p->bursts, smallest < burst ? smallest : burst);
	if (p->engine == ENGINE_MODEL)
		p->launches = p->rounds = 1; /* deterministic */
	if (p->launches == 0) /* each launch has other threads, and is held by itself */
		p->launches = p->hold ? 1 : sizes->launches;
	if (p->rounds == 0)
		p->rounds = sizes->rounds;
	if (p->sample_ms == 0)
		p->sample_ms = sizes->sample_ms;
	if (p->time_limit_s == 0)
		p->time_limit_s = sizes->time_limit_s;
	if (p->relocate && p->page_sets == 0)
		p->page_sets = DEFAULT_PAGE_SETS;
	return 0;
}

/* What moves goes page by page, and has somewhere to go. */
static int check_relocate(struct request *r)
{
	const struct plan *p = r->plan;

	if (p->page_sets && !p->relocate)
		return vrb_fail(r->err, EINVAL,
				"--page-sets %u: nothing is relocated; legal: with --relocate",
				p->page_sets);
	if (p->relocate && p->pages != PAGE_4K)
		return vrb_fail(r->err, EINVAL,
				"--relocate %s: pages are moved one by one; legal: with --pages 4k",
				relocated_name(p->relocate));
	return 0;
}

/* Do the policies go together, whatever the variant, and is there a header that one could write? */
static int check_policy(struct request *r)
{
	const struct plan *p = r->plan;
	int rc = policy_legal(&p->policy, r->err);

	if (rc || p->policy.header_write == HEADER_OWN || list_max(&p->payloads))
		return rc;
	return vrb_fail(r->err, EINVAL,
			"--header-write %s: with --payload 0 the ring alone is used and no header "
			"is touched; legal with a --payload of 1..%d",
			header_write_name(p->policy.header_write), PAYLOAD_MAX);
}

static int check_together(struct request *r)
{
	const struct plan *p = r->plan;
	const uint32_t ring = list_min(&p->ring_sizes);
	const struct {
		const char *option;
		uint32_t buffers;
	} fit[] = {
		{run_options_given(r, "batch") ? "--batch" : "--burst", list_max(&p->bursts)},
		{"--outstanding", p->policy.outstanding},
		{"--clean-threshold", p->policy.clean},
	};
	uint64_t cells;

	for (size_t i = 0; i < ARRAY_SIZE(fit); i++) {
		if (fit[i].buffers > ring)
			return vrb_fail(r->err, EINVAL,
					"%s %" PRIu32 ": larger than --ring-size %" PRIu32
					"; legal: 1..%" PRIu32,
					fit[i].option, fit[i].buffers, ring, ring);
	}
	if (p->policy.fault != FAULT_NONE && p->buffers && p->policy.fault_at >= p->buffers)
		return vrb_fail(r->err, EINVAL,
				"--inject %s:%" PRIu64
				": a sample has no such buffer with %s %" PRIu64
				"; legal: 0..%" PRIu64,
				fault_name(p->policy.fault), p->policy.fault_at,
				run_options_given(r, "run-cycles") ? "--run-cycles" : "--buffers",
				p->buffers, p->buffers - 1);
	cells = plan_cell_count(p);
	if (cells > PLAN_CELLS_MAX)
		return vrb_fail(r->err, EINVAL,
				"the lists give %" PRIu64
				" cells; legal: at most %d, so shorten --ring-size, --burst or "
				"--payload",
				cells, PLAN_CELLS_MAX);
	return 0;
}

/* Packets of several buffers: is there a packet, and room for all of its buffers? */
static int check_pieces(struct request *r)
{
	const struct plan *p = r->plan;
	const uint32_t bytes = p->policy.rx_buffer, ring = list_min(&p->ring_sizes);
	const uint32_t payload = list_max(&p->payloads);
	const bool few = p->policy.outstanding && p->policy.outstanding < ring;
	const uint32_t room = few ? p->policy.outstanding : ring;
	const uint32_t pieces = policy_pieces(&p->policy, DIR_RX, payload);

	if (!bytes)
		return 0;
	if (!(p->directions & 1u << DIR_RX))
		return vrb_fail(r->err, EINVAL,
				"--rx-buffer %" PRIu32 ": only RX has buffers that are posted "
				"empty; legal with --direction tx: 0",
				bytes);
	if (!list_min(&p->payloads))
		return vrb_fail(r->err, EINVAL,
				"--rx-buffer %" PRIu32 ": --payload 0 has no packets; legal: 0, or "
				"payloads 1..%d",
				bytes, PAYLOAD_MAX);
	if (p->policy.rx_room)
		return vrb_fail(r->err, EINVAL,
				"--rx-buffer %" PRIu32 ": it says how large buffers are, and so "
				"does --rx-room %" PRIu32 "; legal: one of them",
				bytes, p->policy.rx_room);
	if (pieces > room)
		return vrb_fail(r->err, EINVAL,
				"--rx-buffer %" PRIu32 ": a packet of --payload %" PRIu32
				" takes %" PRIu32 " buffers, and %s %" PRIu32
				" lets no more into the ring; legal: %" PRIu32 "..%d",
				bytes, payload, pieces, few ? "--outstanding" : "--ring-size", room,
				(NET_HDR_LEN + payload + room - 1) / room,
				NET_HDR_LEN + PAYLOAD_MAX);
	return 0;
}

/* --sockets: where time is counted, and a place is farther than the one that was chosen. */
static int check_sockets(const struct request *r)
{
	const struct model_conf *m = &r->plan->model;
	const struct latency_place *far = latency_farthest(&m->machine);

	if (!m->nsockets)
		return 0;
	if (m->mode == MODE_LOCKSTEP)
		return vrb_fail(
			r->err, EINVAL,
			"--sockets: in lockstep nothing is timed; legal: with --mode timed");
	if (far == &m->machine.places[m->place])
		return vrb_fail(r->err, EINVAL,
				"--sockets: no place of machine %s is farther than %s; legal: with "
				"--machine and a nearer place of one that has two",
				m->machine.name, far->name);
	return 0;
}

/* Of the model. */
static int finish_model(struct request *r)
{
	struct model_conf *m = &r->plan->model;

	if (r->plan->engine != ENGINE_MODEL)
		return 0;
	if (r->command->predicts) {
		m->mode = MODE_TIMED;
		r->plan->places = (1u << m->machine.nplaces) - 1;
		if (r->machine && latency_names_place(r->machine))
			r->plan->places = 1u << m->place;
	}
	if ((r->machine || r->command->predicts) && !run_options_given(r, "protocol"))
		m->protocol = m->machine.protocol;
	if (!run_options_given(r, "store-buffer"))
		m->store_buffer = m->machine.store_buffer;
	m->phase_seed = r->plan->seed;
	if (m->mode == MODE_LOCKSTEP && run_options_given(r, "bound"))
		return vrb_fail(
			r->err, EINVAL,
			"--bound %s: in lockstep nothing is timed; legal: with --mode timed",
			model_bound_name(m->bound));
	if (m->mode == MODE_LOCKSTEP && run_options_given(r, "store-buffer"))
		return vrb_fail(
			r->err, EINVAL,
			"--store-buffer %u: in lockstep no store waits; legal: with --mode timed",
			m->store_buffer);
	if (m->without && !r->command->predicts &&
	    (m->mode == MODE_LOCKSTEP || m->bound != BOUND_ESTIMATE))
		return vrb_fail(r->err, EINVAL,
				"--without: there is no estimate; legal: with --mode timed --bound "
				"estimate");
	return check_sockets(r);
}

/* Of several queue pairs: what looks at one only is refused. */
static int check_queues(struct request *r)
{
	static const char *const of_one[] = {"counters", "events",   "perf-ctl",
					     "hold",	 "relocate", "trace"};
	const struct plan *p = r->plan;

	for (size_t i = 0; i < ARRAY_SIZE(of_one) && p->policy.queues > 1; i++) {
		if (run_options_given(r, of_one[i]))
			return vrb_fail(r->err, EINVAL,
					"--%s: it is for one queue pair, and there are %" PRIu32
					"; legal: with --queues 1",
					of_one[i], p->policy.queues);
	}
	return 0;
}

/* --random-bursts. */
static int finish_bursts(struct request *r)
{
	struct plan *p = r->plan;

	if (!r->random_bursts)
		return 0;
	if (p->burst_least)
		return vrb_fail(r->err, EINVAL,
				"--random-bursts %" PRIu64
				": --burst random draws the bursts already; legal: one of them",
				r->random_bursts);
	p->burst_least = 1;
	p->burst_seed = r->random_bursts;
	return 0;
}

/* Of what is counted. */
static int finish_counts(struct request *r)
{
	struct plan *p = r->plan;

	if (run_options_given(r, "events") && p->count == COUNT_NONE)
		p->count = COUNT_ALL;
	if (p->count == COUNT_NULL_ROW && !plan_null_rows(p))
		return vrb_fail(r->err, EINVAL,
				"--counters null-row: %s leaves no null row; legal: without it",
				p->only ? "--only" : "--inject");
	if (p->strict && !plan_compares(p))
		return vrb_fail(r->err, EINVAL,
				"--strict: %s leaves no null row to judge the session by; legal: "
				"without it",
				p->only ? "--only" : "--inject");
	if (p->instructions_path && !plan_compares(p))
		return vrb_fail(
			r->err, EINVAL,
			"--instructions %.200s: with %s nothing is compared; legal: without "
			"it",
			p->instructions_path, p->only ? "--only" : "--inject");
	p->counters.kernel = &perf_kernel_linux;
	return 0;
}

/* Of `latency`; before the variants are chosen. */
static int finish_latency(struct request *r)
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
		return vrb_fail(r->err, EINVAL,
				"--device-order %s: buffers are timed in the order in which they "
				"were sent; legal: in-order",
				device_order_name(p->policy.device_order));
	if (p->buffers > TIMED_MAX)
		return vrb_fail(r->err, EINVAL,
				"%s %llu: too many of which each is timed; legal: 1..%llu",
				run_options_given(r, "run-cycles") ? "--run-cycles" : "--buffers",
				(unsigned long long)p->buffers, (unsigned long long)TIMED_MAX);
	/* what is done is taken back at once: else its time would end when others are done, too */
	if (!p->policy.clean)
		p->policy.clean = 1;
	return 0;
}

/* What is written may be nothing else that is written or read: it would be lost. */
static int check_files(struct request *r)
{
	const struct plan *p = r->plan;
	const struct replay *replay = replay_of(&p->policy);
	char machine[PATH_MAX];
	const struct {
		const char *option, *path;
	} file[] = {
		/* these are written */
		{"--json", p->json_path},
		{"--trace", p->trace_path},
		{"--plots", p->plots_dir},
		{"--hgrm", p->hgrm_dir},
		{"--against", p->against_path},
		{"--computing", p->computing_path},
		{"--instructions", p->instructions_path},
		{"--machine", r->machine ? latency_path(r->machine, machine) : NULL},
		{"replay", replay ? replay->name : NULL},
	};
	enum { WRITTEN = 2 }; /* as files */
	int ret = 0;

	for (size_t i = 0; i < WRITTEN; i++)
		for (size_t j = i + 1; !ret && j < ARRAY_SIZE(file); j++)
			ret = whole_apart(file[i].option, file[i].path, file[j].option,
					  &file[j].path, 1, r->err);
	return ret;
}

int request_complete(struct request *r)
{
	static int (*const steps[])(struct request *) = {run_options_check, run_options_directions,
							 check_queues,	    finish_model,
							 finish_bursts,	    finish_counts,
							 finish_latency,    fill_defaults,
							 check_policy,	    check_relocate,
							 request_variants,  check_together,
							 check_pieces,	    check_files};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(steps); i++)
		rc = steps[i](r);
	return rc;
}

int request_finish(struct request *r)
{
	int rc = request_complete(r);

	return rc ? rc : request_place(r);
}
