/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy.h - what a variant is made of (struct ring_opts), and what is held the same when
 * variants are compared (struct ring_policy).
 *
 * Both reach the loops as compile-time constants, so that each shows as one plain `if` or
 * `switch` at the place where it acts and costs nothing where it does not.
 */
#ifndef VRB_POLICY_H
#define VRB_POLICY_H

#include "cell.h"
#include "vrb.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- optimizations: what tells one variant from another ---- */

enum avail_opt {
	AVAIL_WRITE,  /* store the head into avail->ring[slot] for every buffer */
	AVAIL_SHADOW, /* keep a private copy and store only what differs */
	AVAIL_FIXED,  /* written once at start, never again */
};

enum used_opt {
	USED_EACH,  /* the device writes one used element a buffer */
	USED_BATCH, /* one a batch: id of the last chain, in the slot of the first */
};

enum order_opt {
	FREE_LIST,  /* a descriptor comes from a free list and goes back to it */
	RING_ORDER, /* descriptor i holds buffer i mod N */
};

enum vec_opt {
	VEC_NONE,   /* one buffer at a time */
	VEC_BLOCKS, /* rearm 32 at a time, reap 8 used elements a step */
};

struct ring_opts {
	enum avail_opt avail;
	enum used_opt used;
	enum order_opt order;
	enum vec_opt vec;
};

/* ---- policies: recorded with each result, because they decide it ---- */

struct replay_schedule;

enum free_list { FREE_FIFO, FREE_LIFO, FREE_RECORDED, FREE_LIST_KINDS };
enum publish { PUBLISH_BURST, PUBLISH_BUFFER, PUBLISH_KINDS };
enum tx_header {
	TX_HEADER_CHAINED,    /* a descriptor of its own, chained before that of the data */
	TX_HEADER_NONE,	      /* packets without headers */
	TX_HEADER_ANY_LAYOUT, /* in the buffer, right before the data: one descriptor for both */
	TX_HEADER_INDIRECT,   /* one descriptor, whose table names the header and the data */
	TX_HEADER_KINDS,
};
/* Who writes the header of a TX packet, and where it lies. */
enum header_write {
	HEADER_OWN,	   /* shared; with any-layout in the buffer */
	HEADER_SHARED,	   /* one constant header for all packets, written at start */
	HEADER_PER_SLOT,   /* beside the ring, one a head; written for each packet */
	HEADER_IN_BUFFER,  /* before the packet, in its buffer; written for each packet */
	HEADER_IF_CHANGED, /* there, too; read, and written only if it differs (DPDK) */
	HEADER_WRITE_KINDS,
};
/* What the driver reads of what the device returned. */
enum used_read {
	USED_READ_OWN,	    /* as the variant does: variants_used_read() */
	USED_READ_ID_LEN,   /* used->idx, and of the elements id and len */
	USED_READ_LEN,	    /* used->idx and len */
	USED_READ_IDX_ONLY, /* used->idx */
	USED_READ_KINDS,
};
/* When the driver stores an avail entry: with its descriptor, or after all of the burst's. */
enum avail_store { STORE_EACH, STORE_BURST, AVAIL_STORE_KINDS };
/*
 * Who puts a fence between a poll that found something and what it found. Without one a core that polls guesses that
 * there is something, and loads lines that the other side is about to write. Of two bits.
 */
enum poll_fence { FENCE_NONE, FENCE_DRIVER, FENCE_DEVICE, FENCE_BOTH, POLL_FENCES };
/* The device reads avail->ring[], or knows which head comes next. */
enum device_avail { AVAIL_READ_ENTRIES, AVAIL_READ_NONE, DEVICE_AVAIL_KINDS };
/* The order in which a device returns what it took, and whether it keeps what it took. */
enum device_order {
	ORDER_IN,
	ORDER_EARLY,	  /* some buffers before those in front of them */
	ORDER_LATE_FIRST, /* of some bursts the first buffer after the others */
	ORDER_REVERSED,	  /* some bursts from the last buffer to the first */
	ORDER_DISCARD,	  /* in order; some buffers are given up once read, and taken again */
	DEVICE_ORDER_KINDS
};
/* How the rings of several queue pairs lie to each other. */
enum queue_layout {
	QUEUES_APART, /* each pair's memory begins on a page of its own */
	QUEUES_ADJACENT, /* the same areas of all pairs lie end to end, as tight as the specification allows */
	QUEUE_LAYOUTS
};
enum poll { POLL_SPIN, POLL_PAUSE, POLL_BACKOFF, POLL_KINDS };

/* How a side says whether it wants to be notified: notify.h. */
enum notify_mode {
	NOTIFY_OFF,	  /* both sides poll, nobody is notified */
	NOTIFY_FLAGS,	  /* a flag */
	NOTIFY_EVENT_IDX, /* split: an index */
	NOTIFY_DESC,	  /* packed: the place of a descriptor */
	NOTIFY_MODES
};
/* Who is notified: kicks are for the device, calls for the driver. */
enum notify_way { NOTIFY_BOTH, NOTIFY_KICK, NOTIFY_CALL, NOTIFY_WAYS };
/* When it asks: before it sleeps; after each burst; before it sleeps, for 3/4 of what is outstanding. */
enum notify_arm { ARM_SLEEP, ARM_POLL, ARM_DELAYED, ARM_KINDS };
/* Who sleeps while there is nothing to do; of two bits. */
enum sleepers { SLEEP_NONE, SLEEP_DRIVER, SLEEP_DEVICE, SLEEP_BOTH, SLEEPERS };

/* A deliberate mistake of the device, to prove that the integrity check would see one. */
enum fault { FAULT_NONE, FAULT_LOSE, FAULT_CORRUPT, FAULT_DUPLICATE, FAULT_KINDS };

struct ring_policy {
	/* fifo: append at the tail (DPDK); lifo: push at the head (Linux); recorded: as replayed */
	enum free_list free_list;
	enum publish publish; /* the driver stores avail->idx once a burst, or per buffer */
	enum tx_header tx_header;
	enum header_write header_write;
	enum used_read used_read;
	enum avail_store avail_store;
	enum device_avail device_avail;
	enum publish device_publish; /* the device stores used->idx once a burst, or per buffer */
	enum device_order device_order;
	double early_share; /* not ORDER_IN: the share of buffers, or bursts, that are such, 0..1 */
	uint64_t early_seed;
	/* after an empty look: look again at once; pause first; pause 1, 2, 4 .. 64 times first */
	enum poll poll;
	enum poll_fence poll_fence;
	uint32_t outstanding; /* most buffers in the ring at once; 0: as many as fit */
	uint32_t clean;	      /* TX: reap when so many are done; 0: 32, or half of what fits */
	uint32_t rx_room;     /* bytes an RX buffer is larger than its packet; 0: full buffers */
	uint32_t rx_buffer;   /* RX: bytes of a buffer, a packet takes several; 0: whole packets */
	uint32_t work_driver, work_device; /* cycles that each side works on a packet */
	uint32_t pressure; /* KiB of its own memory that each side reads for a burst */
	enum notify_mode notify;
	enum notify_way notify_way;
	bool notify_late; /* whether to notify is decided after the next poll */
	enum notify_arm notify_arm;
	enum sleepers sleep;
	uint32_t busy_poll; /* ns without work after which a side sleeps */
	/*
	 * The device calls only once so many used buffers are unannounced, 0: at once; or ns after the
	 * first of them, 0: when it finds nothing more.
	 */
	uint32_t coalesce, coalesce_ns;
	const struct replay_schedule *replay; /* of bursts and, if recorded, heads; NULL: none */
	uint32_t queues;		      /* queue pairs, each a ring and two sides; 0: one */
	enum queue_layout queue_layout;
	enum fault fault;
	uint64_t fault_at; /* which buffer of the sample, from 0; of the first queue pair */
};

/* Queue pairs. */
static inline uint32_t policy_queues(const struct ring_policy *p)
{
	return p->queues ? p->queues : 1;
}

/* Buffers that a packet takes: 1, or with rx_buffer as many as it needs. */
uint32_t policy_pieces(const struct ring_policy *p, enum direction dir, uint32_t payload);

/* Names as the command line writes them: "fifo", "burst", "chained", "in-order", ... */
const char *free_list_name(enum free_list v);
const char *publish_name(enum publish v);
const char *tx_header_name(enum tx_header v);
const char *header_write_name(enum header_write v);
const char *used_read_name(enum used_read v);
const char *avail_store_name(enum avail_store v);
const char *device_avail_name(enum device_avail v);
const char *device_order_name(enum device_order v);
const char *poll_name(enum poll v);
const char *poll_fence_name(enum poll_fence v);
const char *queue_layout_name(enum queue_layout v);
const char *notify_mode_name(enum notify_mode v);
const char *notify_way_name(enum notify_way v);
const char *notify_arm_name(enum notify_arm v);
const char *sleepers_name(enum sleepers v);
const char *fault_name(enum fault v);

#define NOTIFY_LATE ":late"
/* "event-idx", "event-idx:kick": both, or one direction; decided late: ":late" behind it. */
#define NOTIFY_WORDS 24
const char *notify_words(const struct ring_policy *p, char buf[NOTIFY_WORDS]);

/* "32:20000", "32", "off": when the device calls. */
#define COALESCE_WORDS 24
const char *coalesce_words(const struct ring_policy *p, char buf[COALESCE_WORDS]);

/* Is the device notified, the driver? */
static inline bool policy_kicks(const struct ring_policy *p)
{
	return p->notify != NOTIFY_OFF && p->notify_way != NOTIFY_CALL;
}

static inline bool policy_calls(const struct ring_policy *p)
{
	return p->notify != NOTIFY_OFF && p->notify_way != NOTIFY_KICK;
}

/* Where the used ring lies after the avail ring; decides which fields share a line. */
enum ring_align {
	ALIGN_LEGACY, /* used ring on a 4096-byte border (virtio before 1.0) */
	ALIGN_LINE,   /* avail and used ring each on a 64-byte border */
	ALIGN_PACKED, /* as tight as the specification allows: 2 and 4 bytes */
	ALIGN_KINDS,
};

/* "4096", "64", "packed". */
const char *ring_align_name(enum ring_align v);

enum simd {
	SIMD_SCALAR,
	SIMD_SSE,
	SIMD_AVX2,
	SIMD_AVX512,
	SIMD_NEON,
	SIMD_KINDS,
	SIMD_AUTO = SIMD_KINDS
};

/* "scalar", "sse", "avx2", "avx512", "neon", "auto". */
const char *simd_name(enum simd v);

/* Where the header of a TX packet lies, and what leads to it: loops are specialised for it. */
enum header_place {
	HDR_NONE,
	HDR_CHAINED,	   /* a descriptor before that of the data; one header for all packets */
	HDR_CHAINED_SLOT,  /* the same; a header a head */
	HDR_CHAINED_BUF,   /* the same; in front of the packet, so that it moves with it */
	HDR_ANY_LAYOUT,	   /* in front of the packet, under its descriptor */
	HDR_INDIRECT,	   /* first entry of a table; one header for all packets */
	HDR_INDIRECT_SLOT, /* the same; a header a head */
	HDR_INDIRECT_BUF,  /* the same; in front of the packet */
	HDR_PLACES,
};

/**
 * header_place_of - where the headers lie under a policy. Without a payload no header is touched,
 * and beside the ring there is one for all.
 */
enum header_place header_place_of(const struct ring_policy *p, bool payload);

/**
 * header_write_of - who writes the headers under a policy, HEADER_OWN resolved.
 * HEADER_OWN: nobody, there are none.
 */
enum header_write header_write_of(const struct ring_policy *p);

/**
 * policy_legal - do the parts of a policy go together, whatever the variant?
 * Returns 0; -EINVAL with the reason.
 */
int policy_legal(const struct ring_policy *p, struct vrb_err *err);

#define RING_SIZE_MIN 2
#define RING_SIZE_MAX 32768
#define PAYLOAD_MAX   9000
#define WORK_MAX      1000000	 /* cycles a packet */
#define BUSY_POLL_MAX 1000000000 /* ns */
#define COALESCE_MAX  100000000	 /* ns: well below what counts as a stall */
#define PRESSURE_MAX  65536	 /* KiB */
#define RX_BUFFER_MIN 16	 /* a header, and something of the packet */
#define QUEUES_MAX    64
#define NET_HDR_LEN   12 /* struct virtio_net_hdr_mrg_rxbuf */

#endif
