/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue.h - the device's side of a ring, split or packed, that a foreign driver has laid out and may write at any
 * moment. Virtio 1.4, 2.7 "Split Virtqueues" and 2.8 "Packed Virtqueues".
 *
 * It shares no walk with sim/ring: there one side of ours times buffers whose shape both sides have agreed on, in
 * one region, and ends at the first fault. Here any legal chain must be taken, over several regions, and a bad chain
 * is returned while the queue goes on. What is shared is how a notification is decided (ring/notify.h).
 */
#ifndef VRB_PEER_QUEUE_H
#define VRB_PEER_QUEUE_H

#include "peer/inflight.h"
#include "peer/memory.h"
#include "recording/recording.h"

#include <linux/virtio_ring.h>

#define PEER_RING_MAX 32768 /* descriptors; Virtio 1.4, 2.7 and 2.8 */
#define PEER_BURST    32    /* buffers, at most, before they are published, */
#define PEER_MERGED   256   /* and those of one packet more; of Linux's, 64 KiB are 43 */
#define PEER_HELD     (PEER_BURST * PEER_MERGED)
#define PEER_WRAP     (1u << VRING_PACKED_EVENT_F_WRAP_CTR) /* of a position in a packed ring */
#define PEER_AVAIL    (1u << VRING_PACKED_DESC_F_AVAIL)
#define PEER_USED     (1u << VRING_PACKED_DESC_F_USED)

/* What may be wrong with one chain: it is returned with length 0, and the queue goes on. */
enum chain_error {
	CHAIN_OK,
	CHAIN_LOOP,    /* more descriptors than the ring, so it goes in a circle */
	CHAIN_NEXT,    /* next is no descriptor */
	CHAIN_OUTSIDE, /* a buffer or table is not in the memory of the driver */
	CHAIN_DIRECTION, /* writable in a queue that transmits, readable in one that receives or behind a writable one */
	CHAIN_INDIRECT, /* a table of no whole entries or too many, nested, or not negotiated */
	CHAIN_SHORT, /* no room for the net header or the frame; no header or status of a block request */
	CHAIN_LONG, /* a frame above NET_FRAME_MAX; more than a disk has */
	CHAIN_ERRORS
};

const char *chain_error_name(enum chain_error v);

/* What a driver's buffers are for the device. */
enum peer_way {
	WAY_RECEIVES,  /* the driver does: all is to be written */
	WAY_TRANSMITS, /* all is to be read */
	WAY_BOTH,      /* first what is to be read, then what is to be written */
	PEER_WAYS
};

/* What the driver does: "receives", "transmits", "writes and reads". */
const char *peer_way_name(enum peer_way v);

/* A part of a buffer, here. */
struct chain_piece {
	unsigned char *at;
	uint32_t len;
};

#define PEER_BAD_REGION "the inflight region is not what it was left as"

/* A descriptor of either ring, of our own. */
struct peer_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next; /* packed: the buffer's id */
};

/* A buffer, as its descriptors said when it was taken. */
struct chain {
	struct chain_piece *piece; /* @n of them, until the next buffer is taken */
	uint64_t bytes;		   /* of all pieces */
	uint64_t read_bytes;	   /* of a queue that is WAY_BOTH, as @reads */
	uint32_t n;
	uint32_t reads; /* of the pieces, to be read: the first ones */
	uint16_t id;	/* split: its head */
	uint16_t at;	/* position of the available entry, or of its first descriptor */
	uint16_t slots; /* split: 1; packed: descriptors of the ring */
	uint16_t link;	/* split: its second descriptor, of the ring; 0: none */
	uint16_t entry; /* packed: of the inflight region */
	bool again;	/* a device before this one held it */
	bool indirect;
	bool first; /* of those that one look at the ring found */
	enum chain_error error : 8;
};

/*
 * A buffer that a look at the ring found. A plain one is of one descriptor that is as it should be: @at and @len are its
 * bytes. Of any other one @len is 0 and @at means nothing: its descriptors are read when it is taken.
 */
struct peer_ready {
	unsigned char *at;
	uint32_t len;
	uint16_t id; /* split: its head */
};
_Static_assert(sizeof(struct peer_ready) == 16, "one is found by a shift, and four are in a line");

/* What a chain of one piece, of two, ... of more than these counts for. */
#define CHAIN_SHAPES 4

struct queue_stats {
	uint64_t buffers, batches, longest;
	uint64_t packets, bytes; /* without the net header; requests, and their data */
	uint64_t again;		 /* buffers that a device before this one held */
	uint64_t failed;	 /* requests that were answered with IOERR or UNSUPP */
	uint64_t
		dropped; /* packets: the other side had no ring, or no buffer that is large enough */
	uint64_t shape[CHAIN_SHAPES], indirect;
	uint64_t compared,
		same; /* slots seen in two laps that follow each other; of these: with the same head, or id */
	uint64_t kicks, calls, calls_suppressed;
	uint64_t errors[CHAIN_ERRORS];
	const char
		*broke; /* why the queue was latched last, kept over starts; NULL: it never was */
	uint64_t empty; /* polls that have found nothing to return; the others are batches */
	/* The counts when it was looked at the first and the last time after it had moved. */
	struct queue_mark {
		uint64_t ns, buffers, batches, empty;
	} first, last;
};

struct peer_queue {
	/* As the front-end has told; the ring's addresses are its own. */
	uint16_t size;
	uint32_t base; /* split: where it is until it starts, see peer_queue_start() */
	uint64_t desc_user, avail_user, used_user;
	bool has_addresses, started, enabled;
	enum peer_way way;
	int kick_fd, call_fd, err_fd;

	/* Where the ring is here; NULL until it is attached, and while there is no memory. */
	struct peer_memory *memory;
	bool packed, indirect, event_idx;
	/*
	 * Of what is published at once, one used element: the last buffer's, in the place of the first. Virtio 1.4,
	 * 2.7.9 and 2.8.8 "In-order use of descriptors". Not of what a driver receives: it tells no other length.
	 */
	bool one_used;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_packed_desc *packed_desc;
	struct vring_packed_desc_event *driver_event, *device_event;

	/* Private. Positions: split: free-running; packed: slot, and the wrap counter in bit 15. */
	uint16_t next; /* to be taken */
	uint16_t done; /* to be returned; all that was taken is, before anything is published */
	uint16_t seen; /* split: the last available index that was read */
	uint16_t published;   /* @done, when the driver was notified, or not, the last time */
	unsigned given;	      /* buffers returned, not published */
	unsigned plain_given; /* of these, what no count has yet but this one */
	uint16_t slots;	      /* a position and this is a slot */
	uint16_t
		plain; /* NEXT, INDIRECT and WRITE of a descriptor that may be a buffer's only one; else none has it */
	uint16_t
		first_flags; /* packed: of the first of these, at @published, which are stored last */
	bool ended;	     /* packed: the last look has found where what is available ends */
	bool dry;	     /* it was found empty since a buffer was taken */
	bool starved;	     /* a take of this start has found nothing */
	const char *broken; /* why the queue is latched; NULL: it is not */
	uint64_t *before;   /* by slot: the lap in which it was seen last, and the id in 16 bits */
	uint64_t lap;
	uint64_t *taken; /* split, by head: the @batch in which it was ready, or taken, last */
	uint64_t batch;	 /* another one after each peer_queue_publish() */
	struct inflight inflight;
	struct chain chain;		/* taken last */
	struct chain_piece plain_piece; /* of it, if it is plain; */
	struct chain_piece *piece;	/* else, @size of them */
	/* What a look at the ring found, from @next on; forgotten when something is published, or untaken. */
	struct peer_ready *ready_at, *ready_end, ready[PEER_BURST];
	struct queue_stats stats;

	struct rec_writer *recorder; /* of whoever set it; NULL: nothing is recorded */
	bool recorded;		     /* a recording of this start has begun, at least */
	struct rec_run run; /* what was given last and is not published, as far as it is one */
	uint64_t looked_ns; /* time of the last look that found something */
	uint16_t looked;    /* split: the index that it saw */
	uint16_t first_at;  /* where what it found begins */
	uint16_t held[PEER_HELD]; /* heads, or ids, that were given and are not published */
};

/** peer_queue_open - @q: zeroed memory. */
void peer_queue_open(struct peer_queue *q, enum peer_way way);

/** peer_queue_close - frees its private memory, and closes its descriptors. */
void peer_queue_close(struct peer_queue *q);

/**
 * peer_queue_resize - a ring of @size descriptors, not started. Forgets the addresses of the one before.
 * Returns 0, -EINVAL (0, or above PEER_RING_MAX) or -ENOMEM.
 */
int peer_queue_resize(struct peer_queue *q, uint32_t size, struct vrb_err *err);

/**
 * peer_queue_attach - find the ring in the memory, for the first time or after a new memory table.
 * @features: as negotiated.
 * Returns 0, or -EINVAL: an address that is misaligned or not in the memory, or a split ring whose size is no power of
 * two.
 */
int peer_queue_attach(struct peer_queue *q, struct peer_memory *m, uint64_t features,
		      struct vrb_err *err);

/**
 * peer_queue_start - a split ring goes on from the used index, as DPDK and libvhost-user do; a packed one from the
 * base that the front-end has told; or both from where the inflight region says, whose buffers are taken again
 * first. It is polled, so it asks for no kicks.
 * Returns 0, or as inflight_begin().
 */
int peer_queue_start(struct peer_queue *q, struct vrb_err *err);

/** peer_queue_latch - it takes no buffer until it starts again: @why is reported, SET_VRING_ERR's descriptor written. */
void peer_queue_latch(struct peer_queue *q, const char *why);

/** peer_position_behind - the position @n descriptors, of a split ring buffers, behind another one. */
static inline uint16_t peer_position_behind(bool packed, uint16_t size, uint16_t position,
					    unsigned n)
{
	if (!packed || (position & (PEER_WRAP - 1)) + n < size)
		return (uint16_t)(position + n);
	return (uint16_t)((position + n - size) ^ PEER_WRAP);
}

/** peer_queue_position - what GET_VRING_BASE asks for. */
uint32_t peer_queue_position(const struct peer_queue *q);

/**
 * peer_queue_runs - may buffers be taken? Of a queue that transmits, and is not @enabled, so that they are discarded
 * ("Vhost-user Protocol", Ring states).
 */
static inline bool peer_queue_runs(const struct peer_queue *q)
{
	return q->started && (q->enabled || q->way == WAY_TRANSMITS) && q->desc && !q->broken;
}

/**
 * peer_queue_take - the next available buffer, until the next one is taken. The caller may set its @error.
 * Returns NULL if there is none, or none until what was given is published, or the queue does not run.
 */
struct chain *peer_queue_take(struct peer_queue *q);

/** peer_queue_available - packed: is the descriptor in @slot, with the wrap counter @wrap? */
bool peer_queue_available(const struct peer_queue *q, unsigned slot, unsigned wrap);

/** peer_queue_fill - of peer_queue_look(), when nothing is known. */
bool peer_queue_fill(struct peer_queue *q);

/**
 * peer_queue_look - what is available, looking at the ring if nothing is known. Plain buffers can be used as they stand
 * at @q->ready_at, and be given by peer_queue_give_plain(); any buffer can be taken.
 * Returns false as peer_queue_take() returns NULL.
 */
static inline bool peer_queue_look(struct peer_queue *q)
{
	return q->ready_at < q->ready_end || peer_queue_fill(q);
}

/**
 * peer_queue_untake - not of a queue with an inflight region: all that was taken from @position (@q->next at that time)
 * on is available again. What was taken before was given.
 */
void peer_queue_untake(struct peer_queue *q, uint16_t position);

/** peer_queue_note - count, and record, what was taken, in the order in which it was, once it will not be untaken. */
void peer_queue_note(struct peer_queue *q, const struct chain *chain);

/** peer_queue_return - return buffers that were noted, in any order; @len: bytes written. */
void peer_queue_return(struct peer_queue *q, const struct chain *chain, uint32_t len);

/** peer_queue_give - both at once; what it counts is in the counts when it is published. */
void peer_queue_give(struct peer_queue *q, const struct chain *chain, uint32_t len);

/**
 * peer_queue_give_plain - take and give the first @n at @q->ready_at, at least one, which are plain.
 * @len: bytes written, of each.
 *
 * What was taken before was given.
 */
void peer_queue_give_plain(struct peer_queue *q, unsigned n, const uint32_t *len);

/** peer_queue_publish - what was given becomes visible to the driver, which is notified if it asks for it. */
void peer_queue_publish(struct peer_queue *q);

/**
 * peer_queue_ask - ask for a kick when a buffer becomes available, or not to be kicked.
 * Returns whether there is one by now: then there may be no kick for it.
 */
bool peer_queue_ask(struct peer_queue *q, bool kick);

/** peer_queue_kicked - the driver has kicked @n times. */
void peer_queue_kicked(struct peer_queue *q, uint64_t n);

/** peer_queue_clock - note the time @now (ns) if buffers have moved since the last time. */
void peer_queue_clock(struct peer_queue *q, uint64_t now);

#endif
