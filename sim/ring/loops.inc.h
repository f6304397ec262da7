/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loops.inc.h - compiles the loops of a variant and enters them in its table. Included once
 * for each variant of a file, hence no include guard; the ring's hooks (drv_poll, drv_reap,
 * drv_add, dev_poll, dev_take, dev_release_held, dev_publish) stand before it.
 *
 * The variant defines:
 *   VARIANT        its symbol
 *   OPT            the initialiser of its struct ring_opts
 *   HAS_FREE_LIST  1: its driver keeps a free list, so there are loops for each order of it
 *                  and for a device that returns buffers early; 0: buffers are in ring order
 *   HAS_MERGE      1: there are loops for packets that take several RX buffers
 *
 * Result: const struct ring_loops LOOPS(VARIANT): VARIANT_loops, or VARIANT_model_loops.
 */
#include "ring/loops.h"
#include "workloads/rx.h"
#include "workloads/serve.h"
#include "workloads/tx.h"

#ifndef VRB_LOOP_MACROS
#define VRB_LOOP_MACROS

#define LOOP_PASTE2(a, b) a##_##b
#define LOOP_PASTE(a, b)  LOOP_PASTE2(a, b)
#define LOOP(name)	  LOOP_PASTE(VARIANT, name)
#define LOOP_TABLE(name)  LOOPS(name)

/* A driver's loop: free list, publish, TX header, payload. */
#define DRV_LOOP(dir, name, fl, pub, hdr, pay)                                              \
	static enum side_status LOOP(drv_##dir##_##name)(struct drv * d, struct turn t)     \
	{                                                                                   \
		const struct ring_opts o = OPT;                                             \
		const struct loop_policy p = {                                              \
			.free_list = fl, .publish = pub, .tx_header = hdr, .payload = pay}; \
		return dir##_drv(d, t, o, p);                                               \
	}

#define DRV_RX(list, fl)                                                            \
	DRV_LOOP(rx, list##_burst_ring, fl, PUBLISH_BURST, TX_HEADER_NONE, false)   \
	DRV_LOOP(rx, list##_burst_data, fl, PUBLISH_BURST, TX_HEADER_NONE, true)    \
	DRV_LOOP(rx, list##_buffer_ring, fl, PUBLISH_BUFFER, TX_HEADER_NONE, false) \
	DRV_LOOP(rx, list##_buffer_data, fl, PUBLISH_BUFFER, TX_HEADER_NONE, true)

#define DRV_TX(list, fl, header, hdr)                                               \
	DRV_LOOP(tx, list##_burst_##header##_ring, fl, PUBLISH_BURST, hdr, false)   \
	DRV_LOOP(tx, list##_burst_##header##_data, fl, PUBLISH_BURST, hdr, true)    \
	DRV_LOOP(tx, list##_buffer_##header##_ring, fl, PUBLISH_BUFFER, hdr, false) \
	DRV_LOOP(tx, list##_buffer_##header##_data, fl, PUBLISH_BUFFER, hdr, true)

#define DRV_LOOPS(list, fl)                          \
	DRV_RX(list, fl)                             \
	DRV_TX(list, fl, chained, TX_HEADER_CHAINED) \
	DRV_TX(list, fl, none, TX_HEADER_NONE)

/* A device's loop: order, payload, fault. The header's layout is told by the chain itself. */
#define DEV_LOOP(dir, is_tx, name, ord, pay, flt)                                                 \
	static enum side_status LOOP(dev_##dir##_##name)(struct dev * v, struct turn t)           \
	{                                                                                         \
		const struct ring_opts o = OPT;                                                   \
		const struct loop_policy p = {.device_order = ord, .payload = pay, .fault = flt}; \
		return serve(v, t, is_tx, o, p);                                                  \
	}

#define DEV_LOOPS(order, ord)                                     \
	DEV_LOOP(rx, false, order##_ring, ord, false, false)      \
	DEV_LOOP(rx, false, order##_data, ord, true, false)       \
	DEV_LOOP(rx, false, order##_ring_fault, ord, false, true) \
	DEV_LOOP(rx, false, order##_data_fault, ord, true, true)  \
	DEV_LOOP(tx, true, order##_ring, ord, false, false)       \
	DEV_LOOP(tx, true, order##_data, ord, true, false)        \
	DEV_LOOP(tx, true, order##_ring_fault, ord, false, true)  \
	DEV_LOOP(tx, true, order##_data_fault, ord, true, true)

/* RX where a packet takes several buffers, which return in order. */
#define DRV_MERGE(name, fl, pub)                                                         \
	static enum side_status LOOP(drv_rx_merge_##name)(struct drv * d, struct turn t) \
	{                                                                                \
		const struct ring_opts o = OPT;                                          \
		const struct loop_policy p = {.free_list = fl,                           \
					      .publish = pub,                            \
					      .tx_header = TX_HEADER_NONE,               \
					      .payload = true,                           \
					      .merge = true};                            \
		return rx_drv(d, t, o, p);                                               \
	}

#define DRV_MERGES(list, fl)                       \
	DRV_MERGE(list##_burst, fl, PUBLISH_BURST) \
	DRV_MERGE(list##_buffer, fl, PUBLISH_BUFFER)

#define DEV_MERGE(name, flt)                                                                     \
	static enum side_status LOOP(dev_rx_merge_##name)(struct dev * v, struct turn t)         \
	{                                                                                        \
		const struct ring_opts o = OPT;                                                  \
		const struct loop_policy p = {                                                   \
			.device_order = ORDER_IN, .payload = true, .merge = true, .fault = flt}; \
		return serve(v, t, false, o, p);                                                 \
	}

/* The same functions as table entries. */
#define PAY(f)                                 \
	{                                      \
		LOOP(f##_ring), LOOP(f##_data) \
	}
#define RX_ROW(l)                                                 \
	{                                                         \
		PAY(drv_rx_##l##_burst), PAY(drv_rx_##l##_buffer) \
	}
#define TX_HDR(l)                                                 \
	{                                                         \
		PAY(drv_tx_##l##_chained), PAY(drv_tx_##l##_none) \
	}
#define TX_ROW(l)                                     \
	{                                             \
		TX_HDR(l##_burst), TX_HDR(l##_buffer) \
	}
#define DEV_ROW(f)                                           \
	{                                                    \
		{LOOP(f##_ring), LOOP(f##_ring_fault)},      \
		{                                            \
			LOOP(f##_data), LOOP(f##_data_fault) \
		}                                            \
	}

#define MERGE_ROW(l)                                                            \
	{                                                                       \
		LOOP(drv_rx_merge_##l##_burst), LOOP(drv_rx_merge_##l##_buffer) \
	}
#define DEV_MERGE_ROW                                              \
	{                                                          \
		LOOP(dev_rx_merge_plain), LOOP(dev_rx_merge_fault) \
	}

#endif

DRV_LOOPS(fifo, FREE_FIFO)
DEV_LOOPS(in, ORDER_IN)

#if HAS_MERGE
DRV_MERGES(fifo, FREE_FIFO)
DEV_MERGE(plain, false)
DEV_MERGE(fault, true)
#if HAS_FREE_LIST
DRV_MERGES(lifo, FREE_LIFO)
#endif
#endif

#if HAS_FREE_LIST
DRV_LOOPS(lifo, FREE_LIFO)
DEV_LOOPS(early, ORDER_EARLY)

const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {[FREE_FIFO] = RX_ROW(fifo), [FREE_LIFO] = RX_ROW(lifo)},
	.drv_tx = {[FREE_FIFO] = TX_ROW(fifo), [FREE_LIFO] = TX_ROW(lifo)},
	.dev_rx = {[ORDER_IN] = DEV_ROW(dev_rx_in), [ORDER_EARLY] = DEV_ROW(dev_rx_early)},
	.dev_tx = {[ORDER_IN] = DEV_ROW(dev_tx_in), [ORDER_EARLY] = DEV_ROW(dev_tx_early)},
#if HAS_MERGE
	.drv_merge = {[FREE_FIFO] = MERGE_ROW(fifo), [FREE_LIFO] = MERGE_ROW(lifo)},
	.dev_merge = DEV_MERGE_ROW,
#endif
};
#else
/* no free list: its order is void, and a device that returns early is refused */
const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {[FREE_FIFO] = RX_ROW(fifo), [FREE_LIFO] = RX_ROW(fifo)},
	.drv_tx = {[FREE_FIFO] = TX_ROW(fifo), [FREE_LIFO] = TX_ROW(fifo)},
	.dev_rx = {[ORDER_IN] = DEV_ROW(dev_rx_in)},
	.dev_tx = {[ORDER_IN] = DEV_ROW(dev_tx_in)},
#if HAS_MERGE
	.drv_merge = {[FREE_FIFO] = MERGE_ROW(fifo), [FREE_LIFO] = MERGE_ROW(fifo)},
	.dev_merge = DEV_MERGE_ROW,
#endif
};
#endif

#undef VARIANT
#undef OPT
#undef HAS_FREE_LIST
#undef HAS_MERGE
