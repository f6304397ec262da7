/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * search.c - all points of a space, or a descent with restarts; batches on several threads.
 */
#include "explore/search.h"

#include "stats/stats.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Points of a batch where all are taken: enough for any number of threads, soon interrupted. */
#define BATCH 256

/* A space up to this size is looked through for whether its legal points fit the budget. */
#define SIZE_COUNTED (UINT64_C(1) << 24)

/* Of a point that was not costed yet. */
#define NO_COST (-1.0)

/* A start is drawn so often before the search gives up: legal points may be rare. */
#define DRAWS 100000

static uint64_t allowed_of(const struct space_field *f)
{
	const uint64_t all = f->n < 64 ? (UINT64_C(1) << f->n) - 1 : UINT64_MAX;

	return f->allowed ? f->allowed & all : all;
}

static unsigned allowed_count(const struct space_field *f)
{
	return (unsigned)__builtin_popcountll(allowed_of(f));
}

uint64_t space_size(const struct space *s)
{
	uint64_t size = 1;

	for (unsigned i = 0; i < s->nfields; i++) {
		if (__builtin_mul_overflow(size, allowed_count(&s->fields[i]), &size) ||
		    size > INT64_MAX)
			return 0;
	}
	return size;
}

/* The value of a field that @rank allowed ones are before. */
static uint8_t value_at(const struct space_field *f, unsigned rank)
{
	uint64_t left = allowed_of(f);

	while (rank--)
		left &= left - 1;
	return (uint8_t)__builtin_ctzll(left);
}

struct point space_point(const struct space *s, uint64_t number)
{
	struct point p = {{0}};

	for (unsigned i = s->nfields; i-- > 0;) {
		const unsigned n = allowed_count(&s->fields[i]);

		p.at[i] = value_at(&s->fields[i], (unsigned)(number % n));
		number /= n;
	}
	return p;
}

uint64_t space_number(const struct space *s, const struct point *p)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < s->nfields; i++) {
		const uint64_t allowed = allowed_of(&s->fields[i]);

		if (!(allowed >> p->at[i] & 1))
			return UINT64_MAX;
		number = number * allowed_count(&s->fields[i]) +
			 (uint64_t)__builtin_popcountll(allowed & ((UINT64_C(1) << p->at[i]) - 1));
	}
	return number;
}

/* ---- the text of a restriction ---- */

static const char *value_name(const struct space_field *f, unsigned i)
{
	return f->names ? f->names[i] : f->name_of(i);
}

static int list_values(const struct space_field *f, const char *word, struct vrb_err *err)
{
	char names[384] = "";

	for (unsigned i = 0; i < f->n; i++)
		text_add(names, sizeof(names), "%s%s", i ? ", " : "", value_name(f, i));
	return vrb_fail(err, EINVAL, "--space %s=%s: one of %s", f->name, word, names);
}

static int restrict_field(struct space_field *f, char *values, struct vrb_err *err)
{
	char *rest = values;

	f->allowed = 0;
	for (char *word; (word = strsep(&rest, ",")) != NULL;) {
		unsigned i = 0;

		while (i < f->n && strcmp(word, value_name(f, i)) != 0)
			i++;
		if (i == f->n)
			return list_values(f, word, err);
		f->allowed |= UINT64_C(1) << i;
	}
	return 0;
}

static int restrict_one(const struct space *s, struct space_field *fields, char *part,
			struct vrb_err *err)
{
	char *values = part, *name = strsep(&values, "=");
	char names[256] = "";

	for (unsigned i = 0; i < s->nfields; i++) {
		if (values && !strcmp(name, fields[i].name))
			return restrict_field(&fields[i], values, err);
		text_add(names, sizeof(names), "%s%s", i ? ", " : "", fields[i].name);
	}
	return vrb_fail(err, EINVAL, "--space '%s': FIELD=VALUE,... with a field of %s", name,
			names);
}

int space_restrict(const struct space *s, struct space_field *fields, const char *text,
		   struct vrb_err *err)
{
	char *copy = strdup(text), *rest = copy;
	int ret = copy ? 0 : vrb_fail(err, ENOMEM, "no memory for --space");

	for (char *part; !ret && (part = strsep(&rest, ";")) != NULL;)
		ret = restrict_one(s, fields, part, err);
	free(copy);
	return ret;
}

/* ---- a run ---- */

struct run {
	const struct space *space;
	const struct search_conf *conf;
	struct search *out;
	size_t room;	/* of out->points */
	size_t *places; /* by a hash of the number: index of points[] + 1, 0: none; or REFUSED */
	uint64_t *keys;
	size_t slots;
	size_t used;
	uint64_t first; /* of points[], of the batch at hand */
	bool once;	/* no point is looked at twice, so none needs a place */
	struct vrb_err *err;
};

#define REFUSED SIZE_MAX

static size_t slot_of(const struct run *r, uint64_t number)
{
	size_t i = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15)) & (r->slots - 1);

	while (r->places[i] && r->keys[i] != number)
		i = (i + 1) & (r->slots - 1);
	return i;
}

/* Twice as many slots; at first some. */
static int grow_slots(struct run *r)
{
	struct run old = *r;

	r->slots = old.slots ? 2 * old.slots : 1024;
	r->places = calloc(r->slots, sizeof(*r->places));
	r->keys = calloc(r->slots, sizeof(*r->keys));
	if (!r->places || !r->keys) {
		free(r->places);
		free(r->keys);
		*r = old;
		vrb_fail(r->err, ENOMEM, "no memory for more points");
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.slots; i++) {
		if (old.places[i]) {
			const size_t to = slot_of(r, old.keys[i]);

			r->keys[to] = old.keys[i];
			r->places[to] = old.places[i];
		}
	}
	free(old.places);
	free(old.keys);
	return 0;
}

static void exclude(struct search *out, const char *why)
{
	unsigned i = 0;

	while (i < out->nexcluded && strcmp(out->excluded[i].why, why) != 0)
		i++;
	if (i == SEARCH_REASONS) {
		i--;
		snprintf(out->excluded[i].why, sizeof(out->excluded[i].why), "other reasons");
	} else if (i == out->nexcluded) {
		snprintf(out->excluded[i].why, sizeof(out->excluded[i].why), "%s", why);
		out->nexcluded++;
	}
	out->excluded[i].points++;
}

/* Room for one more. */
static int grow_points(struct run *r)
{
	struct search *out = r->out;
	void *more;

	if (out->n < r->room)
		return 0;
	more = realloc(out->points, 2 * (r->room + BATCH) * sizeof(*out->points));
	if (!more) {
		vrb_fail(r->err, ENOMEM, "no memory for more points");
		return -ENOMEM;
	}
	out->points = more;
	r->room = 2 * (r->room + BATCH);
	return 0;
}

/*
 * A point is known from now on: refused, or entered to be costed with the batch at hand.
 * Returns 0; -errno; 1: the budget is spent.
 */
static int enter(struct run *r, uint64_t number)
{
	const struct point p = space_point(r->space, number);
	struct vrb_err why = {""};
	size_t slot = 0, place = REFUSED;
	int ret = !r->once && 2 * (r->used + 1) > r->slots ? grow_slots(r) : 0;

	if (ret)
		return ret;
	if (!r->once) {
		slot = slot_of(r, number);
		if (r->places[slot])
			return 0;
	}
	if (r->space->legal(r->space->arg, &p, &why)) {
		char shown[sizeof(r->out->excluded[0].why)];

		snprintf(shown, sizeof(shown), "%.*s", (int)sizeof(shown) - 1, why.msg);
		exclude(r->out, shown);
	} else {
		if (r->out->n == r->conf->points)
			return 1;
		ret = grow_points(r);
		if (ret)
			return ret;
		r->out->points[r->out->n++] =
			(struct costed){.number = number, .cost = {[COST_FIRST] = NO_COST}};
		place = r->out->n;
	}
	if (!r->once) {
		r->places[slot] = place;
		r->keys[slot] = number;
		r->used++;
	}
	return 0;
}

/* ---- a batch ---- */

struct worker {
	pthread_t thread;
	struct run *run;
	_Atomic uint64_t *next;
	void *context;
	int ret;
	struct vrb_err err;
};

/* What a point costs, unless an earlier search knows it. */
static int cost_point(struct worker *w, struct costed *c)
{
	const struct search_conf *conf = w->run->conf;
	const struct space *s = w->run->space;
	const struct point p = space_point(s, c->number);
	const struct costed *known =
		conf->nknown ? bsearch(c, conf->known, conf->nknown, sizeof(*c), search_by_number)
			     : NULL;

	if (known) {
		memcpy(c->cost, known->cost, sizeof(c->cost));
		return 0;
	}
	if (conf->stop && conf->stop())
		return -EINTR;
	return s->cost(s->arg, w->context, &p, c->cost, &w->err);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct search *out = w->run->out;
	uint64_t i;

	while (!w->ret && (i = atomic_fetch_add(w->next, 1)) < out->n)
		w->ret = cost_point(w, &out->points[i]);
	return NULL;
}

/* Of a batch that was interrupted, the points whose cost is known. None is entered after it. */
static void keep_costed(struct run *r)
{
	uint64_t n = r->first;

	for (uint64_t i = r->first; i < r->out->n; i++) {
		if (r->out->points[i].cost[COST_FIRST] != NO_COST)
			r->out->points[n++] = r->out->points[i];
	}
	r->out->n = r->first = n;
}

/* Costs what was entered since the last batch. The caller is one of the threads. */
static int cost_batch(struct run *r)
{
	const struct search_conf *c = r->conf;
	_Atomic uint64_t next = r->first;
	struct worker *w = calloc(c->threads, sizeof(*w));
	unsigned started = 1;
	int ret = 0;

	if (!w)
		return vrb_fail(r->err, ENOMEM, "no memory for %u threads", c->threads);
	for (unsigned i = 0; i < c->threads; i++)
		w[i] = (struct worker){
			.run = r, .next = &next, .context = c->contexts ? c->contexts[i] : NULL};
	/* with fewer threads than wanted it takes longer, and that is all */
	while (started < c->threads && started < r->out->n - r->first &&
	       !pthread_create(&w[started].thread, NULL, work, &w[started]))
		started++;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
	for (unsigned i = 0; i < started && !ret; i++) {
		ret = w[i].ret;
		if (ret && r->err)
			*r->err = w[i].err;
	}
	free(w);
	if (ret == -EINTR) {
		keep_costed(r);
		r->out->interrupted = true;
		return 0;
	}
	r->first = r->out->n;
	if (!ret && c->step)
		r->out->interrupted = c->step(c->step_arg, r->out->n);
	return ret;
}

bool search_cheaper(const struct costed *a, const struct costed *b)
{
	for (unsigned i = 0; i < SPACE_COSTS; i++) {
		if (a->cost[i] != b->cost[i])
			return a->cost[i] < b->cost[i];
	}
	return a->number < b->number;
}

static bool spent(const struct run *r, int ret)
{
	return ret < 0 || r->out->interrupted || r->out->n >= r->conf->points;
}

/* ---- all points ---- */

static int take_all(struct run *r)
{
	int ret = 0;

	r->once = true;
	for (uint64_t i = 0; i < r->out->size && !ret && !r->out->interrupted; i++) {
		ret = enter(r, i);
		if (!ret && (r->out->n - r->first == BATCH || i + 1 == r->out->size))
			ret = cost_batch(r);
	}
	r->out->exhaustive = !ret && !r->out->interrupted;
	return ret;
}

/* ---- a descent ---- */

/* Enters the points that differ from @at in @fields fields, 1 or 2, from field @from on. */
static int enter_around(struct run *r, struct point at, unsigned from, unsigned fields)
{
	const struct space *s = r->space;
	int ret = 0;

	for (unsigned f = from; f < s->nfields && !ret; f++) {
		const uint8_t was = at.at[f];

		for (unsigned i = 0; i < allowed_count(&s->fields[f]) && !ret; i++) {
			at.at[f] = value_at(&s->fields[f], i);
			if (at.at[f] == was)
				continue;
			ret = fields == 1 ? enter(r, space_number(s, &at))
					  : enter_around(r, at, f + 1, fields - 1);
		}
		at.at[f] = was;
	}
	return ret;
}

static unsigned differ(const struct space *s, const struct point *a, const struct point *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->nfields; i++)
		n += a->at[i] != b->at[i];
	return n;
}

/* The cheapest of all known points that differ from @from in @fields fields at most. */
static uint64_t cheapest_around(const struct run *r, uint64_t from, unsigned fields)
{
	const struct point at = space_point(r->space, r->out->points[from].number);
	uint64_t best = from;

	for (uint64_t i = 0; i < r->out->n; i++) {
		const struct point p = space_point(r->space, r->out->points[i].number);

		if (differ(r->space, &at, &p) <= fields &&
		    search_cheaper(&r->out->points[i], &r->out->points[best]))
			best = i;
	}
	return best;
}

static int descend_from(struct run *r, uint64_t at)
{
	unsigned fields = 1;
	int ret = 0;

	while (fields <= 2 && !spent(r, ret)) {
		uint64_t next;

		ret = enter_around(r, space_point(r->space, r->out->points[at].number), 0, fields);
		if (ret >= 0)
			ret = cost_batch(r);
		if (ret < 0)
			break;
		next = cheapest_around(r, at, fields);
		fields = next == at ? fields + 1 : 1;
		at = next;
	}
	return ret;
}

/* Enters and costs a new legal point. Returns 0; -errno; 1: there was none. */
static int draw_start(struct run *r, struct rng *rng)
{
	const uint64_t had = r->out->n;
	int ret = 0;

	for (unsigned i = 0; i < DRAWS && !ret && r->out->n == had; i++)
		ret = enter(r, rng_next(rng) % r->out->size);
	if (!ret && r->out->n == had)
		return 1;
	return ret ? ret : cost_batch(r);
}

static int descend(struct run *r)
{
	struct rng rng = {r->conf->seed};
	int ret = 0;

	while (!spent(r, ret)) {
		ret = draw_start(r, &rng);
		if (ret)
			break;
		ret = descend_from(r, r->out->n - 1);
	}
	return ret < 0 ? ret : 0;
}

/* Do the legal points of the space fit the budget? */
static bool fits(const struct space *s, uint64_t size, uint64_t points)
{
	uint64_t n = 0;

	if (size > SIZE_COUNTED)
		return size <= points;
	for (uint64_t i = 0; i < size && n <= points; i++) {
		const struct point p = space_point(s, i);

		n += !s->legal(s->arg, &p, NULL);
	}
	return n <= points;
}

/* ---- what came out ---- */

static int by_cost(const void *a, const void *b)
{
	return search_cheaper(a, b) ? -1 : 1;
}

int search_by_number(const void *a, const void *b)
{
	const struct costed *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void finish(struct search *out)
{
	double least = 0;
	uint64_t best;

	qsort(out->points, out->n, sizeof(*out->points), by_cost);
	for (uint64_t i = 0; i < out->n; i++) {
		out->points[i].front = !i || out->points[i].cost[COST_SECOND] < least;
		if (out->points[i].front)
			least = out->points[i].cost[COST_SECOND];
	}
	best = out->points[0].number;
	qsort(out->points, out->n, sizeof(*out->points), search_by_number);
	while (out->points[out->best].number != best)
		out->best++;
}

int search_run(const struct space *s, const struct search_conf *conf, struct search *out,
	       struct vrb_err *err)
{
	struct run r = {.space = s, .conf = conf, .out = out, .err = err};
	int ret;

	memset(out, 0, sizeof(*out));
	out->size = space_size(s);
	if (!out->size)
		return vrb_fail(err, EINVAL, "the space has no points, or too many");
	ret = grow_slots(&r);
	if (!ret)
		ret = !conf->descend && fits(s, out->size, conf->points) ? take_all(&r)
									 : descend(&r);
	free(r.places);
	free(r.keys);
	/* a batch that failed was not costed */
	if (ret < 0)
		return ret;
	if (!out->n && out->interrupted)
		return vrb_fail(err, EINTR, "interrupted before a ring was run");
	if (!out->n)
		return vrb_fail(err, EINVAL, "no point of the space is legal: %s",
				out->nexcluded ? out->excluded[0].why : "none was looked at");
	finish(out);
	return 0;
}

void search_close(struct search *s)
{
	free(s->points);
	memset(s, 0, sizeof(*s));
}
