/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_ring.c - fuzz target: a foreign driver's memory. An input is what is negotiated, the size of its two rings, and a
 * program: a store anywhere in the memory, which both rings and their buffers share, or a turn of the device.
 */
#include "fuzz.h"

#include "peer/net.h"
#include "peer/vhost_user.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY	8192
#define DEVICES 0x1000 /* where the second ring is */
#define STEPS	512

static void open_queue(struct peer_queue *q, struct peer_memory *m, uint32_t size,
		       uint64_t features, uint16_t base)
{
	struct vrb_err err = {""};
	int rc;

	peer_queue_open(q, base ? WAY_TRANSMITS : WAY_RECEIVES);
	q->desc_user = base;
	q->avail_user = base + 0x800u;
	q->used_user = base + 0xa00u;
	rc = peer_queue_resize(q, size, &err);
	fuzz_returned(rc, &err);
	if (!rc) {
		rc = peer_queue_attach(q, m, features, &err);
		fuzz_returned(rc, &err);
	}
	if (rc)
		return;
	q->enabled = true;
	fuzz_returned(peer_queue_start(q, &err), &err);
}

static void check(const struct peer_queue *q)
{
	const struct queue_stats *s = &q->stats;
	uint64_t all = 0, shapes = 0;

	for (unsigned i = 0; i < CHAIN_ERRORS; i++)
		all += s->errors[i];
	for (unsigned i = 0; i < CHAIN_SHAPES; i++)
		shapes += s->shape[i];
	fuzz_check(all == s->buffers, "a buffer that is counted in no or two ways");
	fuzz_check(shapes == s->errors[CHAIN_OK], "a good chain without a shape");
	fuzz_check(s->same <= s->compared && s->compared <= s->buffers, "laps");
	fuzz_check(!q->given, "what was returned was not published");
}

static void step(struct peer_queue *q, const struct net_format *format, struct net_packet *packet,
		 unsigned char *memory, struct fuzz_bytes *b)
{
	const unsigned what = (unsigned)fuzz_take(b, 1);
	uint64_t value;
	unsigned at, n;

	switch (what & 7) {
	case 0:
		net_sink(&q[1], format, packet);
		break;
	case 1:
		packet->len = (uint32_t)NET_FRAME_MIN << (what >> 5);
		net_source(&q[0], format, packet);
		break;
	case 2:
		net_forward(&q[1], format, &q[0], format, packet);
		break;
	case 3:
		if (peer_queue_runs(&q[what >> 7]))
			peer_queue_ask(&q[what >> 7], what & 0x40);
		break;
	default:
		at = (unsigned)fuzz_take(b, 2) % (MEMORY - 8);
		n = 1u << (what >> 4 & 3);
		value = fuzz_take(b, n);
		memcpy(memory + at, &value, n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_packet *packet = calloc(1, sizeof(*packet));
	unsigned char *memory = calloc(1, MEMORY);
	struct fuzz_bytes b = {data, data + size};
	struct peer_queue q[2] = {0};
	struct peer_memory m = {.n = 1,
				.windows = 1,
				.region = {{0, MEMORY, 0, 0}},
				.base = {memory},
				.window = {{0, MEMORY, memory}}};
	const uint64_t asked = fuzz_take(&b, 1);
	const uint32_t ring = 1 + fuzz_take(&b, 1) % 64;
	uint64_t features = VHOST_FEATURE(VIRTIO_F_VERSION_1);
	struct net_format format;

	if (!memory || !packet)
		abort();
	features |= asked & 1 ? VHOST_FEATURE(VIRTIO_F_RING_PACKED) : 0;
	features |= asked & 2 ? VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX) : 0;
	features |= asked & 4 ? VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC) : 0;
	features |= asked & 8 ? VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF) : 0;
	features |= asked & 32 ? VHOST_FEATURE(VIRTIO_F_IN_ORDER) : 0;
	features &= asked & 16 ? ~VHOST_FEATURE(VIRTIO_F_VERSION_1) : ~0ull;
	format = net_format_of(features);
	fuzz_check(peer_memory_guest(&m, 0, MEMORY), "the driver's memory is not found");
	for (unsigned i = 0; i < 2; i++) {
		q[i].base = (uint32_t)asked << 8 & 0x8000;
		open_queue(&q[i], &m, ring, features, (uint16_t)(i * DEVICES));
	}
	for (unsigned i = 0; i < STEPS && b.at < b.end; i++) {
		step(q, &format, packet, memory, &b);
		check(&q[0]);
		check(&q[1]);
	}
	peer_queue_close(&q[0]);
	peer_queue_close(&q[1]);
	free(memory);
	free(packet);
	return 0;
}
