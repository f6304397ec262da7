/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve_print.c - what is reported of a driver.
 */
#include "peer/serve.h"

#include <inttypes.h>

static const struct {
	unsigned bit;
	const char *name;
} names[] = {
	{VIRTIO_F_VERSION_1, "version-1"},
	{VIRTIO_F_RING_PACKED, "packed"},
	{VIRTIO_F_IN_ORDER, "in-order"},
	{VIRTIO_NET_F_MRG_RXBUF, "mrg-rxbuf"},
	{VIRTIO_RING_F_INDIRECT_DESC, "indirect"},
	{VIRTIO_RING_F_EVENT_IDX, "event-idx"},
	{VIRTIO_NET_F_MQ, "mq"},
};

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

static void print_queue(FILE *out, const struct peer_queue *q, unsigned index)
{
	const struct queue_stats *s = &q->stats;
	const uint64_t timed = s->last_buffers - s->first_buffers, good = s->errors[CHAIN_OK];

	fprintf(out, "queue %u (the driver %s): %" PRIu64 " packets, %" PRIu64 " bytes", index,
		q->receives ? "receives" : "transmits", s->packets, s->bytes);
	if (timed)
		fprintf(out, ", %.1f ns a buffer",
			(double)(s->last_ns - s->first_ns) / (double)timed);
	fprintf(out,
		"\n  batches        %" PRIu64 ", %.1f buffers each, longest %" PRIu64
		"\n  same slot      ",
		s->batches, s->batches ? (double)s->buffers / (double)s->batches : 0, s->longest);
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

void serve_print(FILE *out, const struct vhost *v, enum serve_mode mode)
{
	fprintf(out, "features %#llx:", (unsigned long long)v->features);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (v->features & VHOST_FEATURE(names[i].bit))
			fprintf(out, " %s", names[i].name);
	}
	fputc('\n', out);
	for (unsigned i = 0; i < 2 * v->offer.pairs; i++) {
		if (serve_works(mode, i))
			print_queue(out, &v->queue[i], i);
	}
	fflush(out);
}
