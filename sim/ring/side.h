/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * side.h - what each side keeps for itself, whatever the ring: struct drv and struct dev. What a
 * family of rings needs beyond that is a member of its own: split_side.h.
 *
 * The counters (posted, reaped, taken, returned) are free-running and begin at the ring's
 * start index, so their low 16 bits are the ring's idx fields and they are compared by
 * difference only. A loop works on a copy of its side that nothing else can point to
 * (rx_drv(), tx_drv(), serve()), so that what it needs stays in registers: of a struct that others
 * see, the compiler would have to reload and store each member around every store to the ring.
 *
 * The two structs are written by two threads; each is aligned to ISOLATE and a whole number
 * of such blocks long, so they share none.
 */
#ifndef VRB_SIDE_H
#define VRB_SIDE_H

#include "ring/evidence.h"
#include "ring/lab_side.h"
#include "ring/loop_policy.h"
#include "ring/notify_side.h"
#include "ring/packed_side.h"
#include "ring/pool.h"
#include "ring/split_side.h"

struct replay_side;
struct spsc_queue;

/* What a side of two plain queues keeps: spsc.h. */
struct spsc_side {
	struct spsc_queue *out, *in;
	uint64_t seen; /* items that came in, as last seen */
};

/*
 * How long a side may run before it must return.
 *
 * bursts: at most so many bursts. looks: at most so many consecutive empty looks at the
 * other side's index; 1 makes the sides take turns on one thread, a large number lets a
 * thread of its own spin while its engine can still see a stop or a stall.
 */
struct turn {
	uint64_t bursts;
	uint64_t looks;
};

/*
 * How a side's turn goes: what a loop tells of its polls, in the side itself, not in its copy, and so not in
 * registers that a burst needs. What can be told afterwards is not counted for each burst.
 */
struct polling {
	uint64_t looks;	      /* of the turn, as given */
	uint64_t looks_left;  /* of them */
	uint64_t moved;	      /* buffers that the side had moved at its last empty poll */
	uint64_t bursts;      /* polls that found something; right once the turn is over */
	uint64_t empty_polls; /* polls that found nothing */
};

/* Polls of the other side's index. */
ALWAYS_INLINE uint64_t polling_polls(const struct polling *p)
{
	return p->bursts + p->empty_polls;
}

/*
 * What a side has to do with a burst's packets, besides the ring. Constant while a loop runs.
 */
struct app {
	const uint8_t *memory; /* private to the side, read a line at a time */
	size_t walked;	       /* bytes of it that are read each burst */
	uint32_t cycles;       /* work for each packet */
	bool busy;	       /* either of the two, or the next burst is drawn */
};

/*
 * Bursts of random length, of the side that has packets to give: the driver for TX, the device for
 * RX. The other side takes what it finds, up to the longest.
 */
struct burst_draw {
	uint64_t state;
	uint32_t least, span; /* least .. least + span - 1; span 0: all bursts are alike */
};

/*
 * The next state of a generator; never 0.
 * Source: Marsaglia, "Xorshift RNGs", J. Stat. Softw. 8 (2003), the 13, 7, 17 triple.
 */
ALWAYS_INLINE uint64_t draw_next(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

/*
 * How a packet lies in several RX buffers (VIRTIO_NET_F_MRG_RXBUF; Virtio 1.4, 5.1.9.4): a header
 * of NET_HDR_LEN and the first bytes in the first, each but the last filled.
 */
struct pieces {
	uint64_t inverse; /* 2^32 / count, rounded up */
	uint32_t count;	  /* buffers of a packet: num_buffers of its header */
	uint32_t size;	  /* bytes of each */
	uint32_t last;	  /* bytes written into the last one */
};

/* --poll backoff: the pauses after an empty look grow from 1 to this in so many steps. */
#define POLL_BACKOFF_STEPS 6
#define POLL_BACKOFF_MOST  (1u << POLL_BACKOFF_STEPS)

/* Of n buffers, the packets that are whole. No division: exact for n and count below 65536. */
ALWAYS_INLINE uint32_t whole_packets(const struct pieces *s, uint32_t n)
{
	return (uint32_t)(n * s->inverse >> 32);
}

/* Bytes written into the buffer with which `left` of a packet are missing, itself included. */
ALWAYS_INLINE uint32_t piece_len(const struct pieces *s, uint32_t left)
{
	return left == 1 ? s->last : s->size;
}

/* Note the first failure; the loop then returns SIDE_BROKEN. */
ALWAYS_INLINE bool side_fail(struct failure *f, enum failure_kind kind, uint64_t buffer,
			     uint64_t expected, uint64_t seen)
{
	f->kind = kind;
	f->buffer = buffer;
	f->expected = expected;
	f->seen = seen;
	return false;
}

/* The driver: on the driver's thread only. */
struct drv {
	/* Set up before a run, constant while a loop runs. */
	_Alignas(ISOLATE) uint8_t *mem; /* the region that addresses are offsets into */
	uint64_t *cookie; /* by slot, the buffer in it, in ring order; else of note_heads() */
	uint32_t mask;	  /* ring size - 1 */
	uint32_t burst;
	uint32_t limit;	  /* most buffers in the ring at once */
	uint32_t clean;	  /* TX: reap when so many are done */
	uint32_t rearm;	  /* vectorized RX: refill when so many are missing */
	uint32_t payload; /* bytes */
	/* bytes that an RX buffer is larger than its packet; modulo 2^32: a mergeable one is smaller */
	uint32_t rx_room;
	uint32_t pauses; /* most of them after an empty look */
	bool fences;	 /* between a poll that found something and what it found */
	struct app app;
	struct pieces pieces;	   /* mergeable RX only */
	struct ring_opts opts;	   /* of generic loops; others have them as constants */
	struct loop_policy policy; /* the same */

	/* Written by the loop. */
	struct burst_draw draw; /* with `burst`: TX only */
	/* the pool: free buffers below it, each the address that a descriptor is to carry */
	uint64_t *top;
	uint64_t posted, reaped;
	uint64_t post_target, reap_target; /* absolute */
	uint32_t pieces_left;		   /* of the packet that is being reaped; 0: none is */
	struct fold offered, returned;
	struct polling polling;
	uint64_t app_seen; /* buffers that the application has seen */
	struct failure fail;

	/* Of a virtqueue, and of the family: constants first, then what the loop writes. */
	struct vq_drv vq;
	union {
		struct split_drv split;
		struct packed_drv packed;
		struct spsc_side spsc;
		struct lab_side lab;
	};
	struct notify
		*notify; /* of a virtqueue with --notify; never copied, so read once a burst */
	struct replay_side *replay;	   /* with a recording only; as this */
	const struct vec_kernels *kernels; /* the vector path of generic loops; NULL: plain C */
};

#define HELD_MAX 64

/* A buffer that the device has taken and not yet returned. */
struct held {
	uint32_t id, len;
	uint32_t descs; /* packed: of its chain */
};

/* The device: on the device's thread only. */
struct dev {
	_Alignas(ISOLATE) uint8_t *mem;
	uint64_t mem_size; /* bytes; an address must lie below */
	struct held *held; /* HELD_MAX; where buffers return in another order */
	uint32_t mask;
	uint32_t burst;
	uint32_t payload;
	uint32_t rx_room; /* as the driver's: what the driver must have posted follows from it */
	uint64_t early_below; /* a draw below this returns the buffer early */
	uint64_t fault_at;    /* absolute number of the buffer to mishandle */
	uint32_t fault;	      /* enum fault */
	uint32_t pauses;      /* most of them after an empty look */
	bool fences;	      /* between a poll that found something and what it found */
	struct app app;
	struct pieces pieces;	   /* mergeable RX only */
	struct ring_opts opts;	   /* of generic loops; others have them as constants */
	struct loop_policy policy; /* the same */

	uint64_t taken, returned;
	uint64_t take_target;	/* absolute */
	uint64_t early_draw;	/* state of the generator that decides who returns early */
	struct burst_draw draw; /* with `burst`: RX only */
	uint32_t nheld;
	bool reverses; /* the burst at hand */
	bool fault_done;
	struct fold fold; /* of offered and returned words; early: of the offered ones */
	struct fold back; /* early: of the returned ones, in their own order */
	struct polling polling;
	uint64_t app_seen; /* buffers that the application has seen */
	struct failure fail;

	struct vq_dev vq;
	union {
		struct split_dev split;
		struct packed_dev packed;
		struct spsc_side spsc;
		struct lab_side lab;
	};
	struct notify
		*notify; /* of a virtqueue with --notify; never copied, so read once a burst */
	struct replay_side *replay; /* with a recording only; as this */
};

/*
 * What a loop has written into its copy of a side, back to the side. Field by field, so that the
 * compiler need not keep the copy in memory: a copy as a whole would store all of it.
 */
ALWAYS_INLINE void fail_leave(struct failure *f, const struct failure *copy)
{
	f->kind = copy->kind;
	f->buffer = copy->buffer;
	f->expected = copy->expected;
	f->seen = copy->seen;
}

ALWAYS_INLINE void drv_leave(struct drv *d, const struct drv *copy)
{
	d->top = copy->top;
	d->posted = copy->posted;
	d->reaped = copy->reaped;
	d->pieces_left = copy->pieces_left;
	d->offered = copy->offered;
	d->returned = copy->returned;
	d->app_seen = copy->app_seen;
	fail_leave(&d->fail, &copy->fail);
}

ALWAYS_INLINE void dev_leave(struct dev *v, const struct dev *copy)
{
	v->taken = copy->taken;
	v->returned = copy->returned;
	v->early_draw = copy->early_draw;
	v->nheld = copy->nheld;
	v->fault_done = copy->fault_done;
	v->fold = copy->fold;
	v->back = copy->back;
	fail_leave(&v->fail, &copy->fail);
}

_Static_assert(_Alignof(struct drv) >= ISOLATE && sizeof(struct drv) % ISOLATE == 0,
	       "the driver's state shares no block with anything else");
_Static_assert(_Alignof(struct dev) >= ISOLATE && sizeof(struct dev) % ISOLATE == 0,
	       "the device's state shares no block with anything else");

/*
 * What an engine calls to let one side run: until its target is reached (SIDE_DONE), its
 * turn is over or there is nothing to do (SIDE_IDLE), it found the ring broken
 * (SIDE_BROKEN, the side's `fail` says what), or it is to run again when it is notified (SIDE_SLEEPS).
 * Whichever it is, the side may have a notification to send: struct notify, `rings`.
 */
enum side_status { SIDE_DONE, SIDE_IDLE, SIDE_BROKEN, SIDE_SLEEPS };

typedef enum side_status drv_loop_fn(struct drv *d, struct turn turn);
typedef enum side_status dev_loop_fn(struct dev *v, struct turn turn);

struct side_loops {
	drv_loop_fn *drv;
	dev_loop_fn *dev;
};

#endif
