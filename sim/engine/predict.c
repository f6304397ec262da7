/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predict.c - computing as measured and lines as modelled, put together.
 */
#include "engine/predict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum place_class predict_place(const struct latency_place *place)
{
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (!strcmp(place->name, place_class_name((enum place_class)c)))
			return (enum place_class)c;
	}
	return CLASS_NONE;
}

/* ---- computing ---- */

/*
 * Median over the samples of a cell that have no flag of @but. @room: for n values of each side.
 * Returns how many there were.
 */
static size_t median_of(const struct sample *samples, size_t n, uint32_t cell, uint32_t but,
			double *room, struct predict_compute *out)
{
	double *drv = room, *dev = room + n;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];

		if (s->cell != cell || s->flags & but || !s->buffers)
			continue;
		drv[used] = (double)s->drv.busy_ns / (double)s->buffers;
		dev[used++] = (double)s->dev.busy_ns / (double)s->buffers;
	}
	out->drv_ns = stats_median(drv, used);
	out->dev_ns = stats_median(dev, used);
	return used;
}

/*
 * Of the undisturbed samples if there are some: what disturbs only ever adds, and in samples of
 * 2 ms a time slice of another process is more than all the rest. @disturbed: counts the others.
 */
static bool compute_of(const struct sample *samples, size_t n, uint32_t cell, double *room,
		       struct predict_compute *out, uint32_t *disturbed)
{
	const size_t clean = median_of(samples, n, cell, UINT32_MAX, room, out);
	size_t used = clean;

	if (clean < PREDICT_CLEAN_SAMPLES)
		used = median_of(samples, n, cell, SAMPLE_DROPPED, room, out);
	*disturbed += used > clean;
	return used;
}

int predict_computing(const struct sample *samples, size_t n, uint32_t ncells,
		      struct predict_compute *out, uint32_t *disturbed, struct vrb_err *err)
{
	double *room = calloc(2 * n + 1, sizeof(*room));
	int ret = 0;

	if (!room)
		return vrb_fail(err, ENOMEM, "no memory for %zu samples", n);
	*disturbed = 0;
	for (uint32_t i = 0; !ret && i < ncells; i++) {
		if (!compute_of(samples, n, i, room, &out[i], disturbed))
			ret = vrb_fail(err, ENODATA,
				       "cell %u has no sample of the one-core engine that can be "
				       "used, so its computing is not known",
				       i);
	}
	free(room);
	return ret;
}

struct ring_conf predict_bare(const struct ring_conf *ring)
{
	struct ring_conf bare = *ring;

	bare.policy.work_driver = bare.policy.work_device = 0;
	bare.policy.pressure = 0;
	return bare;
}

/* ---- the model ---- */

/* One run of the model. @accesses: out, of each side, per buffer; may be NULL. */
static int run_model(const struct predict_conf *conf, const struct model_conf *model,
		     const struct ring_conf *ring, struct sample *out, double accesses[AGENTS],
		     struct vrb_err *err)
{
	struct engine_conf engine = conf->engine;
	struct ring_layout layout;
	struct engine *e;
	int ret;

	engine.model = model;
	ring_layout(ring, &layout); /* of one that was counted it may be none of the plan's */
	if (layout.size > engine.arena_size)
		engine.arena_size = layout.size;
	if (ring->ring_size > engine.max_ring)
		engine.max_ring = ring->ring_size;
	if (ring->burst > engine.max_burst)
		engine.max_burst = ring->burst;
	ret = engine_open(&e, &engine_model, &engine, err);
	if (ret)
		return ret;
	ret = engine_sample(e, ring, conf->buffers ? conf->buffers : model_buffers(ring), out, err);
	for (unsigned i = 0; !ret && accesses && i < AGENTS; i++)
		accesses[i] = (double)engine_counts(e)[i].accesses / (double)out->buffers;
	engine_close(e);
	return ret;
}

/*
 * In lockstep hardly a look is in vain, as on one core: the accesses that the measured computing
 * went with. 0 would stand for the machine's hit_ps.
 */
static uint32_t cost_ps(double compute_ns, double accesses)
{
	double ps = accesses > 0 ? compute_ns * 1000 / accesses : 0;

	return ps < 1 ? 1 : ps > 1e9 ? 1000000000 : (uint32_t)(ps + 0.5);
}

/* The instructions of an access, in thousandths, by what was counted per buffer. */
static uint32_t milli_of(double instructions, double accesses)
{
	const double milli = accesses > 0 ? instructions * 1000 / accesses : 0;

	return milli < 1 ? 1 : milli > 1e6 ? 1000000 : (uint32_t)(milli + 0.5);
}

/* Of each side; not counted: as many as the machine's window reckons with. */
static int set_instructions(const struct predict_conf *conf, uint32_t cell,
			    struct model_conf *model, struct vrb_err *err)
{
	const struct predict_counted *c = conf->counted ? &conf->counted[cell] : NULL;
	double accesses[AGENTS];
	struct sample sample;
	int ret;

	for (unsigned i = 0; i < AGENTS; i++)
		model->instructions_milli[i] = 1000 * LATENCY_WINDOW_INSTRUCTIONS;
	if (!c || !(c->drv > 0))
		return 0;
	ret = run_model(conf, model, &c->ring, &sample, accesses, err);
	if (ret)
		return ret;
	model->instructions_milli[AGENT_DRIVER] = milli_of(c->drv, accesses[AGENT_DRIVER]);
	model->instructions_milli[AGENT_DEVICE] = milli_of(c->dev, accesses[AGENT_DEVICE]);
	return 0;
}

static int predict_cell(const struct predict_conf *conf, uint32_t cell,
			const struct predict_compute *compute, struct prediction *out,
			struct vrb_err *err)
{
	const struct ring_conf *ring = &conf->rings[cell], bare = predict_bare(ring);
	struct model_conf model = *conf->model;
	double accesses[AGENTS];
	struct sample sample;
	int ret;

	model.mode = MODE_LOCKSTEP;
	model.bound = BOUND_SERIAL;
	ret = run_model(conf, &model, &bare, &sample, accesses, err);
	if (!ret)
		ret = set_instructions(conf, cell, &model, err);
	if (ret)
		return ret;
	model.mode = MODE_TIMED;
	model.cost_ps[AGENT_DRIVER] = cost_ps(compute->drv_ns, accesses[AGENT_DRIVER]);
	model.cost_ps[AGENT_DEVICE] = cost_ps(compute->dev_ns, accesses[AGENT_DEVICE]);
	for (model.place = 0; model.place < model.machine.nplaces; model.place++) {
		if (!(conf->places >> model.place & 1))
			continue;
		out->place = predict_place(&model.machine.places[model.place]);
		out->compute = *compute;
		for (unsigned b = 0; b < MODEL_BOUNDS; b++) {
			model.bound = (enum model_bound)b;
			ret = run_model(conf, &model, ring, &sample, NULL, err);
			if (ret)
				return ret;
			out->ns[b] = sample_ns(&sample);
		}
		out++;
	}
	return 0;
}

static unsigned place_count(const struct predict_conf *conf)
{
	const unsigned all = (1u << conf->model->machine.nplaces) - 1;

	return (unsigned)__builtin_popcount(conf->places & all);
}

size_t predict_count(const struct predict_conf *conf)
{
	return (size_t)conf->ncells * place_count(conf);
}

int predict_run(const struct predict_conf *conf, const struct predict_compute *computing,
		struct prediction *out, size_t *done, struct vrb_err *err)
{
	const unsigned places = place_count(conf);

	*done = 0;
	for (uint32_t i = 0; i < conf->ncells; i++) {
		struct prediction *mine = out + (size_t)i * places;
		int ret;

		if (conf->step)
			conf->step(conf->step_arg, i);
		if (conf->engine.stop && __atomic_load_n(conf->engine.stop, __ATOMIC_RELAXED))
			return -EINTR;
		ret = predict_cell(conf, i, &computing[i], mine, err);
		if (ret)
			return ret;
		for (unsigned k = 0; k < places; k++)
			mine[k].cell = i;
		*done += places;
	}
	return 0;
}
