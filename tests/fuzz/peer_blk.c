/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_blk.c - fuzz target: requests of a foreign driver to a disk. An input is what is negotiated, the size of the
 * ring, and a program: a store anywhere in the driver's memory, a whole request, or a turn of the device.
 */
#include "fuzz.h"

#include "peer/blk.h"

#include <linux/virtio_blk.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY 8192
#define AVAIL  0x400u
#define USED   0x600u
#define HEADER 0x1000u
#define STEPS  256

/* Three descriptors, their lengths and directions of the input, made available in a split ring. */
static void put_request(unsigned char *memory, uint32_t ring, struct fuzz_bytes *b)
{
	struct vring_desc *d = (void *)memory;
	struct vring_avail *avail = (void *)(memory + AVAIL);
	const unsigned first = (unsigned)fuzz_take(b, 1) % ring;
	const struct virtio_blk_outhdr h = {.type = (uint32_t)fuzz_take(b, 1),
					    .sector = fuzz_take(b, 1)};
	unsigned at = first;

	memcpy(memory + HEADER, &h, sizeof(h));
	for (unsigned i = 0; i < 3; i++) {
		const unsigned next = (at + 1) % ring, how = (unsigned)fuzz_take(b, 1);

		d[at] = (struct vring_desc){HEADER + 0x400 * i, i == 1 ? 64 * (how & 31) : 16 + i,
					    (uint16_t)((i < 2 ? VRING_DESC_F_NEXT : 0) |
						       (how & 0x80 ? VRING_DESC_F_WRITE : 0)),
					    (uint16_t)next};
		at = next;
	}
	avail->ring[avail->idx % ring] = (uint16_t)first;
	avail->idx++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes b = {data, data + size};
	const unsigned asked = (unsigned)fuzz_take(&b, 1);
	const struct blk_conf conf = {.mib = 1, .reversed = asked & 8 ? 0.5 : 0};
	const uint32_t ring = 1u << fuzz_take(&b, 1) % 7;
	unsigned char *memory = calloc(1, MEMORY);
	struct peer_memory m = {.n = 1,
				.windows = 1,
				.region = {{0, MEMORY, 0, 0}},
				.base = {memory},
				.window = {{0, MEMORY, memory}}};
	struct peer_queue q = {.desc_user = 0, .avail_user = AVAIL, .used_user = USED};
	struct vrb_err err = {""};
	struct blk_disk disk;
	uint64_t features = VHOST_FEATURE(VIRTIO_F_VERSION_1);

	features |= asked & 1 ? VHOST_FEATURE(VIRTIO_F_RING_PACKED) : 0;
	features |= asked & 2 ? VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX) : 0;
	features |= asked & 4 ? VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC) : 0;
	peer_queue_open(&q, WAY_BOTH);
	if (!memory || blk_open(&disk, &conf, &err) || peer_queue_resize(&q, ring, &err) ||
	    peer_queue_attach(&q, &m, features, &err))
		abort();
	fuzz_check(peer_memory_guest(&m, 0, MEMORY), "the driver's memory is not found");
	q.base = asked << 8 & 0x8000;
	q.enabled = true;
	if (peer_queue_start(&q, &err))
		abort();
	for (unsigned i = 0; i < STEPS && b.at < b.end; i++) {
		const unsigned what = (unsigned)fuzz_take(&b, 1);
		const uint64_t before = q.stats.buffers;

		if (what & 1) {
			const unsigned n = 1u << (what >> 4 & 3);
			const unsigned at = (unsigned)fuzz_take(&b, 2) % (MEMORY - 8);
			const uint64_t value = fuzz_take(&b, n);

			memcpy(memory + at, &value, n);
			continue;
		}
		if (what & 2)
			put_request(memory, ring, &b);
		fuzz_check(blk_turn(&disk, &q) == (q.stats.buffers != before),
			   "what a turn says is not what it did");
		fuzz_check(!q.given && (q.done == q.next || q.broken),
			   "what was taken was not returned and published");
		fuzz_check(q.stats.packets == q.stats.errors[CHAIN_OK] &&
				   q.stats.failed <= q.stats.packets,
			   "a request that is counted twice, or not");
	}
	blk_close(&disk);
	peer_queue_close(&q);
	free(memory);
	return 0;
}
