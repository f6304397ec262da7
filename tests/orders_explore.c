/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_explore.c - all executions of a ring on the memory of orders.h.
 *
 * Decisions are made before each load that is not plain and each fence (who goes on), and at each load (which store it
 * returns, so what a store is too early for is seen by a stale one); an execution is the list of them, and is run again from its beginning to try the next
 * list. Two that have the same past, whatever the order in which it came, go on alike: of these one
 * is followed. A side that polls in vain waits until something that it polled has changed.
 */
#include "engine/coro.h"
#include "expect.h"
#include "orders_memory.h"
#include "orders_names.h"
#include "ring/setup.h"

#include <stdarg.h>

#define STACK_BYTES    (64u * 1024)
#define DEPTH_MAX      2048
#define EXECUTIONS_MAX 3000000ul
#define ACCESSES_MAX   20000
#define PASTS	       (1u << 20) /* a power of two */
#define DRIVER	       0
#define DEVICE	       1

struct order_side {
	struct coro coro;
	struct notify *notify;
	enum side_status status;
	bool waits, done;
	bool rung;
	unsigned rings; /* sent */
};

static struct {
	struct memory memory;
	struct order_side side[ORDER_SIDES];
	struct coro main;
	unsigned who;

	struct ring_conf conf;
	struct ring_private own;
	struct side_loops loops;
	_Alignas(4096) uint8_t region[REGION_MAX];

	const struct order_search *limits;
	struct order_found *found;
	FILE *trace;
	struct order_names names;

	unsigned left; /* of the budget */
	unsigned char choice[DEPTH_MAX], choices[DEPTH_MAX];
	unsigned depth, replayed;
	unsigned accesses;
	bool over;     /* this execution; nobody goes on */
	bool promised; /* in it a load returned what was stored later, or is to be */

	/* pasts that were followed, and what was left of the budget + 1 */
	uint64_t past[PASTS];
	unsigned char past_left[PASTS];
	unsigned long pasts;

	struct order_site site[ORDER_SITES];
	unsigned sites;
} w;

/* ---- decisions ---- */

static void end_execution(void)
{
	w.over = true;
	coro_switch(&w.side[w.who].coro, &w.main);
}

static void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list args;

	w.found->verdict = ORDER_WRONG;
	w.found->accesses = w.accesses;
	va_start(args, format);
	vsnprintf(w.found->what, sizeof(w.found->what), format, args);
	va_end(args);
}

/* One of n > 1; any but the first costs something. */
static unsigned choose(unsigned n, unsigned cost)
{
	unsigned chosen = 0;

	if (w.left < cost)
		return 0;
	if (w.depth == DEPTH_MAX) {
		wrong("an execution without end");
		end_execution();
	}
	if (w.depth < w.replayed)
		chosen = w.choice[w.depth];
	w.choice[w.depth] = (unsigned char)chosen;
	w.choices[w.depth++] = (unsigned char)n;
	if (chosen)
		w.left -= cost;
	return chosen;
}

static unsigned choose_message(unsigned n)
{
	return choose(n, 1);
}

/* Was this past followed before, with at least as much left? Notes it. */
static bool followed(void)
{
	uint64_t past = memory_mix(memory_mix(w.memory.side[0].past, w.memory.side[1].past), w.who);
	unsigned at = (unsigned)past & (PASTS - 1);

	for (unsigned i = 0; i < 64; i++, at = (at + 1) & (PASTS - 1)) {
		if (w.past_left[at] && w.past[at] != past)
			continue;
		if (w.past_left[at] > w.left)
			return true;
		w.pasts += !w.past_left[at];
		w.past[at] = past;
		w.past_left[at] = (unsigned char)(w.left + 1);
		return false;
	}
	return false; /* no room: it is followed once more */
}

static bool may_run(unsigned who)
{
	const struct order_side *s = &w.side[who];

	if (s->done)
		return false;
	if (!s->waits || s->rung)
		return true;
	return s->status != SIDE_SLEEPS && memory_polled_changed(&w.memory, who);
}

static const char *who_text(unsigned who)
{
	return who == DRIVER ? "driver" : "device";
}

static void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void trace(const char *format, ...)
{
	va_list args;

	if (!w.trace)
		return;
	fprintf(w.trace, "  %s  ", who_text(w.who));
	va_start(args, format);
	vfprintf(w.trace, format, args);
	va_end(args);
	fputc('\n', w.trace);
}

static void switch_to(unsigned who)
{
	const unsigned from = w.who;

	if (who == from)
		return;
	w.who = who;
	coro_switch(&w.side[from].coro, &w.side[who].coro);
}

/* Of a buffer, from 0. */
static unsigned long number(uint64_t buffer)
{
	return buffer - w.conf.start_idx;
}

/* Who goes on? */
static void schedule(void)
{
	const bool self = may_run(w.who), other = may_run(!w.who);

	if (!w.trace && w.depth >= w.replayed && followed())
		end_execution();
	if (!self && !other) {
		const bool driver = !w.side[DRIVER].done, device = !w.side[DEVICE].done;

		if (w.memory.promises)
			end_execution(); /* nobody is left to keep them */
		wrong("%s wait%s for good; %lu of %lu buffers came back",
		      driver && device ? "both sides"
		      : driver	       ? "the driver"
				       : "the device",
		      driver && device ? "" : "s", number(w.own.drv->reaped),
		      number(w.own.drv->reap_target));
		end_execution();
	}
	if (self && other) {
		if (choose(2, w.limits->switches))
			switch_to(!w.who);
	} else if (other) {
		switch_to(!w.who);
	}
}

/* ---- the verbs ---- */

static unsigned site_number(struct order_site *site)
{
	if (site->id)
		return site->id;
	for (unsigned i = 1; i <= w.sites; i++) {
		if (w.site[i].line == site->line && !strcmp(w.site[i].file, site->file))
			return site->id = i;
	}
	cr_assert_lt(w.sites + 1, ORDER_SITES);
	site->id = ++w.sites;
	w.site[site->id] = *site;
	return site->id;
}

static unsigned site_id(struct order_site *site)
{
	unsigned id = 0;

	if (site) {
		id = site_number(site);
		w.found->sites |= 1ull << id;
	}
	return id;
}

static struct access access_of(const void *at, size_t size, enum order_kind kind, unsigned site)
{
	struct access a = {.side = w.who,
			   .at = (size_t)((const uint8_t *)at - w.region),
			   .size = size,
			   .kind = kind,
			   .site = site};

	if (site && site == w.limits->weakened)
		a.kind = ORDER_RELAXED;
	if (a.at % CELL || size % CELL || a.at + size > w.memory.size) {
		wrong("%zu bytes at %zu are outside the region, or no whole cells", size, a.at);
		end_execution();
	}
	return a;
}

/* After each access. */
static void accessed(void)
{
	w.promised |= w.memory.promises != 0;
	if (w.memory.broken)
		end_execution();
	if (++w.accesses > ACCESSES_MAX || w.memory.full) {
		wrong("an execution without end");
		end_execution();
	}
	if (w.limits->accesses && w.accesses > w.limits->accesses)
		end_execution();
	if (w.limits->races && w.memory.race.found) {
		const struct race *r = &w.memory.race;
		char name[64];

		order_name(&w.names, r->at, name, sizeof(name));
		wrong("a data race: the %s %s %s, not ordered after the %s %s it",
		      who_text(r->side), r->store ? "writes" : "reads", name, who_text(!r->side),
		      r->with_store ? "writes" : "reads");
		w.found->verdict = ORDER_RACE;
		end_execution();
	}
}

static void trace_access(const struct access *a, bool store, uint64_t value, bool stale)
{
	static const char *const kinds[] = {[ORDER_PLAIN] = "",
					    [ORDER_RELAXED] = " relaxed",
					    [ORDER_ACQUIRE] = " acquire",
					    [ORDER_RELEASE] = " release"};
	char name[64];

	if (!w.trace || (a->kind == ORDER_PLAIN && !stale))
		return;
	order_name(&w.names, a->at, name, sizeof(name));
	trace("%s%s %s %s %#lx%s", store ? "store" : "load", kinds[a->kind], name,
	      store ? "=" : "->", (unsigned long)value,
	      stale ? " (stale: there is a newer one)" : "");
}

void order_load(const void *at, void *value, size_t size, enum order_kind kind,
		struct order_site *site)
{
	const unsigned id = site_id(site);
	struct access a = access_of(at, size, kind, id);

	if (kind != ORDER_PLAIN)
		schedule();
	for (size_t done = 0; done < size; done += 8) {
		uint64_t word;
		bool stale;

		a.at = (size_t)((const uint8_t *)at - w.region) + done;
		a.size = size - done < 8 ? size - done : 8;
		word = memory_load(&w.memory, &a, choose_message, &stale);
		trace_access(&a, false, word, stale);
		memcpy((uint8_t *)value + done, &word, a.size);
	}
	accessed();
}

void order_store(void *at, const void *value, size_t size, enum order_kind kind,
		 struct order_site *site)
{
	struct access a = access_of(at, size, kind, site_id(site));

	for (size_t done = 0; done < size; done += 8) {
		uint64_t word = 0;

		a.at = (size_t)((uint8_t *)at - w.region) + done;
		a.size = size - done < 8 ? size - done : 8;
		memcpy(&word, (const uint8_t *)value + done, a.size);
		trace_access(&a, true, word, false);
		memory_store(&w.memory, &a, word);
	}
	accessed();
}

void order_fence(struct order_site *site)
{
	const unsigned id = site_id(site);
	const bool weakened = id == w.limits->weakened;

	if (weakened && !w.limits->acq_rel)
		return;
	schedule();
	trace(weakened ? "fence of acquire and release" : "full fence");
	memory_fence(&w.memory, w.who, id, !weakened);
	accessed();
}

bool order_decides(bool late, struct order_site *site)
{
	return !late || site_id(site) != w.limits->weakened;
}

/* ---- the two sides ---- */

static void run_side(void *arg)
{
	struct order_side *s = arg;
	const unsigned who = (unsigned)(s - w.side);
	static const struct turn turn = {.bursts = UINT64_MAX, .looks = 1};

	for (;;) {
		const struct failure *fail = who == DRIVER ? &w.own.drv->fail : &w.own.dev->fail;
		bool rang;

		memory_poll_begin(&w.memory, who);
		s->status =
			who == DRIVER ? w.loops.drv(w.own.drv, turn) : w.loops.dev(w.own.dev, turn);
		if (s->status == SIDE_BROKEN) {
			wrong("the %s finds: %s (buffer %lu)", who_text(who),
			      failure_text(fail->kind), number(fail->buffer));
			end_execution();
		}
		rang = s->notify->rings;
		s->notify->rings = false;
		if (rang) {
			/* an interrupt is no earlier than what came before it */
			trace("notifies");
			memory_tell(&w.memory, who, !who);
			w.side[!who].rung = true;
			s->rings++;
		}
		s->done = s->status == SIDE_DONE;
		if (s->done && w.side[!who].done)
			end_execution();
		if (s->status == SIDE_SLEEPS || (s->status != SIDE_DONE && !rang)) {
			if (s->status == SIDE_SLEEPS)
				trace("sleeps");
			s->waits = true;
		}
		if (s->waits || s->done)
			schedule();
		s->notify->woken |= s->status == SIDE_SLEEPS;
		s->waits = false;
		if (s->rung) {
			uint64_t *past = &w.memory.side[who].past;

			*past = memory_mix(*past, w.side[!who].rings);
			s->rung = false;
		}
	}
}

static void begin_execution(const struct order_case *c)
{
	ring_setup(&w.conf, w.region, &w.own);
	w.own.drv->policy.full = w.own.dev->policy.full = c->full;
	w.own.drv->post_target = w.own.drv->reap_target = w.own.drv->posted + c->buffers;
	w.own.dev->take_target = w.own.dev->taken + c->buffers;
	memory_begin(&w.memory, w.region, w.memory.size);
	for (unsigned s = 0; s < ORDER_SIDES; s++) {
		w.side[s].notify = s == DRIVER ? w.own.drv->notify : w.own.dev->notify;
		w.side[s].waits = w.side[s].done = w.side[s].rung = false;
		w.side[s].rings = 0;
		w.side[s].status = SIDE_IDLE;
		coro_start(&w.side[s].coro, run_side, &w.side[s]);
	}
	w.left = w.limits->budget;
	w.depth = w.accesses = 0;
	w.over = w.promised = false;
	w.who = DRIVER;
}

static void run_execution(const struct order_case *c)
{
	struct failure fail;

	begin_execution(c);
	coro_switch(&w.main, &w.side[DRIVER].coro);
	if (w.found->verdict != ORDER_RIGHT || w.memory.promises || w.memory.broken ||
	    !w.side[DRIVER].done || !w.side[DEVICE].done)
		return;
	w.found->promises += w.promised;
	if (!ring_settle(&w.conf, &w.own, c->full, &fail))
		wrong("at the end: %s (buffer %lu)", failure_text(fail.kind), number(fail.buffer));
}

/* ---- all of it ---- */

static void open_case(const struct order_case *c)
{
	const struct generic_loops *loops;
	const struct variant *variant;
	struct ring_layout layout;

	must(variants_find, c->variant, &variant);
	w.conf = (struct ring_conf){.variant = variant,
				    .dir = c->dir,
				    .ring_size = c->ring,
				    .burst = c->burst,
				    .burst_least = c->least,
				    .burst_seed = c->seed,
				    .payload = c->payload,
				    .align = ALIGN_PACKED,
				    .start_idx = (uint16_t)c->start,
				    .policy = c->policy};
	must(variants_legal, variant, c->dir, &c->policy);
	ring_layout(&w.conf, &layout);
	cr_assert_leq(layout.size, sizeof(w.region));
	w.memory.size = layout.size;
	must(ring_private_open, &w.own, c->ring, c->burst, 0, NULL);
	loops = variant->ring == RING_SPSC     ? &orders_spsc_loops
		: variant->ring == RING_LAB    ? &orders_lab_loops
		: variant->ring == RING_PACKED ? &orders_packed_loops
					       : &orders_split_loops;
	w.loops = (struct side_loops){loops->drv[c->dir], loops->dev[c->dir]};
	w.names = (struct order_names){&w.conf, layout};
	for (unsigned s = 0; s < ORDER_SIDES; s++)
		must(coro_open, &w.side[s].coro, STACK_BYTES);
}

static void close_case(void)
{
	for (unsigned s = 0; s < ORDER_SIDES; s++)
		coro_close(&w.side[s].coro);
	ring_private_close(&w.own);
}

/* The next list of decisions; false: that was all. */
static bool next_execution(void)
{
	while (w.depth && w.choice[w.depth - 1] + 1 == w.choices[w.depth - 1])
		w.depth--;
	w.replayed = w.depth;
	if (!w.depth)
		return false;
	w.choice[w.depth - 1]++;
	return true;
}

void order_explore(const struct order_case *c, const struct order_search *limits,
		   struct order_found *found, FILE *out)
{
	unsigned known;

	*found = (struct order_found){.verdict = ORDER_RIGHT};
	w.limits = limits;
	w.found = found;
	w.trace = NULL;
	open_case(c);
	w.memory.futures = 0;
	w.memory.promising = limits->promises;
	/* until no execution stores a value that the ones before did not know of */
	do {
		known = w.memory.futures;
		w.replayed = 0;
		memset(w.past_left, 0, sizeof(w.past_left));
		w.pasts = 0;
		do {
			run_execution(c);
			if (++found->executions == EXECUTIONS_MAX)
				wrong("not explored to its end: %lu executions", EXECUTIONS_MAX);
		} while (found->verdict == ORDER_RIGHT && next_execution());
	} while (found->verdict == ORDER_RIGHT && known != w.memory.futures);
	found->states = w.pasts;
	if (found->verdict != ORDER_RIGHT && out) {
		w.trace = out;
		w.replayed = w.depth;
		run_execution(c);
		fprintf(out, "  %s\n", found->what);
	}
	close_case();
}

const struct order_site *order_sites(unsigned *n)
{
	*n = w.sites;
	return w.site;
}

bool order_paired(unsigned release, unsigned acquire)
{
	return memory_pairs[release][acquire];
}
