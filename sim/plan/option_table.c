/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * option_table.c - the options of `run` and of the commands that take them.
 */
#include "plan/option_table.h"

#include <limits.h>

/* Below, a side waits for so long that it counts as stalled; above is no clock to keep it by. */
#define RATE_MIN 10u
#define RATE_MAX 100000000u

#define IN_PLAN(field)	  .at = offsetof(struct plan, field)
#define IN_REQUEST(field) .in_request = true, .at = offsetof(struct request, field)

#define BY(reader)     .kind = VALUE_READER, .read = (reader)
#define TO_FLAG(field) .kind = VALUE_PUT, .put = args_flag, IN_PLAN(field)
#define TO_TEXT(field) .kind = VALUE_PUT, .put = args_text, IN_REQUEST(field)
#define TO_PATH(field) .kind = VALUE_PUT, .put = args_path, IN_PLAN(field)
#define TO_BITS(field, from, names) \
	.kind = VALUE_BITS, IN_PLAN(field), .min = (from), .name_of = (names)
#define TO_U32(field, from, to)	 .kind = VALUE_U32, IN_PLAN(field), .min = (from), .max = (to)
#define TO_U64(field, from, to)	 .kind = VALUE_U64, IN_PLAN(field), .min = (from), .max = (to)
#define TO_REAL(field, from, to) .kind = VALUE_REAL, IN_PLAN(field), .low = (from), .high = (to)
#define TO_NAME(field, n, names) \
	.kind = VALUE_NAME, IN_PLAN(field), .count = (n), .name_of = (names)
#define TO_LIST(field, from, to, legally) \
	.kind = VALUE_LIST, IN_PLAN(field), .min = (from), .max = (to), .legal = (legally)
#define TO_BURSTS                                                       \
	BY(put_burst), IN_PLAN(bursts), .min = 1, .max = RING_SIZE_MAX, \
					.legal = "1..the ring size, or random:LO:HI:SEED alone"
#define TO_SEED(field) .kind = VALUE_U64, IN_REQUEST(field), .min = 1, .max = UINT64_MAX
#define TO_CPU(field)  .kind = VALUE_U32, IN_REQUEST(field), .max = INT_MAX
#define TO_NAME_ASKED(field, n, names) \
	.kind = VALUE_NAME, IN_REQUEST(field), .count = (n), .name_of = (names)

const char *const option_titles[OPTION_GROUPS] = {
	[GROUP_COMPARED] =
		"What is compared (LIST: a,b,c or min:step:max or min:*k:max, joined by commas):",
	[GROUP_HELD] = "What is held the same, and recorded:",
	[GROUP_WHERE] = "Where it runs:",
	[GROUP_MODEL] = "On the model engine, which counts line transfers:",
	[GROUP_AMOUNT] = "How much is measured:",
	[GROUP_COUNTED] = "What else is counted, and asked of the machine:",
	[GROUP_TIMED] = "How buffers are sent and timed:",
	[GROUP_OUT] = "What comes out:",
	[GROUP_RINGTEST] = "As ringtest calls them:",
};

/* What --quick and --full decide, too. */
#define HOW_LONG (USE_REPEATED | USE_AMOUNT | USE_NOT_PREDICTED)

/* A row: its group, "--name", what help calls its value, its uses, how it is read, help. */
#define OPTION(in, called, value, uses, how, words, ...)                             \
	{                                                                            \
		.name = called, .arg = value, .group = GROUP_##in, .use = uses, how, \
		.help = words, __VA_ARGS__                                           \
	}

const struct option_row option_rows[] = {
	OPTION(COMPARED, "--over", "NAME=LIST", USE_SWEEPING | USE_COMMON, TO_TEXT(over),
	       "An option of this group or the next and its values, as burst=1:*2:64 or "
	       "poll=spin,pause: each is a point, and the first is what the others are compared with"),
	OPTION(COMPARED, "--by", "NAME=LIST", USE_SWEEPING | USE_COMMON, TO_TEXT(by),
	       "Another one: every value of --over at each of its values"),
	OPTION(COMPARED, "--variant", "LIST", USE_COMMON, TO_TEXT(variants),
	       "Names of `vringbench list`, joined by + for a combination; all: every single "
	       "optimization; combinations: those, too; everything: reference implementations, too; "
	       "lab: the points of that ring family; list: print them. Baseline is always there "
	       "(default: all)",
	       .letter = 'v'),
	OPTION(COMPARED, "--only", NULL, USE_NOT_PREDICTED, TO_FLAG(only),
	       "The variants named and nothing else: no baseline, no null row, so no ratios"),
	OPTION(COMPARED, "--direction", "rx|tx|both", USE_COMMON | USE_NOT_REPLAYED,
	       TO_BITS(directions, DIR_RX, direction_name),
	       "What the device does: fill buffers, read them, or each (default: both)",
	       .letter = 'd'),
	OPTION(COMPARED, "--ring-size", "LIST", USE_SWEPT | USE_COMMON | USE_NOT_REPLAYED,
	       TO_LIST(ring_sizes, RING_SIZE_MIN, RING_SIZE_MAX, "2, 4, 8 ... 32768"),
	       "Entries, powers of two 2..32768; any from 2 on with packed variants and --only "
	       "(default: 256)",
	       .letter = 'n'),
	OPTION(COMPARED, "--burst", "LIST", USE_SWEPT | USE_COMMON | USE_NOT_REPLAYED, TO_BURSTS,
	       "Buffers between two polls of an index, 1..ring size; random:LO:HI:SEED: the side that "
	       "has packets to give draws each burst (default: 32, or the smallest ring)",
	       .letter = 'b'),
	OPTION(COMPARED, "--random-bursts", "SEED", USE_NOT_REPLAYED, TO_SEED(random_bursts),
	       "As --burst random:1:HI:SEED for each HI of --burst; SEED 1..2^64-1"),
	OPTION(COMPARED, "--payload", "LIST", USE_SWEPT | USE_COMMON,
	       TO_LIST(payloads, 0, PAYLOAD_MAX, "0..9000"),
	       "Bytes written and read in each buffer, 0..9000; 0: the ring alone (default: 0)",
	       .letter = 'p'),
	OPTION(HELD, "--free-list", "fifo|lifo|recorded", USE_SWEPT,
	       TO_NAME(policy.free_list, FREE_LIST_KINDS, free_list_name),
	       "Where a descriptor returns to: the tail (DPDK) or the head (Linux); recorded: the driver of a "
	       "recording decides (default: fifo; replay: recorded)"),
	OPTION(HELD, "--publish", "burst|buffer", USE_SWEPT,
	       TO_NAME(policy.publish, PUBLISH_KINDS, publish_name),
	       "Store avail->idx once a burst or after each buffer (default: burst)"),
	OPTION(HELD, "--tx-header", "LAYOUT", USE_SWEPT | USE_TX | USE_NOT_REPLAYED,
	       TO_NAME(policy.tx_header, TX_HEADER_KINDS, tx_header_name),
	       "TX: chained, a descriptor for the header before that of the data; any-layout, one for "
	       "both, the header before the data in the buffer; indirect, one that points to a table "
	       "of the two; none, no header (default: chained)"),
	OPTION(HELD, "--header-write", "WHO", USE_SWEPT | USE_TX,
	       TO_NAME(policy.header_write, HEADER_WRITE_KINDS, header_write_name),
	       "TX headers: shared, one constant header for all packets; per-slot, one a head beside "
	       "the ring, written for each packet; in-buffer, before the packet in its buffer, "
	       "written for each; in-buffer-if-changed, read there and written if it differs "
	       "(default: shared; with any-layout in-buffer)"),
	OPTION(HELD, "--used-read", "WHAT", USE_SWEPT,
	       TO_NAME(policy.used_read, USED_READ_KINDS, used_read_name),
	       "What the driver reads of used elements: id+len, len, or idx-only, nothing (default: "
	       "what each variant needs)"),
	OPTION(HELD, "--avail-store", "each|burst", USE_SWEPT,
	       TO_NAME(policy.avail_store, AVAIL_STORE_KINDS, avail_store_name),
	       "The driver stores an entry of avail->ring[] with its descriptor, or those of a burst after "
	       "all its descriptors (default: each)"),
	OPTION(HELD, "--device-avail", "entries|in-order", USE_SWEPT,
	       TO_NAME(policy.device_avail, DEVICE_AVAIL_KINDS, device_avail_name),
	       "The device reads avail->ring[], or knows the heads of a driver that uses ring order "
	       "(default: entries)"),
	OPTION(HELD, "--device-publish", "burst|buffer", USE_SWEPT,
	       TO_NAME(policy.device_publish, PUBLISH_KINDS, publish_name),
	       "Store used->idx once a burst or after each buffer, which is then a batch of its own "
	       "(default: burst)"),
	OPTION(HELD, "--device-order", "ORDER", USE_SWEPT | USE_NOT_REPLAYED, BY(put_device_order),
	       "in-order; early:SHARE:SEED, a seeded SHARE (0..1) of the buffers is returned early; "
	       "late-first:SHARE:SEED, of a SHARE of bursts the first buffer is returned last; "
	       "reversed-bursts:SHARE:SEED, a SHARE of bursts is returned from the last buffer on; "
	       "discard:SHARE:SEED, a SHARE of the buffers is given up and taken again "
	       "(default: in-order)"),
	OPTION(HELD, "--poll", "spin|pause|backoff", USE_SWEPT,
	       TO_NAME(policy.poll, POLL_KINDS, poll_name),
	       "After an empty poll: poll again at once; pause first; pause 1, 2, 4 .. 64 times first "
	       "(default: spin)"),
	OPTION(HELD, "--poll-fence", "SIDES", USE_SWEPT,
	       TO_NAME(policy.poll_fence, POLL_FENCES, poll_fence_name),
	       "Whose polls have a fence between the poll and what it found, so that nothing of it is loaded on a "
	       "guess: none, driver, device, both (default: none)"),
	OPTION(HELD, "--notify", "MODE[:WAY][:late]", USE_SWEPT | USE_NOTIFYING, BY(put_notify),
	       "How the sides ask to be notified: off, they poll; flags; event-idx, of a split ring; desc, "
	       "of a packed one. Kicks and calls alike, or one of them with :kick or :call. Whether to "
	       "notify is decided after a burst is published, or with :late after the poll that follows "
	       "(default: off)",
	       .count = NOTIFY_MODES, .name_of = notify_mode_name),
	OPTION(HELD, "--notify-arm", "WHEN", USE_SWEPT | USE_NOTIFYING,
	       TO_NAME(policy.notify_arm, ARM_KINDS, notify_arm_name),
	       "When they ask: sleep, before they sleep; poll, after each burst; delayed, TX: the driver "
	       "asks for the call when 3/4 of what is outstanding is done (default: sleep)"),
	OPTION(HELD, "--notify-coalesce", "PACKETS[:NS]", USE_SWEPT | USE_NOTIFYING,
	       BY(put_coalesce),
	       "The device decides whether to call only when PACKETS used buffers are unannounced, "
	       "1..32768, or NS after the first of them, 1..100000000, or, without NS, when it finds "
	       "nothing more; off: after each burst (default: off)"),
	OPTION(HELD, "--sleep", "WHO", USE_SWEPT | USE_NOTIFYING,
	       TO_NAME(policy.sleep, SLEEPERS, sleepers_name),
	       "Who sleeps while there is nothing to do, until it is notified: none, driver, device, "
	       "both (default: none)"),
	OPTION(HELD, "--busy-poll", "NS", USE_SWEPT | USE_NOTIFYING,
	       TO_U32(policy.busy_poll, 0, BUSY_POLL_MAX),
	       "How long a side finds nothing before it sleeps, 0..1000000000 ns; one that takes turns "
	       "with the other then never sleeps (default: 0)"),
	OPTION(HELD, "--outstanding", "N", USE_SWEPT | USE_NOT_REPLAYED,
	       TO_U32(policy.outstanding, 1, RING_SIZE_MAX),
	       "Most buffers in the ring at once, 1..ring size (default: as many as fit)"),
	OPTION(HELD, "--clean-threshold", "N", USE_SWEPT | USE_TX | USE_NOT_REPLAYED,
	       TO_U32(policy.clean, 1, RING_SIZE_MAX),
	       "TX: take buffers back when so many are done, 1..ring size (default: 32, or half of "
	       "what fits)"),
	OPTION(HELD, "--rx-room", "N", USE_SWEPT | USE_RX, TO_U32(policy.rx_room, 0, PAYLOAD_MAX),
	       "RX: bytes that a buffer is larger than its packet, 0..9000 (default: 0, full buffers)"),
	OPTION(HELD, "--rx-buffer", "BYTES", USE_SWEPT | USE_RX | USE_NOT_REPLAYED,
	       BY(put_rx_buffer),
	       "RX: buffers of so many bytes, 16..9012, of which a packet takes as many as it needs; "
	       "0: a packet each (default: 0)"),
	OPTION(HELD, "--work-driver", "CYCLES", USE_SWEPT, TO_U32(policy.work_driver, 0, WORK_MAX),
	       "Work of the driver on each packet, 0..1000000 (default: 0)"),
	OPTION(HELD, "--work-device", "CYCLES", USE_SWEPT, TO_U32(policy.work_device, 0, WORK_MAX),
	       "Work of the device on each packet, 0..1000000 (default: 0)"),
	OPTION(HELD, "--pressure", "KIB", USE_SWEPT, TO_U32(policy.pressure, 0, PRESSURE_MAX),
	       "Memory of its own that each side reads for each burst, 0..65536 (default: 0)"),
	OPTION(HELD, "--align", "4096|64|packed", USE_SWEPT,
	       TO_NAME(align, ALIGN_KINDS, ring_align_name),
	       "Boundary on which the used ring begins (default: 64)"),
	OPTION(HELD, "--start-index", "N", USE_SWEPT | USE_NOT_REPLAYED,
	       TO_U32(start_idx, 0, UINT16_MAX),
	       "First value of the ring's indices, 0..65535 (default: 0)"),
	OPTION(HELD, "--queues", "N", USE_SWEPT | USE_QUEUES | USE_COMMON | USE_NOT_REPLAYED,
	       TO_U32(policy.queues, 1, QUEUES_MAX),
	       "Queue pairs, 1..64: each a ring, buffers, a driver and a device of its own, all at the same "
	       "time (default: 1)"),
	OPTION(HELD, "--queue-layout", "separate|adjacent",
	       USE_SWEPT | USE_QUEUES | USE_NOT_REPLAYED,
	       TO_NAME(policy.queue_layout, QUEUE_LAYOUTS, queue_layout_name),
	       "Of several queue pairs: each begins on a page of its own; or their descriptors lie end to "
	       "end, their avail rings and their used rings, so that neighbours share cache lines "
	       "(default: separate)"),
	OPTION(HELD, "--simd", "PATH", 0, TO_NAME_ASKED(simd_want, SIMD_AUTO + 1, simd_name),
	       "Vector path: auto, scalar, sse, avx2, avx512, neon (default: auto, the widest there is)"),
	OPTION(HELD, "--inject", "FAULT:K", USE_NOT_PREDICTED | USE_NOT_REPLAYED, BY(put_inject),
	       "lose:K, corrupt:K or duplicate:K: the device mishandles buffer K of each sample, to "
	       "show that the integrity check sees it"),
	OPTION(WHERE, "--engine", "ENGINE", USE_COMMON, BY(put_engine),
	       "native: two pinned threads; process: the same as two processes; one-core: both sides "
	       "in turns on one thread; model: on a model of the caches, which counts line transfers "
	       "(default: native)",
	       .letter = 'e', .count = ENGINE_KINDS, .name_of = engine_name),
	OPTION(WHERE, "--cpus", "D,E", USE_NOT_PREDICTED | USE_COMMON, BY(put_cpus),
	       "CPU of the driver, CPU of the device; of several queue pairs also both of each, as 0,1,2,3"),
	OPTION(WHERE, "--pair", "RELATION", USE_NOT_PREDICTED, BY(put_pair),
	       "Choose two CPUs that are smt, llc, package or numa to each other (default: the first "
	       "there is of llc, package, numa, smt)"),
	OPTION(WHERE, "--mem-node", "NODE", USE_REPEATED | USE_NOT_PREDICTED, TO_TEXT(mem_node),
	       "Node of the shared memory: driver, device or a number (default: not bound)"),
	OPTION(WHERE, "--pages", "4k|thp|huge", USE_REPEATED | USE_NOT_PREDICTED,
	       TO_NAME(pages, PAGE_HUGE + 1, page_kind_name),
	       "Pages of the shared memory (default: 4k)"),
	OPTION(WHERE, "--restart", "N", USE_PROCESSES | USE_NOT_PREDICTED,
	       TO_U32(restarts, 0, 1000),
	       "Of a device that is killed: start a new one, which resumes at the used index of a split "
	       "ring, N times in a launch (default: 0)"),
	OPTION(WHERE, "--relocate", "PART", USE_TWO_THREADS | USE_NOT_PREDICTED,
	       TO_NAME(relocate, RELOCATED_KINDS, relocated_name),
	       "Move a part of the ring's memory to other physical pages in each round: desc, avail, "
	       "used, buffers; shared, all of these; private, what each side keeps to itself; all. With "
	       "--align 4096 the parts of a ring of 256 or more share no page (default: none)"),
	OPTION(WHERE, "--page-sets", "N", USE_TWO_THREADS | USE_NOT_PREDICTED,
	       TO_U32(page_sets, 2, PAGE_SETS_MAX),
	       "With --relocate: how many places the part has, 2..16; each is used again after as many "
	       "rounds (default: 4)"),
	OPTION(MODEL, "--protocol", "NAME", USE_MODEL,
	       TO_NAME(model.protocol, COH_PROTOCOLS, coh_protocol_name),
	       "mesi, mesif, moesi or moesi-migratory (default: mesi; with --machine, the one that it "
	       "behaves like)"),
	OPTION(MODEL, "--mode", "lockstep|timed", USE_MODEL | USE_NOT_PREDICTED,
	       TO_NAME(model.mode, MODEL_MODES, model_mode_name),
	       "The sides take turns, a burst each; or each has a clock, and the one behind runs "
	       "(default: lockstep)"),
	OPTION(MODEL, "--machine", "NAME|FILE", USE_MODEL | USE_COMMON, BY(put_machine),
	       "Whose latencies: a preset of `vringbench list --machines`, as zen5-far, or a file of "
	       "`vringbench probe --calibrate` (default: the first preset)"),
	OPTION(MODEL, "--bound", "serial|overlapped|estimate", USE_MODEL | USE_NOT_PREDICTED,
	       TO_NAME(model.bound, MODEL_BOUNDS, model_bound_name),
	       "Timed: each miss is waited for; misses overlap; or they do with what else an out-of-order core "
	       "does (default: serial)"),
	OPTION(MODEL, "--sockets", "LIST", USE_MODEL | USE_QUEUES | USE_NOT_REPLAYED,
	       BY(put_sockets),
	       "Timed: the socket of each side, as 0,0,1,1 for driver and device of the first queue pair, then "
	       "of the second, and again from the first; sides on different ones lie at the machine's farthest "
	       "place (default: all on one)"),
	OPTION(MODEL, "--without", "LIST", USE_MODEL, BY(put_without),
	       "What the estimate leaves out, of: addresses, gaps, adjacent, own-stores, "
	       "computing, drain, queued, next-line (default: nothing)"),
	OPTION(MODEL, "--line", "BYTES", USE_MODEL, BY(put_line),
	       "Of a cache line: 32, 64, 128, 256 (default: 64)"),
	OPTION(MODEL, "--prefetch", NULL, USE_MODEL, TO_FLAG(model.prefetch),
	       "A miss also reads the other line of an aligned pair"),
	OPTION(MODEL, "--cache", "SETSxWAYS", USE_MODEL, BY(put_cache),
	       "Of each private cache, as 64x8 (default: nothing is ever evicted)"),
	OPTION(MODEL, "--store-buffer", "N", USE_MODEL,
	       TO_U32(model.store_buffer, 0, COH_STORE_BUFFER_MAX),
	       "Entries, 0..128; 0: stores are waited for (default: the machine's)"),
	OPTION(MODEL, "--trace", "FILE", USE_MODEL | USE_NOT_PREDICTED, TO_PATH(trace_path),
	       "Write each access and change of state of one lap, human-readable"),
	OPTION(AMOUNT, "--quick", NULL, HOW_LONG | USE_COMMON, BY(put_preset),
	       "4 launches of 6 rounds, samples of 10 ms, at most 4.5 s (ablate: 6 of 12, 8 ms, 16 s)"),
	OPTION(AMOUNT, "--full", NULL, HOW_LONG, BY(put_preset),
	       "10 launches of 15 rounds, samples of 20 ms (ablate: of 30, 15 ms, 165 s)"),
	OPTION(AMOUNT, "--rounds", "N", HOW_LONG, TO_U32(rounds, 1, 100000),
	       "Rounds in each launch, 1..100000 (default: 8; ablate: as --full)", .letter = 'r'),
	OPTION(AMOUNT, "--launches", "N", HOW_LONG, TO_U32(launches, 1, 1000),
	       "Fresh processes, 1..1000 (default: 6; ablate: 10)"),
	OPTION(AMOUNT, "--sample-ms", "X", HOW_LONG, TO_REAL(sample_ms, 0.1, 1000),
	       "Length to size samples for, 0.1..1000 (default: 15)"),
	OPTION(AMOUNT, "--time-limit", "SECONDS", HOW_LONG, TO_REAL(time_limit_s, 0.1, 86400),
	       "Begin no round after it, 0.1..86400 (default: none; ablate: as --full)"),
	OPTION(AMOUNT, "--buffers", "N", 0, TO_U64(buffers, 1, BUFFERS_MAX),
	       "Buffers in each sample, 1..2^40 (default: sized for --sample-ms)"),
	OPTION(AMOUNT, "--seed", "N", 0, TO_U64(seed, 0, UINT64_MAX),
	       "Of the order of cells, 0..2^64-1 (default: 1)"),
	OPTION(AMOUNT, "--margin", "PERCENT", USE_REPEATED | USE_NOT_PREDICTED, BY(put_margin),
	       "How far intervals of null rows may reach from 1 before --strict calls a session "
	       "disturbed, 0.1..50 (default: 3)"),
	OPTION(COUNTED, "--counters", "WHAT", USE_COUNTING | USE_TWO_CPUS | USE_COMMON,
	       BY(put_counters),
	       "Hardware counters of each side: cache lines that arrive and that are invalidated, "
	       "cycles, instructions. all (the same as no value); require: exit 2 if what this CPU "
	       "has cannot be counted; null-row: only in baseline's second copy, whose ratio then "
	       "shows what counting costs",
	       .arg_optional = true),
	OPTION(COUNTED, "--events", "LIST", USE_COUNTING | USE_TWO_CPUS, BY(put_events),
	       "Count these, too: raw codes as r04d2, sysfs forms as cpu/event=0xd2,umask=0x04/, "
	       "perf's own names, names of libpfm4; implies --counters"),
	OPTION(COUNTED, "--perf-ctl", "HOW", USE_COUNTING | USE_TWO_CPUS, BY(put_perf_ctl),
	       "fd:CTL,ACK or fifo:CTL,ACK: switch a `perf stat -D -1 --control=HOW` on for what is "
	       "measured, and off after it"),
	OPTION(COUNTED, "--hold", NULL, USE_COUNTING | USE_TWO_CPUS, TO_FLAG(hold),
	       "Print the thread ids of driver and device on stderr and wait for a line on standard "
	       "input before each launch's first sample, so that a `perf stat --per-thread -t` can "
	       "join"),
	OPTION(COUNTED, "--instructions", "FILE", USE_COUNTING, TO_PATH(instructions_path),
	       "Instructions per buffer of these cells, as scripts/instructions counts them (default: "
	       "results/instructions.tsv, if it is there and is for these cells)"),
	OPTION(COUNTED, "--strict", NULL, USE_COUNTING, TO_FLAG(strict),
	       "Exit 4 if the session was disturbed"),
	OPTION(TIMED, "--loop", "closed|open|both", USE_TIMING | USE_COMMON,
	       TO_BITS(paces, PACE_CLOSED, pace_name),
	       "closed: one buffer under way, the next is sent when it is back; open: buffers are due "
	       "at even distances, and each is timed from when it was due (default: both)"),
	OPTION(TIMED, "--rate", "LIST", USE_TIMING | USE_COMMON,
	       TO_LIST(rates, RATE_MIN, RATE_MAX, "10..100M, as in 500k,1M,4M"),
	       "Of the open loop: buffers per second, joined by commas, with k for 1000 and M for "
	       "1000000: 10..100M (default: 1M)",
	       .units = true),
	OPTION(TIMED, "--hgrm", "DIR", USE_TIMING, TO_PATH(hgrm_dir),
	       "Write percentile distributions there, a file a row, as HdrHistogram's plotters read "
	       "them (default: do not)"),
	OPTION(OUT, "--format", "table|tsv|json", USE_COMMON, .kind = VALUE_PUT,
	       "On stdout (default: table)", .put = args_format, IN_PLAN(format)),
	OPTION(OUT, "--json", "FILE", USE_COMMON, TO_PATH(json_path),
	       "The session file (default: a new name below --results)", .letter = 'o'),
	OPTION(OUT, "--results", "DIR", 0, TO_PATH(results_dir),
	       "Where session files go (default: results/sessions)"),
	OPTION(OUT, "--plots", "DIR", USE_COMMON, TO_PATH(plots_dir),
	       "Draw the session there with gnuplot (default: do not)"),
	OPTION(OUT, "--quiet", NULL, USE_COMMON, TO_FLAG(quiet), "No progress on standard error",
	       .letter = 'q'),
	OPTION(OUT, "--question", "TEXT", 0, BY(put_question),
	       "What the session is to answer, for the record; at most 300 characters"),
	OPTION(OUT, "--against", "SESSION", USE_PREDICTING | USE_COMMON, TO_PATH(against_path),
	       "A session of the native engine: its figures stand beside the predictions, with the "
	       "errors"),
	OPTION(OUT, "--computing", "SESSION", USE_PREDICTING | USE_COMMON, TO_PATH(computing_path),
	       "A session of predict: what sides compute is taken from it, and not measured here"),
	OPTION(RINGTEST, "--guest-affinity", "CPU", USE_NOT_PREDICTED, TO_CPU(guest),
	       "The driver's CPU (default: beside --host-affinity, another one)"),
	OPTION(RINGTEST, "--host-affinity", "CPU", USE_NOT_PREDICTED, TO_CPU(host),
	       "The device's CPU (default: beside --guest-affinity, another one)"),
	OPTION(RINGTEST, "--run-cycles", "N", 0, TO_U64(buffers, 1, BUFFERS_MAX), "As --buffers",
	       .same_as = "--buffers"),
	OPTION(RINGTEST, "--batch", "N", USE_NOT_REPLAYED, TO_BURSTS, "As --burst",
	       .same_as = "--burst"),
	OPTION(RINGTEST, "--relax", NULL, 0, BY(put_relax), "As --poll pause", .same_as = "--poll"),
};

const size_t option_count = ARRAY_SIZE(option_rows);

_Static_assert(ARRAY_SIZE(option_rows) <= OPTIONS_MAX, "struct request has room for each");
