/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve_print.c - what is reported of a driver.
 */
#include "peer/serve.h"

#include "usable.h"

#include <inttypes.h>
#include <linux/virtio_blk.h>

static const struct feature {
	unsigned bit;
	const char *name;
} names[] =
	{
		{VIRTIO_F_VERSION_1, "version-1"},	{VIRTIO_F_RING_PACKED, "packed"},
		{VIRTIO_F_IN_ORDER, "in-order"},	{VIRTIO_RING_F_INDIRECT_DESC, "indirect"},
		{VIRTIO_RING_F_EVENT_IDX, "event-idx"},
},
  of_device[SERVE_DEVICES][4] = {
	  [SERVE_NET] = {{VIRTIO_NET_F_MRG_RXBUF, "mrg-rxbuf"}, {VIRTIO_NET_F_MQ, "mq"}},
	  [SERVE_BLK] = {{VIRTIO_BLK_F_SEG_MAX, "seg-max"},
			 {VIRTIO_BLK_F_BLK_SIZE, "blk-size"},
			 {VIRTIO_BLK_F_FLUSH, "flush"},
			 {VIRTIO_BLK_F_MQ, "mq"}},
};

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

/* @moved: a time would say nothing. */
static void print_queue(FILE *out, const struct peer_queue *q, unsigned index, bool moved)
{
	const struct queue_stats *s = &q->stats;
	const struct queue_mark *from = &s->first, *to = &s->last;
	const uint64_t timed = to->buffers - from->buffers, good = s->errors[CHAIN_OK];
	const uint64_t empty = to->empty - from->empty;

	fprintf(out, "queue %u (the driver %s): %" PRIu64 " %s, %" PRIu64 " bytes", index,
		peer_way_name(q->way), s->packets, q->way == WAY_BOTH ? "requests" : "packets",
		s->bytes);
	if (timed && !moved)
		fprintf(out, ", %.1f ns a buffer", (double)(to->ns - from->ns) / (double)timed);
	fprintf(out,
		"\n  batches        %" PRIu64 ", %.1f buffers each, longest %" PRIu64
		"\n  polls          %.1f %% empty from the first batch to the last"
		"\n  same slot      ",
		s->batches, s->batches ? (double)s->buffers / (double)s->batches : 0, s->longest,
		percent(empty, empty + to->batches - from->batches));
	if (s->compared)
		fprintf(out,
			"%.2f %% of %" PRIu64 " available entries hold the %s of the lap before",
			percent(s->same, s->compared), s->compared, q->packed ? "id" : "head");
	else
		fprintf(out, "not known: no slot was seen in two laps");
	fprintf(out,
		"\n  chains         1 descriptor %.1f %%, 2: %.1f %%, 3: %.1f %%, more: %.1f %%; indirect %.1f %%\n",
		percent(s->shape[0], good), percent(s->shape[1], good), percent(s->shape[2], good),
		percent(s->shape[3], good), percent(s->indirect, good));
	fprintf(out,
		"  notifications  %" PRIu64 " kicks, %" PRIu64 " calls, %" PRIu64
		" calls suppressed\n",
		s->kicks, s->calls, s->calls_suppressed);
	if (s->again)
		fprintf(out, "  taken again    %" PRIu64 " that a device before this one held\n",
			s->again);
	if (s->failed)
		fprintf(out,
			"  failed         %" PRIu64 " requests: no such sector, length or type\n",
			s->failed);
	if (s->dropped)
		fprintf(out, "  dropped        %" PRIu64 " packets: nowhere to be received\n",
			s->dropped);
	for (enum chain_error e = CHAIN_OK + 1; e < CHAIN_ERRORS; e++) {
		if (s->errors[e])
			fprintf(out, "  bad chains     %" PRIu64 ": %s\n", s->errors[e],
				chain_error_name(e));
	}
	if (q->stats.broke)
		fprintf(out, "  broken         %s\n", q->stats.broke);
}

static void print_features(FILE *out, uint64_t features, const struct feature *f, size_t n)
{
	for (size_t i = 0; i < n && f[i].name; i++) {
		if (features & VHOST_FEATURE(f[i].bit))
			fprintf(out, " %s", f[i].name);
	}
}

void serve_print(FILE *out, const struct vhost *v, const struct serve_conf *conf)
{
	const bool moved = usable_cpus() != conf->usable;

	fprintf(out, "features %#llx:", (unsigned long long)v->features);
	print_features(out, v->features, names, ARRAY_SIZE(names));
	print_features(out, v->features, of_device[conf->device],
		       ARRAY_SIZE(of_device[conf->device]));
	fputc('\n', out);
	if (moved)
		fprintf(out, "no times: " USABLE_CHANGED "\n");
	for (unsigned i = 0; i < v->offer.queues; i++) {
		if (serve_works(conf, i))
			print_queue(out, &v->queue[i], i, moved);
	}
	fflush(out);
}
