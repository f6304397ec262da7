/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring_fixture.c - a ring for tests: run by an engine, or by hand, step by step.
 */
#include "ring_fixture.h"

#include <sys/mman.h>
#include <unistd.h>

struct where where(const struct ring_conf *c, enum simd simd)
{
	const struct ring_policy *p = &c->policy;
	struct where w;

	snprintf(
		w.text, sizeof(w.text),
		"%s %s ring %u burst %u payload %u start %u, %s %s header %s %s, used-read %s, "
		"avail-store %s, poll-fence %s, device-avail %s, device-publish %s, %s share %g seed %lu, "
		"outstanding %u rx-room %u rx-buffer %u, inject %s:%lu, simd %s",
		c->variant->name, direction_name(c->dir), c->ring_size, c->burst, c->payload,
		c->start_idx, free_list_name(p->free_list), publish_name(p->publish),
		tx_header_name(p->tx_header), header_write_name(p->header_write),
		used_read_name(p->used_read), avail_store_name(p->avail_store),
		poll_fence_name(p->poll_fence), device_avail_name(p->device_avail),
		publish_name(p->device_publish), device_order_name(p->device_order), p->early_share,
		p->early_seed, p->outstanding, p->rx_room, p->rx_buffer, fault_name(p->fault),
		p->fault_at, simd_name(simd));
	return w;
}

const struct variant *variant_named(const char *name)
{
	FOR_EACH_VARIANT (v) {
		if (!strcmp(v->name, name))
			return v;
	}
	cr_assert_fail("no variant %s", name);
	return NULL;
}

struct ring_conf conf_tx(const struct variant *v, enum tx_header header, enum header_write write)
{
	return (struct ring_conf)CONF(v, DIR_TX, HAND_SIZE, HAND_BURST, .payload = 61,
				      .policy = HEADERS(header, write));
}

enum simd next_path(const struct variant *v, enum simd simd)
{
	for (int i = (int)simd + 1; i < SIMD_KINDS; i++) {
		if (v->drv[i] && simd_has((enum simd)i))
			return (enum simd)i;
	}
	return SIMD_KINDS;
}

const struct variant *next_variant(const struct variant *v)
{
	unsigned i = 0;

	while (variants_get(i++) != v)
		;
	return i < variants_count() ? variants_get(i) : NULL;
}

/* Two CPUs of this machine; false if there are none. */
static bool pick_pair(struct cpu_pair *pair)
{
	struct placement *p;
	struct vrb_err err = {""};
	int ret;

	must(placement_open, &p);
	ret = placement_pick(p, REL_ANY, pair, &err);
	placement_close(p);
	return ret == 0;
}

bool native_possible(void)
{
	struct cpu_pair pair;

	return pick_pair(&pair);
}

static struct engine *open_engine(const struct engine_ops *ops, const struct model_conf *model,
				  uint32_t max_ring, uint32_t max_payload, const uint32_t *stop)
{
	/* the largest of all rows: more than any sample of the test needs */
	struct engine_conf conf = {.pages = PAGE_4K,
				   .mem_node = NODE_ANY,
				   .simd = SIMD_SCALAR,
				   .max_ring = max_ring,
				   .max_burst = max_ring,
				   .max_own = TEST_MAX_OWN,
				   .model = model,
				   .stop = stop};
	struct vrb_err err = {""};
	struct engine *e = NULL;

	if ((ops == &engine_native || ops == &engine_process) && !pick_pair(&conf.pair))
		cr_skip("needs two CPUs");
	FOR_EACH_VARIANT (v) {
		struct ring_conf ring =
			CONF(v, DIR_TX, max_ring, max_ring, .payload = max_payload,
			     .policy = {.tx_header = TX_HEADER_INDIRECT, .rx_room = 256});
		struct ring_layout layout;

		ring_layout(&ring, &layout);
		if (layout.size > conf.arena_size)
			conf.arena_size = layout.size;
	}
	cr_assert_eq(engine_open(&e, ops, &conf, &err), 0, "%s: %s", ops->name, err.msg);
	return e;
}

struct engine *test_engine(const struct engine_ops *ops, uint32_t max_ring, uint32_t max_payload,
			   const uint32_t *stop)
{
	return open_engine(ops, NULL, max_ring, max_payload, stop);
}

struct engine *test_model(const struct model_conf *m, uint32_t max_ring, uint32_t max_payload)
{
	return open_engine(&engine_model, m, max_ring, max_payload, NULL);
}

void close_engine(struct engine **e)
{
	engine_close(*e);
}

void must_run(struct engine *e, const struct ring_conf *c, uint64_t buffers, enum simd simd,
	      struct sample *out)
{
	const struct drv *d = e->sides.drv;
	const struct dev *v = e->sides.dev;
	struct vrb_err err = {""};
	struct where at = where(c, simd);
	uint64_t posted, least;
	int ret;

	e->conf.simd = simd;
	ret = engine_sample(e, c, buffers, out, &err);
	cr_assert_eq(ret, 0, "%s: %d %s", at.text, ret, err.msg);
	cr_assert_eq(out->buffers, buffers, "%s", at.text);
	/* what was posted was taken, returned and reaped, and it was no less than asked for */
	posted = d->posted - c->start_idx;
	least = e->job.proof + e->job.warm + buffers + e->job.proof;
	cr_assert_eq(d->reaped, d->posted, "%s", at.text);
	cr_assert_eq(v->taken, d->posted, "%s", at.text);
	cr_assert_eq(v->returned, d->posted, "%s", at.text);
	cr_assert_geq(posted, least, "%s", at.text);
	cr_assert_leq(posted, least + (c->dir == DIR_RX ? ring_capacity(c) : 0), "%s", at.text);
	cr_assert_gt(out->elapsed_ns, 0, "%s", at.text);
}

void must_run_paths(struct engine *e, const struct ring_conf *c, uint64_t buffers)
{
	struct sample s;

	FOR_EACH_PATH (simd, c->variant)
		must_run(e, c, buffers, simd, &s);
}

void hand_open(struct hand *h, const struct ring_conf *c, enum simd simd)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *at;

	memset(h, 0, sizeof(*h));
	h->conf = *c;
	h->simd = simd;
	ring_layout(c, &h->layout);
	at = mmap(NULL, h->layout.size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(at, MAP_FAILED);
	h->mem = at + page;
	cr_assert_eq(mprotect(h->mem, h->layout.size, PROT_READ | PROT_WRITE), 0);
	must(ring_private_open, &h->sides, c->ring_size, c->burst, ring_own(c), NULL);
	ring_setup(c, h->mem, &h->sides);
	h->loops = variants_loops(c->variant, &c->policy,
				  &(struct loops_wanted){.dir = c->dir,
							 .payload = c->payload > 0,
							 .generic = c->generic,
							 .simd = simd});
	h->d = h->sides.drv;
	h->v = h->sides.dev;
	h->d->post_target = h->d->reap_target = h->v->take_target = UINT64_MAX;
}

void hand_close(struct hand *h)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	ring_private_close(&h->sides);
	munmap(h->mem - page, h->layout.size + 2 * page);
}

enum side_status hand_drv(struct hand *h, uint64_t bursts)
{
	return h->loops.drv(h->d, (struct turn){.bursts = bursts, .looks = 1});
}

enum side_status hand_dev(struct hand *h, uint64_t bursts)
{
	return h->loops.dev(h->v, (struct turn){.bursts = bursts, .looks = 1});
}

void hand_step(struct hand *h)
{
	struct where at = where(&h->conf, h->simd);

	cr_assert_neq(hand_drv(h, 1), SIDE_BROKEN, "%s: %s", at.text,
		      failure_text(h->d->fail.kind));
	cr_assert_neq(hand_dev(h, 1), SIDE_BROKEN, "%s: %s", at.text,
		      failure_text(h->v->fail.kind));
}

void hand_run(struct hand *h, uint64_t buffers)
{
	const uint64_t end = h->d->reaped + buffers;

	while (h->d->reaped < end)
		hand_step(h);
}

void hand_balances(const struct hand *h)
{
	const uint64_t out = h->d->posted - h->d->reaped;
	const struct where at = where(&h->conf, h->simd);

	cr_assert_leq(out, ring_capacity(&h->conf), "%s: %lu outstanding", at.text, out);
	cr_assert_eq((uint64_t)(h->d->top - h->sides.stack) + out, h->layout.nbufs,
		     "%s: the driver says: %s", at.text, failure_text(h->d->fail.kind));
}

static void refuses(const struct hand *h, enum side_status status, const struct failure *fail,
		    enum failure_kind kind, const char *what)
{
	struct where at = where(&h->conf, h->simd);

	cr_assert_eq(status, SIDE_BROKEN, "%s: %s", at.text, what);
	cr_assert_eq(fail->kind, kind, "%s: %s: %s", at.text, what, failure_text(fail->kind));
}

void dev_refuses(struct hand *h, enum failure_kind kind, uint64_t buffer, const char *what)
{
	refuses(h, hand_dev(h, 1), &h->v->fail, kind, what);
	cr_assert_eq(h->v->fail.buffer, h->conf.start_idx + buffer, "%s: %s: buffer %lu",
		     where(&h->conf, h->simd).text, what, h->v->fail.buffer);
}

void drv_refuses(struct hand *h, enum failure_kind kind, const char *what)
{
	refuses(h, hand_drv(h, 1), &h->d->fail, kind, what);
}
