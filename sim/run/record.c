/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record.c - what a session says of itself: build, plan, machine, memory.
 */
#include "run/record.h"

#include "analysis/events.h"
#include "build_info.h"
#include "engine/clock.h"
#include "host/environment.h"
#include "run/step.h"
#include "session/codec.h"
#include "session/environment_rows.h"
#include "session/head.h"
#include "session/session.h"

#include <stdio.h>
#include <string.h>

const struct launch_report record_no_launch = {.arena = {.asked = PAGE_4K,
							 .obtained = PAGE_4K,
							 .obtained_share = 1,
							 .node_asked = NODE_ANY,
							 .node_obtained = NODE_ANY},
					       .invisible = ""};

static json_t *list_json(const struct plan_list *list)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < list->n; i++)
		json_array_append_new(array, json_integer(list->v[i]));
	return array;
}

static json_t *variants_json(const struct plan *p)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < p->nvariants; i++)
		json_array_append_new(array, json_string(p->variants[i]->name));
	return array;
}

json_t *record_names(unsigned bits, const char *(*name_of)(unsigned))
{
	json_t *array = json_array();

	for (unsigned i = 0; bits >> i; i++) {
		if (bits >> i & 1)
			json_array_append_new(array, json_string(name_of(i)));
	}
	return array;
}

static json_t *inject_json(const struct ring_policy *p)
{
	if (p->fault == FAULT_NONE)
		return json_null();
	return json_sprintf("%s:%llu", fault_name(p->fault), (unsigned long long)p->fault_at);
}

static json_t *order_json(const struct ring_policy *p)
{
	if (p->device_order == ORDER_IN)
		return json_string(device_order_name(p->device_order));
	return json_sprintf("%s:%g:%llu", device_order_name(p->device_order), p->early_share,
			    (unsigned long long)p->early_seed);
}

/* For each payload. */
static json_t *pieces_json(const struct plan *p)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < p->payloads.n; i++)
		json_array_append_new(
			array, json_integer(policy_pieces(&p->policy, DIR_RX, p->payloads.v[i])));
	return array;
}

/* What each variant's driver reads of the used ring: {"baseline": {"rx": "id+len", ...}, ...}. */
static json_t *used_read_json(const struct plan *p)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < p->nvariants; i++) {
		const struct variant *v = p->variants[i];
		json_t *one = json_object();

		for (unsigned dir = 0; dir < DIRECTIONS && v->ring == RING_SPLIT; dir++) {
			const enum direction d = (enum direction)dir;

			if (p->directions & 1u << dir)
				json_object_set_new(one, direction_name(d),
						    json_string(used_read_name(
							    variants_used_read(v, d, &p->policy))));
		}
		json_object_set_new(all, v->name, one);
	}
	return all;
}

/* Of what has headers; "none" where there are none to write. */
static const char *header_write_words(const struct ring_policy *p)
{
	const enum header_write write = header_write_of(p);

	return write == HEADER_OWN ? "none" : header_write_name(write);
}

const struct policy record_policies[] = {
	{"free_list", "--free-list", NULL},
	{"publish", "--publish", NULL},
	{"tx_header", "--tx-header", NULL},
	{"header_write", "--header-write", "shared none"}, /* as tx_header has it */
	{"used_read", "--used-read", "default"},
	{"avail_store", "--avail-store", "each"},
	{"poll_fence", "--poll-fence", "none"},
	{"device_avail", "--device-avail", "entries"},
	{"device_publish", "--device-publish", "burst"},
	{"device_order", "--device-order", NULL},
	{"poll", "--poll", NULL},
	{"notify", "--notify", "off"},
	{"notify_arm", "--notify-arm", "sleep"},
	{"notify_coalesce", "--notify-coalesce", "off"},
	{"sleep", "--sleep", "none"},
	{"busy_poll_ns", "--busy-poll", "0"},
	{"outstanding", "--outstanding", NULL},
	{"clean_threshold", "--clean-threshold", "0"},
	{"rx_room", "--rx-room", NULL},
	{"rx_buffer", "--rx-buffer", "0"},
	{"work_driver", "--work-driver", "0"},
	{"work_device", "--work-device", "0"},
	{"pressure_kib", "--pressure", "0"},
	{"align", "--align", NULL},
	{"start_idx", "--start-index", NULL},
	{"queues", "--queues", "1"},
	{"queue_layout", "--queue-layout", "separate"},
	{"inject", "--inject", NULL},
	{0},
};

/* Of one queue pair, nothing. */
static json_t *with_queues(json_t *plan, const struct ring_policy *p)
{
	if (p->queues > 1)
		json_object_update_new(plan, json_pack("{si ss}", "queues", (int)p->queues,
						       "queue_layout",
						       queue_layout_name(p->queue_layout)));
	return plan;
}

/* Where both sides only poll, nothing. */
static json_t *with_notify(json_t *plan, const struct ring_policy *p)
{
	char words[NOTIFY_WORDS], coalesce[COALESCE_WORDS];

	if (p->notify == NOTIFY_OFF)
		return plan;
	json_object_update_new(plan, json_pack("{ss ss ss si}", "notify", notify_words(p, words),
					       "notify_arm", notify_arm_name(p->notify_arm),
					       "sleep", sleepers_name(p->sleep), "busy_poll_ns",
					       (int)p->busy_poll));
	if (p->coalesce)
		json_object_set_new(plan, "notify_coalesce",
				    json_string(coalesce_words(p, coalesce)));
	return plan;
}

json_t *record_plan(const struct plan *p)
{
	json_t *plan = json_pack(
		"{so so so so so si si so sf sf sf ss ss ss ss ss so ss ss ss so ss ss si si si si so si si si ss si "
		"so ss si}",
		"variants", variants_json(p), "directions",
		record_names(p->directions, direction_name), "ring_sizes",
		list_json(&p->ring_sizes), "bursts", list_json(&p->bursts), "payloads",
		list_json(&p->payloads), "rounds", (int)p->rounds, "launches", (int)p->launches,
		"buffers", session_u64(p->buffers), "sample_ms", p->sample_ms, "time_limit_s",
		p->time_limit_s, "margin", p->margin, "free_list",
		free_list_name(p->policy.free_list), "publish", publish_name(p->policy.publish),
		"tx_header", tx_header_name(p->policy.tx_header), "header_write",
		header_write_words(&p->policy), "used_read", used_read_name(p->policy.used_read),
		"used_reads", used_read_json(p), "avail_store",
		avail_store_name(p->policy.avail_store), "device_avail",
		device_avail_name(p->policy.device_avail), "device_publish",
		publish_name(p->policy.device_publish), "device_order", order_json(&p->policy),
		"poll", poll_name(p->policy.poll), "poll_fence",
		poll_fence_name(p->policy.poll_fence), "outstanding", (int)p->policy.outstanding,
		"clean_threshold", (int)p->policy.clean, "rx_room", (int)p->policy.rx_room,
		"rx_buffer", (int)p->policy.rx_buffer, "buffers_per_packet", pieces_json(p),
		"work_driver", (int)p->policy.work_driver, "work_device",
		(int)p->policy.work_device, "pressure_kib", (int)p->policy.pressure, "align",
		ring_align_name(p->align), "start_idx", (int)p->start_idx, "inject",
		inject_json(&p->policy), "relocate", relocated_name(p->relocate), "page_sets",
		(int)p->page_sets);

	return with_queues(with_notify(plan, &p->policy), &p->policy);
}

static json_t *placement_json(const struct plan *p)
{
	json_t *placement, *cpus = NULL;

	if (!engine_is_two_cpus(p->engine))
		return json_null();
	placement = json_pack("{si si ss ss}", "driver_cpu", p->pair.drv, "device_cpu", p->pair.dev,
			      "claimed", relation_name(p->pair.claimed), "by",
			      p->pair_by_number ? "number" : "relation");
	for (unsigned i = 0; i < p->policy.queues && p->policy.queues > 1; i++) {
		cpus = cpus ? cpus : json_array();
		json_array_append_new(cpus,
				      json_sprintf("%d,%d", p->pairs[i].drv, p->pairs[i].dev));
	}
	if (cpus)
		json_object_set_new(placement, "queue_cpus", cpus);
	return placement;
}

json_t *record_cache(const struct model_conf *m)
{
	return m->sets ? json_sprintf("%ux%u", m->sets, m->ways) : json_null();
}

static json_t *model_json(const struct plan *p)
{
	const struct model_conf *m = &p->model;
	json_t *model, *sockets;

	if (p->engine != ENGINE_MODEL)
		return json_null();
	model = json_pack("{ss ss ss si sb so si so}", "protocol", coh_protocol_name(m->protocol),
			  "mode", model_mode_name(m->mode), "bound", model_bound_name(m->bound),
			  "line", (int)m->line, "prefetch", m->prefetch, "cache", record_cache(m),
			  "store_buffer", (int)m->store_buffer, "machine",
			  json_sprintf("%s-%s", m->machine.name, m->machine.places[m->place].name));
	if (m->without)
		json_object_set_new(model, "without", record_names(m->without, coh_effect_name));
	if (!m->nsockets)
		return model;
	sockets = json_array();
	for (unsigned i = 0; i < m->nsockets; i++)
		json_array_append_new(sockets, json_integer(m->sockets[i]));
	json_object_set_new(model, "sockets", sockets);
	json_object_set_new(model, "farthest", json_string(latency_farthest(&m->machine)->name));
	return model;
}

/* A node's number, or null where none was asked for or none is visible. */
static json_t *node_json(int node)
{
	return node == NODE_ANY ? json_null() : json_integer(node);
}

static json_t *memory_json(const struct arena *a)
{
	return json_pack("{ss ss sf so so}", "pages_asked", page_kind_name(a->asked),
			 "pages_obtained", page_kind_name(a->obtained), "obtained_share",
			 a->obtained_share, "node_asked", node_json(a->node_asked), "node_obtained",
			 node_json(a->node_obtained));
}

static json_t *invisible_json(const char *list)
{
	json_t *array = json_array();

	while (*list) {
		size_t len = strcspn(list, ",");

		json_array_append_new(array, json_stringn(list, len));
		list += len;
		list += strspn(list, ", ");
	}
	return array;
}

static json_t *environment(void)
{
	struct env_item items[ENV_ITEMS_MAX];

	return environment_json(items, environment_read("", items));
}

/* Of the clock that buffers are timed by: series and reads of each, then reads for its step. */
#define CLOCK_SERIES 16
#define CLOCK_READS  256
#define STEP_READS   4096

static json_t *latency_json(const struct plan *p)
{
	return json_pack("{so so sf so}", "loops", record_names(p->paces, pace_name), "rates",
			 list_json(&p->rates), "clock_ns", clock_cost_ns(CLOCK_SERIES, CLOCK_READS),
			 "clock_step_ns", session_u64(clock_step_ns(STEP_READS)));
}

static json_t *step_json(const struct step *s)
{
	if (!s)
		return json_null();
	return json_pack("{so ss si si}", "plan", session_text(s->plan), "name", s->name, "index",
			 (int)s->index, "of", (int)s->of);
}

json_t *record_head(const struct plan *plan, const struct machine *machine,
		    const struct launch_report *report)
{
	json_t *head = json_pack(
		"{ss ss sb ss ss so so so so ss ss so so so so so so so so}", "version",
		BUILD_VERSION, "commit", BUILD_COMMIT, "dirty", BUILD_DIRTY, "compiler",
		BUILD_COMPILER, "cflags", BUILD_CFLAGS, "command", session_text(plan->command),
		"question", plan->question ? session_text(plan->question) : json_null(), "step",
		step_json(plan->step), "seed", session_u64(plan->seed), "engine",
		engine_name(plan->engine), "simd", simd_name(plan->simd), "plan", record_plan(plan),
		"host", head_host(machine), "placement", placement_json(plan), "model",
		model_json(plan), "memory", memory_json(&report->arena), "invisible",
		invisible_json(report->invisible), "counters",
		events_head_json(report->counted, count_mode_name(plan->count),
				 plan->counters.require),
		"environment", environment());

	if (head && plan->paces)
		json_object_set_new(head, "latency", latency_json(plan));
	return head;
}
