/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_explore.c - a session of `explore`: which ring is cheapest for a workload on the model, and how
 * far the fewest transfers are that any ring needs.
 */
#include "analysis/lines.h"
#include "present/answer.h"
#include "present/explored.h"

#include "session/head.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A line: a ring in one of its roles. */
struct shown {
	const struct explored_ring *ring; /* NULL: the floor */
	const char *role;
	double instructions; /* NAN: not counted */
	char moved[256];     /* of a step: which regions' transfers changed */
};

struct explored_set {
	struct shown *v;
	unsigned n;
	double floor;
};

/* ---- the head ---- */

static const json_t *explore_of(const struct session *s)
{
	return json_object_get(s->head, "explore");
}

static const json_t *asked_of(const struct session *s)
{
	return json_object_get(explore_of(s), "asked");
}

static uint64_t count_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_string(v) ? strtoull(json_string_value(v), NULL, 10)
				 : (uint64_t)json_integer_value(v);
}

static double real_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

double explored_floor(const struct session *s)
{
	const json_t *floor = json_object_get(explore_of(s), "floor");

	return real_of(floor, "packets") + real_of(floor, "buffers");
}

const char *explored_machine(const struct session *s, unsigned i)
{
	return head_text(json_array_get(json_object_get(asked_of(s), "machines"), i), "name");
}

double explored_cost(const struct session *s, const struct explored_ring *r)
{
	double ns = 0;

	for (unsigned i = 0; i < r->machines; i++)
		ns += r->ns[i] / r->machines;
	return real_of(asked_of(s), "weight_transfers") * explored_transfers(r) +
	       real_of(asked_of(s), "weight_ns") * ns;
}

const char *explored_cost_words(const struct session *s, char *buf, size_t size)
{
	const double lines = real_of(asked_of(s), "weight_transfers");
	const double ns = real_of(asked_of(s), "weight_ns");

	if (!(ns > 0))
		snprintf(buf, size, "transfers");
	else if (!(lines > 0))
		snprintf(buf, size, "ns");
	else
		snprintf(buf, size, "%g transfers + %g ns", lines, ns);
	return buf;
}

bool explored_by_lines(const struct session *s)
{
	return real_of(asked_of(s), "weight_transfers") == 1 &&
	       !(real_of(asked_of(s), "weight_ns") > 0);
}

const char *explored_name(const struct session *s, const struct explored_ring *r)
{
	return s->cells[r->cell].variant;
}

double explored_instructions(const struct session *s, const struct explored_ring *r)
{
	const struct cell_instructions *n = instructions_of(s, &s->cells[r->cell]);

	return n ? n->drv + n->dev : (double)NAN;
}

bool explored_leads(const struct session *s, const struct explored_ring *r)
{
	const double cost = explored_cost(s, r), work = explored_instructions(s, r);

	for_each (o, s->explored, s->nexplored) {
		const double its = explored_cost(s, o), done = explored_instructions(s, o);

		if (its <= cost && done <= work && (its < cost || done < work))
			return false;
	}
	return !isnan(work);
}

const struct explored_ring *explored_winner(const struct session *s)
{
	for_each (r, s->explored, s->nexplored) {
		if (r->roles & 1u << EXPLORED_WINNER)
			return r;
	}
	return NULL;
}

/* Where the way begins. */
static const struct explored_ring *first_step(const struct session *s)
{
	for_each (r, s->explored, s->nexplored) {
		if (r->step == 1)
			return r;
	}
	return NULL;
}

/* ---- rows ---- */

/* The front against instructions: it follows from rows of the session, and is no role in one. */
static const char leading[] = "front-instructions";

/* Along a front the work falls as what is minimised rises; of named rings the cheapest is first. */
static int by_role(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	double p, q;

	if (x->role != y->role)
		return 0;
	if (!strcmp(x->role, explored_role_name(EXPLORED_STEP))) {
		p = x->ring->step;
		q = y->ring->step;
	} else if (!strcmp(x->role, explored_role_name(EXPLORED_FRONT))) {
		p = explored_busier(y->ring);
		q = explored_busier(x->ring);
	} else if (x->role == leading) {
		p = y->instructions;
		q = x->instructions;
	} else {
		p = explored_transfers(x->ring);
		q = explored_transfers(y->ring);
	}
	if (p != q)
		return p < q ? -1 : 1;
	return x->ring->cell < y->ring->cell ? -1 : x->ring->cell > y->ring->cell;
}

static void put_moved(struct shown *at, const struct explored_ring *before)
{
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const double by = at->ring->region[i] - before->region[i];

		if (by >= .0005 || by <= -.0005)
			text_add(at->moved, sizeof(at->moved), "%s%s %+.3f", *at->moved ? ", " : "",
				 ring_region_name((enum ring_region)i), by);
	}
}

static void add_ring(const struct view *w, struct explored_set *set, const struct explored_ring *r,
		     const char *role)
{
	set->v[set->n++] = (struct shown){
		.ring = r, .role = role, .instructions = explored_instructions(w->s, r)};
}

/* The rings from @first, of one role, in their order: a group. */
static void end_group(struct view *w, struct explored_set *set, unsigned first)
{
	if (set->n == first)
		return;
	qsort(set->v + first, set->n - first, sizeof(*set->v), by_role);
	view_add_group(w, set->v[first].role);
	for (unsigned i = first; i < set->n; i++)
		view_add_row(w, &w->s->cells[set->v[i].ring->cell], CLASS_COUNT, 0, &set->v[i]);
}

static void add_group(struct view *w, struct explored_set *set, enum explored_role role)
{
	const unsigned first = set->n;

	for_each (r, w->s->explored, w->s->nexplored) {
		if (r->roles & 1u << role)
			add_ring(w, set, r, explored_role_name(role));
	}
	end_group(w, set, first);
	for (unsigned i = first + 1; i < set->n && role == EXPLORED_STEP; i++) {
		const struct explored_ring *before = set->v[i - 1].ring;

		if (before)
			put_moved(&set->v[i], before);
	}
}

static void add_leading(struct view *w, struct explored_set *set)
{
	const unsigned first = set->n;

	for_each (r, w->s->explored, w->s->nexplored) {
		if (explored_leads(w->s, r))
			add_ring(w, set, r, leading);
	}
	end_group(w, set, first);
}

static void free_set(void *data)
{
	free(((struct explored_set *)data)->v);
}

static void role(struct value *v, const struct field *x)
{
	value_text(v, "%s", ((const struct shown *)x->row->of)->role);
}

static void ring(struct value *v, const struct field *x)
{
	const struct shown *at = x->row->of;

	value_text(v, "%s", at->ring ? explored_name(x->w->s, at->ring) : "");
}

enum { TRANSFERS, OTHERS, MEMORY, UPGRADES, BUSIER, DRIVER, DEVICE };

static void figure(struct value *v, const struct field *x)
{
	const struct shown *at = x->row->of;
	const struct explored_ring *r = at->ring;
	const struct explored_set *set = x->w->data;

	value_figure(v,
		     !r			   ? (x->arg == TRANSFERS ? set->floor : (double)NAN)
		     : x->arg == TRANSFERS ? explored_transfers(r)
		     : x->arg == OTHERS	   ? r->others
		     : x->arg == MEMORY	   ? r->memory
		     : x->arg == UPGRADES  ? r->upgrades
		     : x->arg == BUSIER	   ? explored_busier(r)
					   : r->accesses[x->arg - DRIVER],
		     3);
	v->fixed = true;
}

static void instructions(struct value *v, const struct field *x)
{
	const struct shown *at = x->row->of;

	value_figure(v, at->ring ? at->instructions : (double)NAN, 2);
	v->fixed = true;
}

static void ns(struct value *v, const struct field *x)
{
	const struct shown *at = x->row->of;

	value_figure(v, at->ring ? at->ring->ns[x->arg] : (double)NAN, 2);
}

static void moved(struct value *v, const struct field *x)
{
	value_text(v, "%s", ((const struct shown *)x->row->of)->moved);
}

/* Did memory give any of the rings a line? */
static bool any_memory(const struct session *s)
{
	bool any = false;

	for (unsigned i = 0; i < s->nexplored; i++)
		any |= s->explored[i].memory > 0;
	return any;
}

static void add_columns(struct columns *c, const struct session *s)
{
	static const struct column first[] = {
		COMPUTED("role", NULL, NULL, role, 0, 0),
		COMPUTED("ring", "ring", "ring", ring, 0, COLUMN_LEFT),
		COMPUTED("transfers", "transfers", "transfers", figure, TRANSFERS, 0),
	};
	static const struct column others =
		COMPUTED("other_queue", "other queue", "other queue", figure, OTHERS, 0);
	static const struct column memory =
		COMPUTED("memory", "memory", "memory", figure, MEMORY, 0);
	static const struct column then[] = {
		COMPUTED("upgrades", "upgrades", "upgrades", figure, UPGRADES, 0),
		COMPUTED("accesses", "accesses", "accesses", figure, BUSIER, 0),
		COMPUTED("driver_accesses", NULL, NULL, figure, DRIVER, 0),
		COMPUTED("device_accesses", NULL, NULL, figure, DEVICE, 0),
	};
	static const struct column work =
		COMPUTED("instructions", "instructions", "instructions", instructions, 0, 0);
	static const struct column last[] = {
		COMPUTED("moved", "change", "change", moved, 0, COLUMN_LEFT),
	};
	const bool queues = count_of(asked_of(s), "queues");
	const size_t machines = json_array_size(json_object_get(asked_of(s), "machines"));

	columns_add(c, first, ARRAY_SIZE(first));
	columns_add(c, &others, queues);
	columns_add(c, &memory, queues || any_memory(s));
	columns_add(c, then, ARRAY_SIZE(then));
	columns_add(c, &work, s->ninstructions > 0);
	for (unsigned i = 0; i < machines && i < EXPLORED_MACHINES; i++) {
		const char *key = columns_name(c, "ns_%s", explored_machine(s, i));
		const char *heading = columns_name(c, "ns %s", explored_machine(s, i));

		columns_add(c, &COLUMN_COMPUTED(key, heading, heading, ns, i, 0), 1);
	}
	columns_add(c, last, ARRAY_SIZE(last));
}

/* Data have winner and floor, too, behind what the tables have. */
static int open_rows(struct view *w, struct vrb_err *err)
{
	struct explored_set *set = view_own(w, sizeof(*set), free_set);

	(void)err;
	if (!set)
		return 0;
	/* of each ring a line a role, and one among the leading; and the floor */
	set->v = calloc((size_t)w->s->nexplored * (EXPLORED_ROLES + 1) + 1, sizeof(*set->v));
	set->floor = explored_floor(w->s);
	w->failed |= !set->v;
	if (w->failed || !w->s->ncells)
		return 0;
	add_group(w, set, EXPLORED_FRONT);
	add_leading(w, set);
	add_group(w, set, EXPLORED_STEP);
	add_group(w, set, EXPLORED_NAMED);
	const unsigned before = w->nrows;

	add_group(w, set, EXPLORED_WINNER);
	set->v[set->n] = (struct shown){.role = "floor"};
	view_add_group(w, "floor");
	view_add_row(w, &w->s->cells[0], CLASS_COUNT, 0, &set->v[set->n++]);
	w->apart = w->nrows - before;
	add_columns(&w->columns, w->s);
	return 0;
}

/* ---- words ---- */

static const char *minimised(const struct session *s, char *buf, size_t size)
{
	char cost[64];

	snprintf(buf, size, "%s", explored_cost_words(s, cost, sizeof(cost)));
	return buf;
}

static void ask(FILE *out, const struct session *s)
{
	char cost[64];

	fprintf(out,
		"Which ring has the fewest %s for %s, burst %s%s, and how few could any ring have?",
		minimised(s, cost, sizeof(cost)), head_text(asked_of(s), "direction"),
		head_text(asked_of(s), "burst"),
		count_of(asked_of(s), "queues") ? ", with several queue pairs" : "");
}

static void put_searched(FILE *out, const struct session *s)
{
	const json_t *x = explore_of(s);

	fprintf(out, "%" PRIu64 " points, %" PRIu64 " rings run on the model%s",
		count_of(x, "size"), count_of(x, "costed"),
		s->status != SESSION_COMPLETE			 ? "; interrupted"
		: json_is_true(json_object_get(x, "exhaustive")) ? ", all that are legal"
								 : "; the rest was not looked at");
}

static void put_winner(FILE *out, const struct session *s, const struct explored_ring *r)
{
	const double floor = explored_floor(s);

	fprintf(out, "%.3f transfers per buffer", explored_transfers(r));
	if (floor > 0)
		fprintf(out, ", %.1f times the floor", explored_transfers(r) / floor);
	if (count_of(asked_of(s), "queues"))
		fprintf(out, ", %.3f of them of lines lost to another queue pair", r->others);
	for (unsigned i = 0; i < r->machines; i++)
		fprintf(out, ", %.2f ns on %s", r->ns[i], explored_machine(s, i));
	fprintf(out, ": %s", explored_name(s, r));
}

/* A field a line: what went where. */
static void put_why(FILE *out, const struct view *w)
{
	const struct explored_set *set = w->data;

	for (unsigned i = 1; i < set->n; i++) {
		if (*set->v[i].moved)
			fprintf(out, "step %u: %s (%s)\n", set->v[i].ring->step, set->v[i].moved,
				explored_name(w->s, set->v[i].ring));
	}
}

/* How many rings have a count, and who counted. */
static void put_counted(FILE *out, const struct session *s)
{
	fprintf(out,
		"%u of the %u rings of the tables have instructions, of the %" PRIu64
		" that were run (%s)",
		s->ninstructions, s->nexplored, count_of(explore_of(s), "costed"),
		s->instructions[0].source);
}

static void answer(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const struct explored_ring *r = explored_winner(s), *from = first_step(s);
	const json_t *floor = json_object_get(explore_of(s), "floor");

	if (!r) {
		fputs("No ring was run, so there is no answer.\n", out);
		return;
	}
	put_winner(out, s, r);
	fputc('\n', out);
	fprintf(out,
		"floor: %.3f transfers per buffer, of which %.3f bring packets and %.3f empty buffers\n",
		explored_floor(s), real_of(floor, "packets"), real_of(floor, "buffers"));
	put_searched(out, s);
	fputc('\n', out);
	if (from)
		fprintf(out, "the way begins at %s: %.3f transfers\n", explored_name(s, from),
			explored_transfers(from));
	put_why(out, w);
	if (s->ninstructions) {
		put_counted(out, s);
		fputc('\n', out);
	}
}

/* ---- tables ---- */

static bool put_above(FILE *out, const struct view *w)
{
	const json_t *asked = asked_of(w->s), *why, *excluded;
	const uint64_t outstanding = count_of(asked, "outstanding");
	const uint64_t queues = count_of(asked, "queues");
	size_t i;

	fprintf(out, "%s, ring %" PRIu64 ", burst %s, payload %" PRIu64 " B",
		head_text(asked, "direction"), count_of(asked, "ring_size"),
		head_text(asked, "burst"), count_of(asked, "payload"));
	if (outstanding)
		fprintf(out, ", at most %" PRIu64 " in the ring", outstanding);
	if (strcmp(head_text(asked, "device_order"), "in-order") != 0)
		fprintf(out, ", device order %s", head_text(asked, "device_order"));
	if (queues)
		fprintf(out, ", %" PRIu64 " queue pairs, %s", queues,
			head_text(asked, "queue_layout"));
	if (json_object_get(asked, "protocol"))
		fprintf(out, ", %s", head_text(asked, "protocol"));
	fputs(": ", out);
	put_searched(out, w->s);
	fputc('\n', out);
	excluded = json_object_get(explore_of(w->s), "excluded");
	json_array_foreach(excluded, i, why)
		fprintf(out, "  excluded %6" PRIu64 ": %s\n", count_of(why, "points"),
			head_text(why, "why"));
	fputc('\n', out);
	return false;
}

static const char *title_of(const struct view *w, const struct view_group *g, char *buf,
			    size_t size)
{
	const struct shown *first = view_row(w, g, 0)->of;
	char cost[64];

	if (!strcmp(first->role, explored_role_name(EXPLORED_FRONT)))
		snprintf(buf, size, "front: %s against accesses of the busier side, per buffer",
			 minimised(w->s, cost, sizeof(cost)));
	else if (first->role == leading)
		snprintf(buf, size,
			 "front: %s against instructions of both sides, per buffer, of %u rings",
			 minimised(w->s, cost, sizeof(cost)), w->s->ninstructions);
	else if (!strcmp(first->role, explored_role_name(EXPLORED_STEP)))
		snprintf(
			buf, size,
			"to the winner, as few fields a row as make a ring; change: of transfers, by region");
	else
		snprintf(buf, size, "rings with a name, the fewest transfers first");
	return buf;
}

static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	char title[160];

	fputs(title_of(w, g, title, sizeof(title)), out);
}

static void page_title(char *title, size_t size, const struct view *w, const struct view_group *g)
{
	title_of(w, g, title, size);
}

static void put_below(FILE *out, const struct view *w)
{
	const json_t *floor = json_object_get(explore_of(w->s), "floor");
	const struct explored_ring *r = explored_winner(w->s);

	fprintf(out,
		"floor      %.3f transfers per buffer: %.3f bring packets, %.3f empty buffers\n",
		explored_floor(w->s), real_of(floor, "packets"), real_of(floor, "buffers"));
	if (!r)
		return;
	fputs("winner     ", out);
	put_winner(out, w->s, r);
	fputc('\n', out);
	if (!w->s->ninstructions)
		return;
	fputs("counted    ", out);
	put_counted(out, w->s);
	fputc('\n', out);
}

static void more(json_t *all, const struct view *w)
{
	json_object_set_new(all, "apart", view_json(w, w->nrows - w->apart, w->apart));
}

const struct answer_kind answer_explore = {
	.ask = ask,
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.title = put_title,
	.same_widths = true,
	.below = put_below,
	.page_title = page_title,
	.member = "explore",
	.json = more,
	.precision = 8,
	.legend =
		"transfers, upgrades: of lines, per buffer, both sides together, without packets and headers. "
		"accesses: to lines, by the side that makes more. ns: of the estimate, without computing; of "
		"several queue pairs at once. other queue: transfers of lines lost to another pair; memory: "
		"lines that memory gave, which are no transfers. instructions: of both sides, where they were "
		"counted.",
};
