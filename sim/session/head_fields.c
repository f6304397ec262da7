/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * head_fields.c - the session row: its members, for the schema, the page of the format, and to
 * refuse a member of a wrong type. run/record.c and the commands write it as JSON and readers ask
 * it as JSON, so what is here, but for the machine, has no place in a struct. Heads of older programs have fewer members.
 */
#include "host/machine.h"
#include "session/head.h"
#include "session/rows.h"

#define MEMBER(k, kind, f, words, ...) FIELD(k, kind, .flags = f, .about = words, __VA_ARGS__)
#define TALLY(k, f, words, ...)	       MEMBER(k, COUNT, f, words, .size = sizeof(uint64_t))
#define WHOLE(k, f, words, from, to) \
	MEMBER(k, WHOLE, f, words, .size = sizeof(int64_t), .min = from, .max = to)
#define REAL(k, f, words, from, to) MEMBER(k, REAL, f, words, .min = from, .max = to)
#define STRING(k, f, words, from)   MEMBER(k, STRING, f, words, .min = from)
#define BOOL(k, f, words)	    MEMBER(k, BOOL, f, words, .min = 0)
#define OBJECT(k, f, words, table)  MEMBER(k, OBJECT, f, words, .of = FIELDS(table))
/* By its schema alone: what the reader asks of it is checked where it is read. */
#define LITERAL(k, f, words, json) MEMBER(k, HOOK, f, words, .schema = json)

#define PROTOCOL "{\"type\":\"string\",\"enum\":[\"mesi\",\"mesif\",\"moesi\",\"moesi-migratory\"]}"
#define PAGES	 "{\"type\":\"string\",\"enum\":[\"4k\",\"thp\",\"huge\"]}"
#define CACHE	 "{\"type\":[\"string\",\"null\"],\"pattern\":\"^[0-9]+x[0-9]+$\"}"

static const struct field step_head[] = {
	STRING("plan", 0, "The file's name.", 0),
	STRING("name", 0, NULL, 0),
	WHOLE("index", 0, "From 1.", 1, 0),
	WHOLE("of", 0, "How many steps the plan has.", 1, 0),
};

static const struct field plan_head[] = {
	LITERAL("variants", 0, "In the order of the tables, baseline first, without the null row.",
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1}"),
	LITERAL("directions", 0, NULL,
		"{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"rx\",\"tx\"]},\"minItems\":1}"),
	LITERAL("ring_sizes", 0, NULL, "{\"$ref\":\"#/definitions/numbers\"}"),
	LITERAL("bursts", 0, NULL, "{\"$ref\":\"#/definitions/numbers\"}"),
	LITERAL("payloads", 0, NULL, "{\"$ref\":\"#/definitions/numbers\"}"),
	WHOLE("rounds", 0, "In each launch.", 0, 0),
	WHOLE("launches", 0, NULL, 0, 0),
	TALLY("buffers", 0, NULL),
	REAL("sample_ms", 0, NULL, 0, 0),
	REAL("margin", 0,
	     "For --strict the intervals of null rows must lie within 1 +- margin. Verdicts do not depend on it.",
	     0, 0),
	STRING("free_list", 0, "fifo or lifo.", 0),
	STRING("publish", 0, "burst or buffer.", 0),
	STRING("tx_header", 0, "chained, none, any-layout or indirect.", 0),
	STRING("header_write", FIELD_OPTIONAL,
	       "Who writes the headers of TX packets: shared, per-slot, in-buffer, in-buffer-if-changed; none: there are none.",
	       0),
	STRING("used_read", FIELD_OPTIONAL,
	       "What was asked for: id+len, len, idx-only; default: what each variant needs.", 0),
	LITERAL("used_reads", FIELD_OPTIONAL,
		"What the driver of each variant reads of the used ring, by direction; empty: it has none.",
		"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\",\"properties\":{\"rx\":{\"enum\":[\"id+len\",\"len\",\"idx-only\"]},\"tx\":{\"enum\":[\"id+len\",\"len\",\"idx-only\"]}},\"additionalProperties\":false}}"),
	STRING("avail_store", FIELD_OPTIONAL,
	       "each: the driver stores an avail entry with its descriptor; burst: after all of a burst's.",
	       0),
	STRING("poll_fence", FIELD_OPTIONAL,
	       "Who has a fence between a poll that found something and what it found: none, driver, device, both.",
	       0),
	STRING("device_avail", FIELD_OPTIONAL,
	       "entries: the device reads avail->ring[]; in-order: it knows the heads.", 0),
	STRING("device_publish", FIELD_OPTIONAL,
	       "When the device stores used->idx: burst or buffer.", 0),
	STRING("device_order", 0,
	       "in-order, or early, late-first, reversed-bursts or discard, with a share and a seed.",
	       0),
	STRING("poll", 0, "spin, pause or backoff.", 0),
	STRING("notify", FIELD_OPTIONAL,
	       "How the sides ask to be notified: flags, event-idx or desc, with :kick or :call if only one is, and :late if that is decided after the next poll; missing: off.",
	       0),
	STRING("notify_arm", FIELD_OPTIONAL,
	       "When they ask: sleep, poll or delayed; missing: sleep.", 0),
	STRING("notify_coalesce", FIELD_OPTIONAL,
	       "Used buffers, and ns after the first of them, after which the device decides whether to call; missing: after each burst.",
	       0),
	STRING("sleep", FIELD_OPTIONAL,
	       "Who sleeps while there is nothing to do: driver, device or both; missing: none.",
	       0),
	WHOLE("busy_poll_ns", FIELD_OPTIONAL,
	      "How long a side finds nothing before it sleeps; missing: 0.", 0, 0),
	WHOLE("outstanding", 0, "Most buffers in the ring at once; 0: as many as fit.", 0, 0),
	WHOLE("rx_room", 0, "Bytes that an RX buffer is larger than its packet.", 0, 0),
	WHOLE("rx_buffer", FIELD_OPTIONAL,
	      "Bytes of a mergeable RX buffer; 0 or missing: a buffer a packet.", 0, 0),
	LITERAL("buffers_per_packet", FIELD_OPTIONAL,
		"Ring entries that an RX packet takes, for each of the payloads; missing: 1.",
		"{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":1}}"),
	WHOLE("work_driver", FIELD_OPTIONAL,
	      "Cycles that the driver's application works on a packet; missing: 0.", 0, 0),
	WHOLE("work_device", FIELD_OPTIONAL, "The same of the device's.", 0, 0),
	WHOLE("pressure_kib", FIELD_OPTIONAL,
	      "KiB of its own memory that each side reads for a burst; missing: 0.", 0, 0),
	STRING("align", 0, "Where the used ring lies: 4096, 64 or packed.", 0),
	WHOLE("start_idx", 0, NULL, 0, 65535),
	WHOLE("queues", FIELD_OPTIONAL, "Queue pairs; missing: 1.", 1, 64),
	STRING("queue_layout", FIELD_OPTIONAL,
	       "How their rings lie: separate, or adjacent, areas end to end; missing: separate.",
	       0),
	STRING("relocate", FIELD_OPTIONAL,
	       "What moves to other physical pages in each round: a part, or none.", 0),
	WHOLE("page_sets", FIELD_OPTIONAL, "How many places it has in a launch; 0: it stays.", 0,
	      16),
	STRING("inject", FIELD_NULL, "A deliberate fault, FAULT:K; null: none.", 0),
};

#define SHOWN(member) FIELD(#member, TEXT, FIELD_AT(machine, member))
#define NUMBER(member) \
	FIELD(#member, WHOLE, FIELD_AT(machine, member), .min = INT64_MIN, .max = INT64_MAX)
static bool has_topology_env(const void *row)
{
	return ((const struct machine *)row)->topology_env[0];
}

static const struct field host_head[] = {
	SHOWN(hostname),
	SHOWN(cpu_model),
	SHOWN(cpu_id),
	SHOWN(microcode),
	SHOWN(kernel),
	SHOWN(boot_id),
	SHOWN(hypervisor),
	SHOWN(clocksource),
	SHOWN(tsc),
	SHOWN(thp),
	SHOWN(governor),
	SHOWN(load),
	NUMBER(cpus_online),
	NUMBER(nodes),
	FIELD("topology_env", TEXT, FIELD_AT(machine, topology_env), .flags = FIELD_OPTIONAL,
	      .there = has_topology_env,
	      .about =
		      "Variables of the environment by which hwloc read another topology than the machine's."),
};

json_t *head_host(const struct machine *m)
{
	return codec_write(NULL, FIELDS(host_head), m);
}

static const struct field placement_head[] = {
	WHOLE("driver_cpu", 0, NULL, 0, 0),
	WHOLE("device_cpu", 0, NULL, 0, 0),
	LITERAL("claimed", 0,
		"What the topology says of the two; each sample's place is what was measured.",
		"{\"type\":\"string\",\"enum\":[\"smt\",\"llc\",\"package\",\"numa\"]}"),
	STRING("by", 0, "How the pair was chosen.", 0),
	LITERAL("queue_cpus", FIELD_OPTIONAL,
		"Of several queue pairs: CPU of the driver, of the device of each.",
		"{\"$ref\":\"#/definitions/words\"}"),
};

#define LEFT_OUT                                                            \
	LITERAL("without", FIELD_OPTIONAL, "What the estimate leaves out.", \
		"{\"type\":\"array\",\"items\":{\"enum\":[\"addresses\",\"speculation\",\"gaps\",\"adjacent\",\"own-stores\",\"computing\",\"drain\",\"queued\",\"next-line\"]}}")

static const struct field model_head[] = {
	LITERAL("protocol", 0, NULL, PROTOCOL),
	LITERAL("mode", 0,
		"lockstep: the sides take turns, a burst each; timed: the side whose clock is behind runs.",
		"{\"type\":\"string\",\"enum\":[\"lockstep\",\"timed\"]}"),
	LITERAL("bound", 0,
		"Whether each miss is waited for, misses overlap, or they do with what else an out-of-order core does.",
		"{\"type\":\"string\",\"enum\":[\"serial\",\"overlapped\",\"estimate\"]}"),
	LITERAL("line", 0, "Bytes.", "{\"type\":\"integer\",\"enum\":[32,64,128,256]}"),
	BOOL("prefetch", 0, "A miss also reads the other line of an aligned pair."),
	LITERAL("cache", 0, "Of each core, SETSxWAYS; null: nothing is ever evicted.", CACHE),
	WHOLE("store_buffer", 0, "Entries.", 0, 128),
	STRING("machine", 0, "Whose latencies.", 0),
	LITERAL("sockets", FIELD_OPTIONAL,
		"Of each side, driver and device of the first queue pair, then of the second, and again from the first; missing: all on one.",
		"{\"$ref\":\"#/definitions/numbers\"}"),
	LEFT_OUT,
	STRING("farthest", FIELD_OPTIONAL,
	       "The place of the machine where sides on different sockets lie.", 0),
	LITERAL("random_bursts", FIELD_OPTIONAL,
		"Older sessions: seed of bursts drawn from 1 up to the cell's; null: all are as long as the cell says.",
		"{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":\"#/definitions/count\"}]}"),
};

static const struct field memory_head[] = {
	LITERAL("pages_asked", 0, NULL, PAGES),
	LITERAL("pages_obtained", 0, NULL, PAGES),
	REAL("obtained_share", 0, NULL, 0, 1),
	WHOLE("node_asked", FIELD_NULL, "-1 or null: not bound, or not visible.", -1, 0),
	WHOLE("node_obtained", FIELD_NULL, "-1 or null: not bound, or not visible.", -1, 0),
};

static const struct field latency_head[] = {
	LITERAL("loops", 0, NULL,
		"{\"type\":\"array\",\"items\":{\"enum\":[\"closed\",\"open\"]},\"minItems\":1,\"uniqueItems\":true}"),
	LITERAL("rates", 0, NULL, "{\"$ref\":\"#/definitions/numbers\"}"),
	REAL("clock_ns", 0, NULL, 0, 0),
	TALLY("clock_step_ns", 0, NULL, 0, 0),
};

static const struct field profile_head[] = {
	WHOLE("rounds", 0, NULL, 0, 4294967295),
	WHOLE("one_core_rounds", 0, NULL, 0, 4294967295),
};

static const struct field prediction_head[] = {
	STRING("machine", 0, "Whose latencies.", 0),
	STRING("source", 0, "Where they are from.", 0),
	LITERAL("protocol", 0, NULL, PROTOCOL),
	WHOLE("line", 0, "Bytes.", 1, 0),
	BOOL("prefetch", 0, NULL),
	LITERAL("cache", 0, "Of each core, SETSxWAYS; null: nothing is ever evicted.", CACHE),
	WHOLE("store_buffer", 0, "Entries.", 0, 0),
	WHOLE("window", 0, "Accesses in flight in the overlapped bound.", 1, 0),
	BOOL("next_line", FIELD_OPTIONAL,
	     "Loads in ascending order also bring the line after theirs."),
	BOOL("adjacent_line", FIELD_OPTIONAL,
	     "A miss also brings the other line of an aligned pair."),
	LEFT_OUT,
	STRING("instructions", FIELD_OPTIONAL | FIELD_NULL,
	       "Who counted what goes with an access; null: nobody, and six are taken for it.", 0),
	REAL("hit_ns", 0, NULL, 0, 0),
	LITERAL("places", 0, "Of the machine, by placement class.",
		"{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":{\"type\":\"object\",\"description\":\"ns by kind of line transaction, and gaps between two of a core.\",\"additionalProperties\":{\"type\":\"number\",\"minimum\":0}}}"),
	STRING("measured_on", FIELD_NULL,
	       "What the measured rows are from; null: nothing to compare with.", 0),
	STRING("computing_of", FIELD_OPTIONAL | FIELD_NULL,
	       "The prediction that what sides compute was taken from; null: measured here.", 0),
};

static const struct field counters_head[] = {
	LITERAL("mode", 0,
		"In which samples they run: in each, or in those of the null row, whose ratio then shows what counting costs.",
		"{\"enum\":[\"all\",\"null-row\"]}"),
	BOOL("require", 0, NULL),
	LITERAL("sides", 0, "Driver, device.",
		"{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,\"items\":{\"type\":\"object\",\"required\":[\"side\",\"uarch\",\"events\"],\"properties\":{\"side\":{\"enum\":[\"driver\",\"device\"]},\"uarch\":{\"type\":\"string\"},\"events\":{\"description\":\"The same on both sides.\",\"type\":\"array\",\"minItems\":1,\"maxItems\":16,\"items\":{\"$ref\":\"#/definitions/event\"}}},\"additionalProperties\":false}}"),
};

static const struct field sweep_head[] = {
	LITERAL("over", 0, NULL, "{\"$ref\":\"#/definitions/sweep_axis\"}"),
	LITERAL("by", 0, NULL,
		"{\"oneOf\":[{\"$ref\":\"#/definitions/sweep_axis\"},{\"type\":\"null\"}]}"),
};

static const struct field recording_head[] = {
	STRING("file", 0, "As named on the command line.", 0),
	STRING("source", 0, "What was recorded, in words.", 0),
	LITERAL("ring", 0, NULL, "{\"enum\":[\"split\",\"packed\"]}"),
	LITERAL("by", 0, "Who recorded.", "{\"enum\":[\"device\",\"watcher\"]}"),
	WHOLE("ring_size", 0, NULL, 2, 32768),
	WHOLE("device", 0, "Type of the device, Virtio 1.4, 5; 0: not known.", 0, 4294967295),
	WHOLE("queue", 0, NULL, 0, 4294967295),
	TALLY("buffers", 0, NULL),
	TALLY("lost", 0, "Buffers that the recorder did not see."),
	TALLY("batches", 0, "Looks at the index that found buffers."),
	TALLY("kicks", FIELD_NULL, "null: not visible to who recorded."),
	TALLY("calls", FIELD_NULL, "null: not visible to who recorded."),
	TALLY("first", 0, "Number of the first buffer that is replayed."),
	TALLY("replayed", 0, "Buffers, the lap included after which slots are compared."),
	TALLY("replayed_batches", 0, NULL),
	TALLY("longest", 0, "Buffers that are posted at once, at most."),
	TALLY("compared", 0, "Replayed entries whose slot held a replayed one a lap before."),
	TALLY("spared", 0, "Of these, those with the same head, or packed id."),
	TALLY("all_compared", 0, "The same of the whole recording."),
	TALLY("all_spared", 0, NULL),
	TALLY("reordered", 0, "Buffers that the recorded device returned in another place."),
	TALLY("early", 0,
	      "Batches before which the replayed device, which is in order, returns more than was recorded."),
	TALLY("other_shapes", 0,
	      "Buffers that are replayed with another chain of descriptors, or in the other direction."),
	TALLY("longer", FIELD_OPTIONAL,
	      "Of the others, those that had more descriptors than are replayed."),
	TALLY("stayed", FIELD_OPTIONAL,
	      "Buffers that were not back a lap later, nor when the replayed part ended."),
};

#define BY_SIDE \
	"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\",\"minimum\":0}}"

static const struct field ab_head[] = {
	STRING("old", 0, "Path, or command.", 0),
	STRING("new", 0, "Path, or command.", 0),
	LITERAL("seed", 0, "Of the order within blocks.", "{\"$ref\":\"#/definitions/count\"}"),
	REAL("margin", 0, "A share.", 0, 0),
	WHOLE("blocks", 0, "That were begun.", 0, 0),
	LITERAL("lost", 0, "Processes that gave no session, or no sample that is used; by side.",
		BY_SIDE),
	LITERAL("dropped", FIELD_OPTIONAL, "Samples that are not used; by side.", BY_SIDE),
};

static const struct field explore_asked_head[] = {
	LITERAL("direction", 0, NULL, "{\"type\":\"string\",\"enum\":[\"rx\",\"tx\"]}"),
	STRING("burst", 0, "Buffers, as the command line has them.", 1),
	WHOLE("ring_size", 0, NULL, 2, 32768),
	WHOLE("payload", 0, "Bytes; 0: the ring alone.", 0, 0),
	WHOLE("outstanding", 0, "Most buffers in the ring at once; 0: as many as fit.", 0, 0),
	STRING("device_order", 0, "As in \"plan\".", 1),
	WHOLE("queues", FIELD_OPTIONAL, "Queue pairs; missing: 1.", 2, 64),
	STRING("queue_layout", FIELD_OPTIONAL, "As in \"plan\".", 1),
	LITERAL("protocol", FIELD_OPTIONAL, "Where lines are counted; missing: mesi.", PROTOCOL),
	LITERAL("rings", 0, NULL, "{\"type\":\"string\",\"enum\":[\"known\",\"lab\"]}"),
	STRING("space", 0, "What the space is restricted to; empty: nothing.", 0),
	REAL("weight_transfers", 0, "What is minimised: so many times the transfers,", 0, 0),
	REAL("weight_ns", 0, "and so many times the mean ns over all machines.", 0, 0),
	LITERAL("machines", 0, "What lines cost, ns by kind of line transaction.",
		"{\"type\":\"array\",\"maxItems\":4,\"items\":{\"type\":\"object\",\"required\":[\"name\",\"ns\"],\"properties\":{\"name\":{\"type\":\"string\"},\"ns\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\",\"minimum\":0}}},\"additionalProperties\":false}}"),
	WHOLE("points", 0, "Most rings to run.", 1, 0),
	TALLY("seed", 0, "Of a descent's starts."),
	WHOLE("address_bits", 0, "For the floor.", 0, 64),
	WHOLE("length_bits", 0, "For the floor.", 0, 64),
};

static const struct field explore_floor_head[] = {
	REAL("packets", 0, "Transfers per buffer that bring packets.", 0, 0),
	REAL("buffers", 0, "And that bring empty buffers.", 0, 0),
};

static const struct field explore_head[] = {
	OBJECT("asked", 0, "All that decides what is found.", explore_asked_head),
	TALLY("size", 0, "Points of the space."),
	TALLY("costed", 0, "Rings that were run on the model."),
	BOOL("exhaustive", 0, "All that are legal were."),
	LITERAL("excluded", 0, "Points that are no rings, by the rule that says so.",
		"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"why\",\"points\"],\"properties\":{\"why\":{\"type\":\"string\"},\"points\":{\"$ref\":\"#/definitions/count\"}},\"additionalProperties\":false}}"),
	OBJECT("floor", 0, "The fewest transfers per buffer that any ring needs.",
	       explore_floor_head),
};

static const struct field perf_stat_head[] = {
	STRING("version", 0, NULL, 0),
	WHOLE("paranoid", FIELD_NULL, NULL, INT64_MIN, 0),
	LITERAL("asked", 0, NULL, "{\"$ref\":\"#/definitions/words\"}"),
	LITERAL("format", 0, NULL, "{\"type\":\"string\",\"enum\":[\"json\",\"csv\"]}"),
	LITERAL("events", 0, NULL,
		"{\"type\":\"array\",\"minItems\":1,\"maxItems\":16,\"items\":{\"type\":\"object\",\"required\":[\"name\",\"unit\"],\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1},\"unit\":{\"type\":\"string\"}},\"additionalProperties\":false}}"),
};

static const struct field head_field[] = {
	LITERAL("schema", 0, NULL, "{\"const\":1}"),
	LITERAL(END_DIGEST, FIELD_OPTIONAL,
		"The end row has a digest, of itself, too. Older files have none, or one of the lines before alone.",
		"{\"const\":true}"),
	LITERAL("started", 0, NULL, "{\"$ref\":\"#/definitions/time\"}"),
	STRING("version", 0, NULL, 0),
	STRING("commit", 0, NULL, 0),
	BOOL("dirty", 0, "Built from a tree with changes that are not in the commit."),
	STRING("compiler", 0, NULL, 0),
	STRING("cflags", 0, NULL, 0),
	STRING("command", 0, "As typed.", 0),
	STRING("question", FIELD_OPTIONAL | FIELD_NULL,
	       "What the session is to answer; null: not given.", 0),
	OBJECT("step", FIELD_OPTIONAL | FIELD_NULL,
	       "Of a plan file, the step whose session this is; null: a command by itself.",
	       step_head),
	TALLY("seed", 0, NULL),
	LITERAL("engine", 0, NULL,
		"{\"type\":\"string\",\"enum\":[\"native\",\"one-core\",\"model\",\"process\",\"predict\",\"drive\"]}"),
	LITERAL("simd", 0, NULL,
		"{\"type\":\"string\",\"enum\":[\"scalar\",\"sse\",\"avx2\",\"avx512\",\"neon\"]}"),
	OBJECT("plan", 0, "What was asked for, complete.", plan_head),
	OBJECT("host", 0, "The machine; an empty string is something that it does not show.",
	       host_head),
	OBJECT("placement", FIELD_NULL,
	       "Which CPUs the sides ran on; null on the one-core engine and on the model.",
	       placement_head),
	OBJECT("model", FIELD_OPTIONAL | FIELD_NULL,
	       "What was modelled; null, or missing, on the other engines.", model_head),
	OBJECT("memory", 0, "The memory that the two sides share.", memory_head),
	LITERAL("invisible", 0, "What cannot be seen on this machine.",
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"),
	OBJECT("latency", FIELD_OPTIONAL,
	       "Of sessions of latency only: which loops ran, at which rates (of the open loop, buffers per second), and the clock that buffers were timed with: what a reading costs, of which one is in each time, and the smallest step seen (0: none).",
	       latency_head),
	OBJECT("profile", FIELD_OPTIONAL,
	       "Of sessions of profile only: rounds in each launch of the profiling runs, and of those on one core.",
	       profile_head),
	OBJECT("prediction", FIELD_OPTIONAL,
	       "What was predicted for; sessions of engine predict only.", prediction_head),
	OBJECT("counters", FIELD_OPTIONAL | FIELD_NULL,
	       "Hardware counters; null: not asked for. Older files have none.", counters_head),
	OBJECT("ab", FIELD_OPTIONAL,
	       "Of `ab`: two programs in turns. The rest of the row is of the old one's first process.",
	       ab_head),
	OBJECT("explore", FIELD_OPTIONAL,
	       "Of `explore`: what was searched. \"plan\" has the workload; its variant means nothing.",
	       explore_head),
	OBJECT("sweep", FIELD_OPTIONAL,
	       "Of `sweep`: what it varies; cell rows have their values. by: null where there is no second option. What \"plan\" says of a swept option is its first value only, and of ring_sizes, bursts and payloads all that occur.",
	       sweep_head),
	OBJECT("recording", FIELD_OPTIONAL,
	       "Of `replay`: what is replayed, and what it says by itself.", recording_head),
	LITERAL("environment", FIELD_OPTIONAL,
		"What of the machine and the build decides whether a number is good. Older files have none.",
		"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\",\"value\",\"status\",\"why\"],\"properties\":{\"name\":{\"type\":\"string\"},\"value\":{\"description\":\"null: not visible here.\",\"type\":[\"string\",\"null\"]},\"status\":{\"enum\":[\"ok\",\"bad\",\"not visible here\"]},\"why\":{\"type\":\"string\"}},\"additionalProperties\":false}}"),
	OBJECT("perf_stat", FIELD_OPTIONAL,
	       "Of sessions of scripts/perf-stat-sweep only: which perf counted. asked: as perf took the events; events: as it tells of them, unit \"\" for a count. paranoid: kernel.perf_event_paranoid, null: not visible. format: what perf was asked to write.",
	       perf_stat_head),
};
const struct fields head_fields = {head_field, ARRAY_SIZE(head_field)};
