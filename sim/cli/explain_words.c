/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain_words.c - what `explain` calls things: fields, purposes, changes of state.
 */
#include "cli/explain.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_WIDTH 92
#define RUNS_WIDTH 80 /* more runs of fields than fit here are not told */

/* ---- fields ---- */

/* A field's name in parts: "desc[4].len" is desc, 4, .len. */
struct field {
	char stem[32];
	long index; /* -1: it has none */
	char suffix[16];
};

/* What stands between a stem and its index: "packet 7 + 16", but "desc[4].len". */
static bool spaced(const char *stem)
{
	return strstr(stem, "packet") != NULL;
}

static struct field parse_field(const char *name)
{
	struct field f = {.index = -1};
	size_t len = strcspn(name, "[");
	const char *digits;
	char *end;

	if (spaced(name))
		len = strcspn(name, "0123456789") - 1;
	snprintf(f.stem, sizeof(f.stem), "%.*s", (int)(len < 31 ? len : 31), name);
	if (!name[len])
		return f;
	digits = name + len + 1;
	f.index = strtol(digits, &end, 10);
	if (*end == ']')
		snprintf(f.suffix, sizeof(f.suffix), "%.15s", end + 1);
	return f;
}

/* Fields in the order of their offsets, told in runs of like ones. */
struct field_runs {
	char *buf;
	size_t size;
	struct field at; /* the element at hand; .suffix unused */
	char suffixes[64];
	bool open; /* there is one */
	/* the run that waits for its end */
	char stem[32], run_suffixes[64];
	long from, to;
	bool waiting;
	bool cut; /* there was more */
};

#define put(r, ...) text_add((r)->buf, (r)->size, __VA_ARGS__)

static void flush_run(struct field_runs *r)
{
	const bool words = spaced(r->stem);

	if (!r->waiting)
		return;
	r->waiting = false;
	if (strlen(r->buf) > RUNS_WIDTH) {
		if (!r->cut)
			put(r, " ...");
		r->cut = true;
		return;
	}
	put(r, "%s%s", *r->buf ? ", " : "", r->stem);
	if (r->from >= 0) {
		put(r, "%s%ld", words ? " " : "[", r->from);
		if (r->to != r->from)
			put(r, "..%ld", r->to);
		put(r, "%s", words ? "" : "]");
	}
	put(r, "%s", r->run_suffixes);
}

/* Up or down, as the run has begun: packets come from the top of a stack. */
static bool continues(const struct field_runs *r, long index)
{
	if (index < 0 || r->from < 0)
		return false;
	return (index == r->to + 1 && r->to >= r->from) || (index == r->to - 1 && r->to <= r->from);
}

/* The element at hand is complete: it joins the run, or begins one. */
static void close_element(struct field_runs *r)
{
	if (!r->open)
		return;
	r->open = false;
	if (r->waiting && !strcmp(r->stem, r->at.stem) && continues(r, r->at.index) &&
	    !strcmp(r->run_suffixes, r->suffixes)) {
		r->to = r->at.index;
		return;
	}
	flush_run(r);
	memcpy(r->stem, r->at.stem, sizeof(r->stem));
	memcpy(r->run_suffixes, r->suffixes, sizeof(r->run_suffixes));
	r->from = r->to = r->at.index;
	r->waiting = true;
}

static void put_field(struct field_runs *r, const char *name)
{
	const struct field f = parse_field(name);

	if (!r->open || strcmp(r->at.stem, f.stem) || r->at.index != f.index) {
		close_element(r);
		r->at = f;
		snprintf(r->suffixes, sizeof(r->suffixes), "%s", f.suffix);
		r->open = true;
		return;
	}
	/* a whole element needs no suffix; what was told is not told again */
	if (*r->suffixes && !strstr(r->suffixes, f.suffix))
		text_add(r->suffixes, sizeof(r->suffixes), " %s", f.suffix);
}

static const char *end_runs(struct field_runs *r)
{
	close_element(r);
	flush_run(r);
	return r->buf;
}

/* A name without its last part: "desc[4]". Returns @name. */
static const char *whole(char *name)
{
	const struct field f = parse_field(name);

	name[strlen(name) - strlen(f.suffix)] = '\0';
	return name;
}

const char *explain_fields(const struct explain_record *r, const struct explain_group *g, size_t n,
			   bool parts, char *buf, size_t size)
{
	const size_t line = r->model->line;
	struct field_runs runs = {.buf = buf, .size = size};
	char name[64];

	*buf = '\0';
	for (const struct explain_group *end = g + n; g != end; g++) {
		for (size_t i = 0; i < line / 2; i++) {
			if (!(g->touched[i / 64] >> i % 64 & 1))
				continue;
			ring_field_name(&r->map, g->line * line + 2 * i, name, sizeof(name));
			if (!strchr(name, '?')) /* within a field */
				put_field(&runs, parts ? name : whole(name));
		}
	}
	return end_runs(&runs);
}

const char *explain_line_fields(const struct explain_record *r, size_t line, size_t n, char *buf,
				size_t size)
{
	const size_t bytes = r->model->line;
	struct field_runs runs = {.buf = buf, .size = size};
	char name[64];

	*buf = '\0';
	for (size_t at = line * bytes; at < (line + n) * bytes; at += 2) {
		if (at >= r->map.layout.size || ring_region_at(&r->map, at) == REGION_OTHER)
			continue;
		ring_field_name(&r->map, at, name, sizeof(name));
		put_field(&runs, whole(name));
	}
	return end_runs(&runs);
}

/* ---- purposes ---- */

struct purpose {
	unsigned agent;
	enum ring_region region;
	bool store;
	const char *rx, *tx;
};

#define BOTH(text) text, text

static const struct purpose split_purposes[] = {
	{AGENT_DEVICE, REGION_AVAIL_IDX, false,
	 BOTH("The device polls: how many buffers have been made available?")},
	{AGENT_DEVICE, REGION_AVAIL_ENTRIES, false, BOTH("It reads which descriptors come next.")},
	{AGENT_DEVICE, REGION_DESC, false,
	 "It reads the descriptors: where the empty buffers lie, and how large they are.",
	 "It reads the descriptors: where the packets lie, and how long they are."},
	{AGENT_DEVICE, REGION_INDIRECT, false, "",
	 "It reads the tables that they point to: header and packet."},
	{AGENT_DEVICE, REGION_HEADER, true, "It writes the packets' headers.", ""},
	{AGENT_DEVICE, REGION_HEADER, false, "", "It reads the packets' headers."},
	{AGENT_DEVICE, REGION_PAYLOAD, true, "It writes the packets.", ""},
	{AGENT_DEVICE, REGION_PAYLOAD, false, "", "It reads the packets."},
	{AGENT_DEVICE, REGION_USED_ELEMENTS, true,
	 "It returns each buffer: which one it was, and how many bytes it wrote there.",
	 "It returns each buffer: which one it was."},
	{AGENT_DEVICE, REGION_USED_IDX, true,
	 BOTH("It publishes: from here on the driver may have the buffers back.")},
	{AGENT_DRIVER, REGION_USED_IDX, false,
	 BOTH("The driver polls: how many buffers have come back?")},
	{AGENT_DRIVER, REGION_USED_ELEMENTS, false,
	 "It reads which buffers have come back, and how long the packets are.",
	 "It reads which buffers have come back."},
	{AGENT_DRIVER, REGION_PAYLOAD, false, "It reads the packets.", ""},
	{AGENT_DRIVER, REGION_PAYLOAD, true, "", "It writes the packets."},
	{AGENT_DRIVER, REGION_HEADER, false, "", "It checks whether the headers must be written."},
	{AGENT_DRIVER, REGION_HEADER, true, "", "It writes the packets' headers."},
	{AGENT_DRIVER, REGION_INDIRECT, true, "", "It fills the tables: header and packet."},
	{AGENT_DRIVER, REGION_DESC, true, "It describes the empty buffers that it posts.",
	 "It describes the packets that it posts."},
	{AGENT_DRIVER, REGION_AVAIL_ENTRIES, true,
	 BOTH("It lists the first descriptor of each buffer.")},
	{AGENT_DRIVER, REGION_AVAIL_IDX, true,
	 BOTH("It publishes: from here on the device may take them.")},
	/* notifications */
	{AGENT_DEVICE, REGION_USED_EVENT, false,
	 BOTH("It reads after which index to send a call.")},
	{AGENT_DEVICE, REGION_DRIVER_EVENT, false,
	 BOTH("It reads after which descriptor to send a call, if any.")},
	{AGENT_DEVICE, REGION_AVAIL_EVENT, true, BOTH("It asks for a kick: after which index.")},
	{AGENT_DEVICE, REGION_DEVICE_EVENT, true,
	 BOTH("It asks for a kick: after which descriptor, or for none.")},
	{AGENT_DRIVER, REGION_AVAIL_EVENT, false,
	 BOTH("It reads after which index to send a kick.")},
	{AGENT_DRIVER, REGION_DEVICE_EVENT, false,
	 BOTH("It reads after which descriptor to send a kick, if any.")},
	{AGENT_DRIVER, REGION_USED_EVENT, true, BOTH("It asks for a call: after which index.")},
	{AGENT_DRIVER, REGION_DRIVER_EVENT, true,
	 BOTH("It asks for a call: after which descriptor, or for none.")},
};

/* The same for two plain queues: each has one index, written by who fills it. */
static const struct purpose spsc_purposes[] = {
	{AGENT_DEVICE, REGION_AVAIL_IDX, false,
	 BOTH("The device polls: how far has the driver come?")},
	{AGENT_DEVICE, REGION_DESC, false, "It reads the items: empty buffers.",
	 "It reads the items: packets."},
	{AGENT_DEVICE, REGION_HEADER, true, "It writes the packets' headers.", ""},
	{AGENT_DEVICE, REGION_PAYLOAD, true, "It writes the packets.", ""},
	{AGENT_DEVICE, REGION_PAYLOAD, false, "", "It reads the packets."},
	{AGENT_DEVICE, REGION_USED_ELEMENTS, true, BOTH("It fills the queue back.")},
	{AGENT_DEVICE, REGION_USED_IDX, true, BOTH("It publishes what it returned.")},
	{AGENT_DRIVER, REGION_USED_IDX, false,
	 BOTH("The driver polls: how far has the device come?")},
	{AGENT_DRIVER, REGION_USED_ELEMENTS, false, BOTH("It reads the items that came back.")},
	{AGENT_DRIVER, REGION_PAYLOAD, false, "It reads the packets.", ""},
	{AGENT_DRIVER, REGION_PAYLOAD, true, "", "It writes the packets."},
	{AGENT_DRIVER, REGION_DESC, true, "It fills the queue out with empty buffers.",
	 "It fills the queue out with packets."},
	{AGENT_DRIVER, REGION_AVAIL_IDX, true, BOTH("It publishes what it posted.")},
};

/* A packed ring: what it says differently of descriptors; all else is as in a split ring. */
static const struct purpose packed_purposes[] = {
	{AGENT_DEVICE, REGION_DESC, false,
	 "It reads the descriptors: whether they are available, where the empty buffers lie, and how "
	 "large they are.",
	 "It reads the descriptors: whether they are available, where the packets lie, and how long "
	 "they are."},
	{AGENT_DEVICE, REGION_DESC, true,
	 "It returns buffers by used descriptors, in the places of those that it took: which ones, "
	 "and how many bytes it wrote there.",
	 "It returns buffers by used descriptors, in the places of those that it took: which ones."},
	{AGENT_DRIVER, REGION_DESC, false,
	 "It reads the descriptors: whether they are used, by which buffers, and how long the "
	 "packets are.",
	 "It reads the descriptors: whether they are used, and by which buffers."},
};

static const char *purpose_among(const struct purpose *all, size_t n,
				 const struct explain_record *r, const struct explain_group *g)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i].agent == g->agent && all[i].region == g->region &&
		    all[i].store == explain_stores(g->verb))
			return r->ring->dir == DIR_RX ? all[i].rx : all[i].tx;
	}
	return NULL;
}

const char *explain_purpose(const struct explain_record *r, const struct explain_group *g)
{
	const struct ring_opts *o = &r->ring->variant->opts;
	const bool spsc = r->map.kind == RING_SPSC;
	const bool element = !spsc && g->region == REGION_USED_ELEMENTS;
	const char *purpose = NULL;

	if (g->prefetch)
		return "Not asked for: the prefetcher brings the other line of the pair.";
	if (element && o->used == USED_BATCH)
		return g->agent == AGENT_DEVICE
			       ? "It returns the whole batch with one element, which names the last "
				 "buffer."
			       : "It reads the one element of the batch, which names the last buffer.";
	if (element && g->agent == AGENT_DRIVER && o->order == RING_ORDER)
		return "Which buffers they are it knows, since they come in order: it reads only "
		       "how long the packets are.";
	if (r->map.kind == RING_PACKED && g->region == REGION_DESC && o->used == USED_BATCH) {
		if (g->agent == AGENT_DEVICE && explain_stores(g->verb))
			return "It returns the whole batch with one used descriptor, in the place of the "
			       "first buffer, which names the last one.";
		if (g->agent == AGENT_DRIVER && !explain_stores(g->verb))
			return "It reads the one used descriptor of the batch, which names the last "
			       "buffer.";
	}
	if (r->map.kind == RING_PACKED)
		purpose = purpose_among(packed_purposes, ARRAY_SIZE(packed_purposes), r, g);
	if (!purpose && spsc)
		purpose = purpose_among(spsc_purposes, ARRAY_SIZE(spsc_purposes), r, g);
	else if (!purpose)
		purpose = purpose_among(split_purposes, ARRAY_SIZE(split_purposes), r, g);
	return purpose ? purpose : "";
}

/* ---- changes of state ---- */

NAMES_OF(explain_state, coh_state, [COH_I] = "invalid: no copy",
	 [COH_S] = "shared: a copy to read from, and the other side may have one, too",
	 [COH_F] = "forward: shared, and the copy that answers when another side asks",
	 [COH_E] = "exclusive: the only copy, not written to",
	 [COH_O] = "owned: shared, newer than memory, and this side answers for it",
	 [COH_T] = "taken: came by a read with the right to write, not yet used",
	 [COH_M] = "modified: the only copy, and it has been written to")

/* A load, and no copy. @: the other side. */
static const char *why_read(const struct coh_rule *r)
{
	static const char *const why[] = {
		[COH_I] = "No cache has the line: memory sends it.",
		[COH_S] =
			"Both copies will be clean, and for a shared line no cache answers: memory "
			"does, although the @ has a copy.",
		[COH_F] =
			"The @'s copy is the one that answers; the newest one, this one, takes that "
			"over.",
		[COH_E] = "The @ has the only copy and has not written to it: it answers, and both "
			  "share the line.",
		[COH_O] = "The @ owns the line, newer than memory: it answers and stays the owner.",
		[COH_T] =
			"The @ got the line by a read and has not written to it since, so the line "
			"does not move on as a whole this time: both share it, and the one that had "
			"it owns it.",
		[COH_M] =
			"The @ has written to the line: its cache sends a copy, memory is updated, "
			"and both share the line.",
	};

	if (r->theirs == COH_M && r->mine_next == COH_T)
		return "The @ has written to the line, so it is handed over as a whole: the copy "
		       "there is gone, and the right to write comes along.";
	if (r->theirs == COH_M && r->theirs_next == COH_O)
		return "The @ has written to the line: its cache sends a copy and owns the line from "
		       "now on, since memory is not updated.";
	return why[r->theirs];
}

/* A store, and not yet the right to. */
static const char *why_own(const struct coh_rule *r)
{
	if (r->mine == COH_E)
		return "The copy here is the only one, so it may be written to: no message.";
	if (r->mine == COH_T)
		return "The right to write came with the line: no message.";
	if (r->mine != COH_I && r->theirs == COH_I)
		return "The copy here is marked as shared. That it is the only one cannot be known, "
		       "so it asks.";
	if (r->mine != COH_I)
		return "The line is here, but the @ has a copy, too, which must go first: an "
		       "upgrade, a message without data.";
	if (r->theirs == COH_I)
		return "No cache has the line: memory sends it.";
	if (r->from == FROM_MEMORY)
		return "The copy that the @ has must go; memory sends the data.";
	return "The line is with the @: it comes over, and the copy there is gone.";
}

bool explain_touches(const struct explain_record *r, unsigned agent, size_t line, bool store)
{
	for (size_t at = line * r->model->line; at < (line + 1) * r->model->line; at += 2) {
		if (r->facts[agent][ring_region_at(&r->map, at)].accesses[store])
			return true;
	}
	return false;
}

/* A hit: why the line is here still. */
static void why_hit(const struct explain_record *r, const struct explain_group *g, char *buf,
		    size_t size)
{
	const enum coh_state s = (enum coh_state)g->before[g->agent];
	const unsigned other = 1 - g->agent;
	/* the only copy goes when the other side loads, a shared one when it stores */
	const bool only = coh_may_write(s);
	const bool never = !explain_touches(r, other, g->line, true) &&
			   !(only && explain_touches(r, other, g->line, false));

	snprintf(buf, size,
		 never ? "The line is here (%c), and the %s never %s it: nothing moves."
		       : "The line is here (%c): the %s has not %s it since it came.",
		 coh_state_letter(s), side_name(other),
		 only	 ? never ? "touches" : "touched"
		 : never ? "stores to"
			 : "stored to");
}

const char *explain_change(const struct explain_record *r, const struct explain_group *g, char *buf,
			   size_t size)
{
	const char *text;

	*buf = '\0';
	if (!g->rule) {
		why_hit(r, g, buf, size);
		return buf;
	}
	text = g->rule->op == COH_READ ? why_read(g->rule) : why_own(g->rule);
	while (*text) {
		const size_t len = strcspn(text, "@");

		text_add(buf, size, "%.*s%s", (int)len, text,
			 text[len] ? side_name(1 - g->agent) : "");
		text += len + (text[len] != '\0');
	}
	return buf;
}

const char *explain_again(const struct explain_group *g, unsigned number, char *buf, size_t size)
{
	const char *what = "No message";

	if (g->transaction && coh_kind_transfers(g->kind))
		what = "It comes over";
	else if (g->transaction)
		what = g->kind == COH_UPGRADE ? "An upgrade" : "From memory";
	snprintf(buf, size, "%s, as in %u.", what, number);
	return buf;
}

void explain_wrap(FILE *out, unsigned indent, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, indent, PAGE_WIDTH, buf + strspn(buf, " "));
}
