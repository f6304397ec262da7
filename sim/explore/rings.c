/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rings.c - variants and policies as a space, and the model as what costs its points.
 */
#include "explore/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Laps of a sample: what a lap counts repeats after the two laps of warming up, but for luck of a lifo. */
#define LAPS 8

/* Thresholds of a TX driver; 0: its own. */
static const uint32_t thresholds[] = {0, 1, 8, 16, 64, 128};

/* Has it a hint, or do packets of it wait? A search tries neither of itself. */
static bool is_aside(const struct lab_point *p)
{
	struct lab_point copy = *p;

	for (unsigned i = 0; i < LAB_SEARCHED; i++) {
		if (*lab_value(&copy, i) >= lab_fields[i].usual)
			return true;
	}
	return false;
}

/*
 * Those that compare as rings: null moves nothing, copies of baseline are baseline, a point with a hint is one that
 * moves no fewer lines without, and one whose packets wait shows them later than all others.
 */
static bool takes_part(const struct variant *v)
{
	return v->ring != RING_NULL && v->kind != KIND_CONTROL && v->kind != KIND_COPY &&
	       !(v->lab && is_aside(v->lab));
}

/* Variant number @i of those that take part, the named points of lab last; NULL: there are not so many. */
static const struct variant *variant_at(unsigned i)
{
	for (unsigned k = 0; k < variants_total(); k++) {
		if (takes_part(variants_get(k)) && !i--)
			return variants_get(k);
	}
	return NULL;
}

static const char *variant_name(unsigned i)
{
	return variant_at(i)->name;
}

static const char *threshold_name(unsigned i)
{
	static const char *const names[] = {"default", "1", "8", "16", "64", "128"};

	_Static_assert(ARRAY_SIZE(names) == ARRAY_SIZE(thresholds), "each has a name");
	return names[i];
}

static struct lab_point lab_of(const struct point *p)
{
	struct lab_point lab = {0};

	for (unsigned i = 0; i < LAB_SEARCHED; i++)
		*lab_value(&lab, i) = p->at[i];
	return lab;
}

static struct point of_lab(struct lab_point lab)
{
	struct point p = {{0}};

	for (unsigned i = 0; i < LAB_SEARCHED; i++)
		p.at[i] = *lab_value(&lab, i);
	return p;
}

/* A ring of lab: its point decides all that a policy would, but for the free threshold of TX, which is its own. */
static void lab_conf(const struct point *p, struct ring_own *own, struct ring_conf *out)
{
	own->lab = lab_of(p);
	own->variant = (struct variant){.name = "lab",
					.kind = KIND_LAB,
					.ring = RING_LAB,
					.opts = {AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE},
					.lab = &own->lab};
	out->variant = &own->variant;
	out->align = (enum ring_align)0;
	out->policy.tx_header = TX_HEADER_NONE;
}

struct ring_conf ring_space_conf(const struct ring_space *s, const struct point *p,
				 struct ring_own *own)
{
	struct ring_conf c = s->load.ring;

	if (s->load.lab) {
		lab_conf(p, own, &c);
		return c;
	}
	c.variant = variant_at(p->at[FIELD_VARIANT]);
	c.align = (enum ring_align)p->at[FIELD_ALIGN];
	c.policy.publish = (enum publish)p->at[FIELD_PUBLISH];
	c.policy.device_publish = (enum publish)p->at[FIELD_DEVICE_PUBLISH];
	c.policy.free_list = (enum free_list)p->at[FIELD_FREE_LIST];
	c.policy.device_avail = (enum device_avail)p->at[FIELD_DEVICE_AVAIL];
	c.policy.tx_header = (enum tx_header)p->at[FIELD_TX_HEADER];
	c.policy.clean = thresholds[p->at[FIELD_TX_FREE_THRESH]];
	return c;
}

static const char *preset_of(const struct point *p)
{
	const struct lab_point lab = lab_of(p);

	for (unsigned i = 0; i < lab_presets_count(); i++) {
		if (!memcmp(&lab_presets_get(i)->point, &lab, sizeof(lab)))
			return lab_presets_get(i)->name;
	}
	return NULL;
}

char *ring_space_text(const struct ring_space *s, const struct point *p, char buf[RING_TEXT])
{
	const bool lab = s->load.lab;
	const char *sep = "", *name = lab ? preset_of(p) : NULL;

	snprintf(buf, RING_TEXT, "%s%s", name ? name : "", name ? ": " : "");
	for (unsigned i = 0; i < s->space.nfields; i++) {
		const struct space_field *f = &s->fields[i];
		const char *value = f->names ? f->names[p->at[i]] : f->name_of(p->at[i]);

		/* a ring has elements, whatever else it has */
		if (i && !p->at[i])
			continue;
		if (i || lab)
			text_add(buf, RING_TEXT, "%s%s=%s", sep, f->name, value);
		else
			text_add(buf, RING_TEXT, "%s", value);
		sep = lab ? ";" : " ";
	}
	return buf;
}

const char *ring_space_named(const struct ring_space *s, unsigned i)
{
	if (s->load.lab)
		return i < lab_presets_count() ? lab_presets_get(i)->name : NULL;
	return variant_at(i) ? variant_at(i)->name : NULL;
}

uint32_t ring_space_waits(const struct ring_space *s)
{
	const size_t field = s->load.ring.dir == DIR_TX ? offsetof(struct lab_point, out_publish)
							: offsetof(struct lab_point, back_publish);
	uint32_t most = 1;

	for (uint8_t i = 0; s->load.lab && i < LAB_PUBLISHES; i++) {
		if (s->fields[field].allowed >> i & 1 && lab_wait(i) > most)
			most = lab_wait(i);
	}
	return most;
}

static int legal(const void *arg, const struct point *p, struct vrb_err *err)
{
	struct ring_own own;
	const struct ring_conf c = ring_space_conf(arg, p, &own);
	const uint32_t fits = ring_capacity(&c);

	if (c.burst > fits)
		return vrb_fail(err, EINVAL, "a burst of %u does not fit in a ring of %u buffers",
				c.burst, fits);
	if (c.policy.clean > fits / 2)
		return vrb_fail(err, EINVAL,
				"tx-free-thresh is at most half of the buffers that fit");
	/* what is void makes no other ring; a header is, too, but is one to compare with */
	if (!variants_is_virtqueue(c.variant) &&
	    (c.policy.free_list || c.align || c.policy.device_avail))
		return vrb_fail(
			err, EINVAL,
			"free-list, ring-align, device-avail: void for a ring that is no virtqueue");
	if (c.variant->lab && c.policy.device_order != ORDER_IN)
		return vrb_fail(err, EINVAL, "--device-order: a device of lab returns in order");
	if (c.variant->lab && lab_excluded(c.variant->lab, c.dir))
		return vrb_fail(err, EINVAL, "%s", lab_excluded(c.variant->lab, c.dir));
	if (c.variant->lab && c.variant->lab->carry == LAB_STREAM)
		return vrb_fail(err, EINVAL,
				"a stream has lengths in its packets, whose lines are not counted");
	return variants_legal(c.variant, c.dir, &c.policy, err);
}

bool ring_space_find(const struct ring_space *s, const char *variant, struct point *out)
{
	if (s->load.lab) {
		for (unsigned i = 0; i < lab_presets_count(); i++) {
			*out = of_lab(lab_presets_get(i)->point);
			if (!strcmp(lab_presets_get(i)->name, variant))
				return !lab_presets_get(i)->point.carry &&
				       (!is_aside(&lab_presets_get(i)->point) ||
					space_number(&s->space, out) != UINT64_MAX) &&
				       !legal(s, out, NULL);
		}
		return false;
	}
	*out = space_point(&s->space, 0); /* of each field the first value that is allowed */
	for (unsigned i = 0; i < s->fields[FIELD_VARIANT].n; i++) {
		if (!strcmp(variant_at(i)->name, variant)) {
			out->at[FIELD_VARIANT] = (uint8_t)i;
			return !legal(s, out, NULL);
		}
	}
	return false;
}

/* ---- what a point costs ---- */

struct ring_bench {
	struct model_conf counting, timing[RING_MACHINES];
	struct engine *counts, *clocks[RING_MACHINES]; /* clocks: one a machine */
};

static size_t size_of(const struct ring_space *s, const struct point *p)
{
	struct ring_own own;
	const struct ring_conf c = ring_space_conf(s, p, &own);
	struct ring_layout layout;

	ring_layout(&c, &layout);
	return layout.size;
}

/* The largest region of the space's rings. */
static size_t arena_of(const struct ring_space *s)
{
	struct point p = {{0}};
	size_t most = 0;

	if (s->load.lab) { /* the largest elements, a ring for each way */
		p = of_lab((struct lab_point){
			.out_elem = LAB_64, .way = LAB_RING, .back_elem = LAB_64});
		return size_of(s, &p);
	}
	for (p.at[FIELD_VARIANT] = 0; p.at[FIELD_VARIANT] < s->fields[FIELD_VARIANT].n;
	     p.at[FIELD_VARIANT]++) {
		for (p.at[FIELD_TX_HEADER] = 0;
		     p.at[FIELD_TX_HEADER] < s->fields[FIELD_TX_HEADER].n;
		     p.at[FIELD_TX_HEADER]++) {
			const size_t size = size_of(s, &p);

			if (size > most)
				most = size;
		}
	}
	return most;
}

int ring_bench_open(struct ring_bench **out, const struct ring_space *s, struct vrb_err *err)
{
	struct ring_bench *b = calloc(1, sizeof(*b));
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .simd = SIMD_SCALAR,
				   .arena_size = arena_of(s),
				   .max_ring = s->load.ring.ring_size,
				   .max_burst = s->load.ring.burst,
				   .queues = policy_queues(&s->load.ring.policy)};
	int ret;

	*out = b;
	if (!b)
		return vrb_fail(err, ENOMEM, "no memory for a model");
	model_defaults(&b->counting);
	b->counting.protocol = s->load.protocol;
	conf.model = &b->counting;
	ret = engine_open(&b->counts, &engine_model, &conf, err);
	for (unsigned i = 0; !ret && i < s->load.machines; i++) {
		const struct ring_machine *m = &s->load.on[i];

		b->timing[i] = b->counting;
		b->timing[i].mode = MODE_TIMED;
		b->timing[i].bound = BOUND_ESTIMATE;
		b->timing[i].machine = m->machine;
		b->timing[i].place = m->place;
		b->timing[i].protocol = m->machine.protocol;
		b->timing[i].store_buffer = m->machine.store_buffer;
		conf.model = &b->timing[i];
		ret = engine_open(&b->clocks[i], &engine_model, &conf, err);
	}
	return ret;
}

void ring_bench_close(struct ring_bench *b)
{
	if (!b)
		return;
	if (b->counts)
		engine_close(b->counts);
	for (unsigned i = 0; i < RING_MACHINES; i++) {
		if (b->clocks[i])
			engine_close(b->clocks[i]);
	}
	free(b);
}

static void put_counts(const struct coh_counts *sides, double buffers, struct ring_cost *out)
{
	for (unsigned i = 0; i < AGENTS; i++) {
		out->accesses[i] = (double)sides[i].accesses / buffers;
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			const double moved = (double)coh_transfers(&sides[i], r) / buffers;

			/* of the packets and their headers every ring moves the same */
			if (r == REGION_PAYLOAD || r == REGION_HEADER)
				continue;
			out->region[r] += moved;
			out->lines += moved;
			out->others += (double)sides[i].others[r] / buffers;
			out->memory += (double)coh_memory(&sides[i], r) / buffers;
			out->upgrades += (double)coh_upgrades(&sides[i], r) / buffers;
		}
	}
}

/* @timed: also what each machine takes. */
static int cost_of(const struct ring_space *s, struct ring_bench *b, const struct point *p,
		   bool timed, struct ring_cost *out, struct vrb_err *err)
{
	struct ring_own own;
	const struct ring_conf c = ring_space_conf(s, p, &own);
	const uint64_t buffers = (uint64_t)LAPS * c.ring_size * policy_queues(&c.policy);
	struct sample sample = {0};
	int ret = engine_sample(b->counts, &c, buffers, &sample, err);

	memset(out, 0, sizeof(*out));
	if (ret)
		return ret;
	put_counts(engine_counts(b->counts), (double)sample.buffers, out);
	for (unsigned i = 0; !ret && timed && i < s->load.machines; i++) {
		ret = engine_sample(b->clocks[i], &c, buffers, &sample, err);
		out->ns[i] = sample_ns(&sample);
	}
	return ret;
}

int ring_bench_cost(const struct ring_space *s, struct ring_bench *b, const struct point *p,
		    struct ring_cost *out, struct vrb_err *err)
{
	return cost_of(s, b, p, true, out, err);
}

static int cost(const void *arg, void *context, const struct point *p, double cost[SPACE_COSTS],
		struct vrb_err *err)
{
	const struct ring_space *s = arg;
	const struct ring_load *l = &s->load;
	struct ring_cost all;
	double ns = 0;
	int ret = cost_of(s, context, p, l->weight_ns > 0, &all, err);

	if (ret)
		return ret;
	for (unsigned i = 0; i < l->machines; i++)
		ns += all.ns[i] / l->machines;
	cost[COST_FIRST] = l->weight_lines * all.lines + l->weight_ns * ns;
	cost[COST_SECOND] = all.accesses[AGENT_DRIVER] > all.accesses[AGENT_DEVICE]
				    ? all.accesses[AGENT_DRIVER]
				    : all.accesses[AGENT_DEVICE];
	return 0;
}

/* The rings that there are. */
static unsigned open_known(struct ring_space *s)
{
	const bool tx = s->load.ring.dir == DIR_TX;
	unsigned n = 0;

	while (n < SPACE_VALUES && variant_at(n))
		n++;
	s->fields[FIELD_VARIANT] =
		(struct space_field){.name = "variant", .n = n, .name_of = variant_name};
	s->fields[FIELD_PUBLISH] = (struct space_field){
		.name = "publish", .n = PUBLISH_KINDS, .name_of = publish_name};
	s->fields[FIELD_DEVICE_PUBLISH] = (struct space_field){
		.name = "device-publish", .n = PUBLISH_KINDS, .name_of = publish_name};
	/* no recording tells an order */
	s->fields[FIELD_FREE_LIST] = (struct space_field){
		.name = "free-list", .n = FREE_RECORDED, .name_of = free_list_name};
	s->fields[FIELD_ALIGN] = (struct space_field){
		.name = "ring-align", .n = ALIGN_KINDS, .name_of = ring_align_name};
	s->fields[FIELD_DEVICE_AVAIL] = (struct space_field){
		.name = "device-avail", .n = DEVICE_AVAIL_KINDS, .name_of = device_avail_name};
	/* what concerns TX alone has one value with RX */
	s->fields[FIELD_TX_HEADER] = (struct space_field){
		.name = "tx-header", .n = tx ? TX_HEADER_KINDS : 1, .name_of = tx_header_name};
	s->fields[FIELD_TX_FREE_THRESH] = (struct space_field){.name = "tx-free-thresh",
							       .n = tx ? ARRAY_SIZE(thresholds) : 1,
							       .name_of = threshold_name};
	return RING_FIELDS;
}

static unsigned open_lab(struct ring_space *s)
{
	for (unsigned i = 0; i < LAB_SEARCHED; i++)
		s->fields[i] =
			(struct space_field){.name = lab_fields[i].name,
					     .n = lab_fields[i].n,
					     /* others: where --space names them */
					     .allowed = (UINT64_C(1) << lab_fields[i].usual) - 1,
					     .names = lab_fields[i].values};
	return LAB_SEARCHED;
}

void ring_space_open(struct ring_space *s, const struct ring_load *load)
{
	unsigned fields;

	memset(s, 0, sizeof(*s));
	s->load = *load;
	fields = load->lab ? open_lab(s) : open_known(s);
	s->space = (struct space){
		.fields = s->fields, .nfields = fields, .arg = s, .legal = legal, .cost = cost};
}
