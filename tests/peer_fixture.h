/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_fixture.h - a small front-end of one queue, in the thread of its back-end: it sends a message, and then
 * lets the device take it.
 */
#ifndef TEST_PEER_FIXTURE_H
#define TEST_PEER_FIXTURE_H

#include "expect.h"
#include "peer/net.h"
#include "peer/vhost_user.h"
#include "spawned.h"

#define RING   16
#define BYTES  0x80000u	    /* of the driver's memory */
#define GUEST  0x100000ull  /* its addresses, of the guest */
#define USER   0x7000000ull /* and of the front-end */
#define AVAIL  0x1000u	    /* where the parts of the ring are */
#define USED   0x2000u
#define TABLE  0x3000u /* an indirect table */
#define DATA   0x4000u
#define SECOND (BYTES / 2) /* where all of this is of a second ring */
#define RX     0	   /* queues */
#define TX     1

#define SPLIT  (VHOST_FEATURE(VIRTIO_F_VERSION_1) | VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC))
#define PACKED (SPLIT | VHOST_FEATURE(VIRTIO_F_RING_PACKED))
#define MERGE  VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF)
#define ORDER  VHOST_FEATURE(VIRTIO_F_IN_ORDER)
#define EVENTS VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX)

/* The front-end, its memory, and the device at the other end. */
struct front {
	int fd, memory_fd;
	uint32_t ring; /* descriptors of each: RING, if nobody says otherwise before it starts */
	unsigned char *memory;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_packed_desc *packed;
	struct vring_packed_desc_event *driver_event, *device_event;
	struct vhost device;
	struct net_packet packet;
};

void front_open(struct front *f, const struct vhost_offer *offer);
void front_close(struct front **f);

/* @offer: of the device. */
#define FRONT_OF(f, offer)                                    \
	static struct front f##_storage;                      \
	freed_by(front_close) struct front *f = &f##_storage; \
	const struct vhost_offer f##_offer = offer;           \
	front_open(f, &f##_offer)
#define FRONT(f) FRONT_OF(f, net_offer(VHOST_OPTIONAL, 1))

#define MESSAGE(name, bytes, ...)                                                          \
	{                                                                                  \
		.header = {VHOST_##name, VHOST_VERSION, bytes}, .payload = { __VA_ARGS__ } \
	}

extern const struct vhost_message memory_table;

/** front_send - the first @bytes of a message as it is on the wire, with @nfds descriptors. */
void front_send(const struct front *f, const struct vhost_message *m, size_t bytes, unsigned nfds);

/** front_tell - send a message, and let the device do it. Returns as vhost_message(). */
int front_tell(struct front *f, const struct vhost_message *m, unsigned nfds, struct vrb_err *err);

/** front_prepare - features, memory table and ring size. */
void front_prepare(struct front *f, unsigned queue, uint64_t features);

/** front_start - and addresses and kick: the queue runs. */
void front_start(struct front *f, unsigned queue, uint64_t features);

/** front_start_both - RX, and TX in the second ring. */
void front_start_both(struct front *f, uint64_t features);

/** front_start_again - addresses and kick, of a queue that was stopped. */
void front_start_again(struct front *f, unsigned queue);

/** front_say - the same to a device in another process, without waiting for it. */
void front_say(struct front *f, unsigned queue, uint64_t features);

/** serve_listens - `vringbench serve --socket s`, started in @dir, has got that far. */
void serve_listens(const char *dir);

/** listen_in - in its place: a socket that listens at s in @dir. */
int listen_in(const char *dir);

/**
 * drive_row - what `drive --json row` has written in @dir: a session of one run.
 * @row: out, 1000 bytes: its line.
 */
void drive_row(const char *dir, char *row);

/** front_connect - to `vringbench serve`, which begins to listen in @dir. */
int front_connect(const char *dir, const char *name);

/** front_joins - `vringbench serve --socket s`, started in @dir: its device from now on is that one. */
void front_joins(struct front *f, const char *dir);

/** front_leaves - its connection ends. */
void front_leaves(struct front *f);

/** front_awaits - until the used index of its split ring is @used, which another process writes. */
void front_awaits(const struct front *f, uint16_t used);

/** drive_ends - `vringbench drive` leaves its device, which is in this process and is closed then, and ends with @code. */
void drive_ends(struct vhost *device, struct spawned *driver, enum vrb_exit code);

/** front_base - GET_VRING_BASE, which stops the queue. Returns the answer. */
uint32_t front_base(struct front *f, unsigned queue);

/** front_sink, front_source - a turn of the device; @frame: bytes. Returns how many buffers it has returned. */
unsigned front_sink(struct front *f);
unsigned front_source(struct front *f, uint32_t frame);

/** set_desc - of a split ring, or of a table. */
void set_desc(struct vring_desc *d, uint32_t offset, uint32_t len, unsigned flags, unsigned next);

/** post - make a head available in a split ring. */
void post(struct front *f, uint16_t head);

#define NEXT  VRING_DESC_F_NEXT
#define WRITE VRING_DESC_F_WRITE
#define INDIR VRING_DESC_F_INDIRECT

/* A chain, by descriptors of the ring or of an indirect table (offset, length, flags, next). */
struct link {
	uint32_t offset, len;
	unsigned flags, next;
};

#endif
