/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drv_loops.inc.h - compiles the native loops of a driver and enters them in its table. Included
 * for each driver of a file, as its last line, hence no include guard; the ring's hooks (drv_poll,
 * drv_reap, drv_add) stand before it.
 *
 * The file defines:
 *   VARIANT   its symbol
 *   OPT       the initialiser of its struct ring_opts
 *   LOOPS_NEEDED  what the policies need that are legal for it:
 *     FREE_LIST_LOOPS  for each order of the free list, published by burst or by buffer
 *     ORDER_LOOPS      buffers in ring order, published by burst or by buffer
 *     BLOCK_LOOPS      in ring order, posted in blocks that are published once
 *     DIRECT_LOOPS     of these, not packets whose descriptors point to tables: variants_loops() takes
 *                      BLOCK_LOOPS in plain C
 *     ONE_LOOPS        of these, not packets of two descriptors, either: a register holds one
 *     QUEUE_LOOPS      no virtqueue: no headers, no free list
 *   MAY_RUN(dir, publish)  QUEUE_LOOPS: a constant; loops for which it is false are not made
 *
 * Result: const struct drv_loops VARIANT_drv_loops.
 */
#include "ring/loops.h"
#include "ring/no_notify.h"
#include "workloads/rx.h"
#include "workloads/tx.h"

#ifndef VRB_DRV_LOOP_MACROS
#define VRB_DRV_LOOP_MACROS

#define LOOP_PASTE2(a, b) a##_##b
#define LOOP_PASTE(a, b)  LOOP_PASTE2(a, b)
#define LOOP(name)	  LOOP_PASTE(VARIANT, name)

#define FREE_LIST_LOOPS 1
#define ORDER_LOOPS	2
#define BLOCK_LOOPS	3
#define QUEUE_LOOPS	4
#define DIRECT_LOOPS	5
#define ONE_LOOPS	6

/* A loop; then what is constant in it, of struct loop_policy. */
#define DRV(dir, name, ...)                                                                       \
	static enum side_status LOOP(drv_##dir##_##name)(struct drv * d, struct turn t)           \
	{                                                                                         \
		return dir##_drv(d, t, (struct ring_opts)OPT, (struct loop_policy){__VA_ARGS__}); \
	}
#define DRV_PAY(dir, name, ...)                              \
	DRV(dir, name##_ring, __VA_ARGS__, .payload = false) \
	DRV(dir, name##_data, __VA_ARGS__, .payload = true)

/* RX and all shapes of TX; a header under the data's descriptor or none: struct drv, `lead`. */
#define DRV_RX(name, ...) DRV_PAY(rx, name, __VA_ARGS__)
#define DRV_TX(name, ...)                                               \
	DRV_PAY(tx, name##_one, __VA_ARGS__, .header = HDR_ANY_LAYOUT)  \
	DRV_PAY(tx, name##_chained, __VA_ARGS__, .header = HDR_CHAINED) \
	DRV_PAY(tx, name##_indirect, __VA_ARGS__, .header = HDR_INDIRECT)

/* The same functions as table entries. */
#define PAY(f)                                             \
	{                                                  \
		LOOP(drv_##f##_ring), LOOP(drv_##f##_data) \
	}
#define SHAPES(f)                                                               \
	{                                                                       \
		[SHAPE_ONE] = PAY(f##_one), [SHAPE_CHAINED] = PAY(f##_chained), \
		[SHAPE_INDIRECT] = PAY(f##_indirect)                            \
	}
#define RX(list)                                                                          \
	{                                                                                 \
		[PUBLISH_BURST] = PAY(rx_##list##_burst), [PUBLISH_BUFFER] =              \
								  PAY(rx_##list##_buffer) \
	}
#define TX(list)                                                                                \
	{                                                                                       \
		[PUBLISH_BURST] = SHAPES(tx_##list##_burst), [PUBLISH_BUFFER] =                 \
								     SHAPES(tx_##list##_buffer) \
	}

#define BURST  .publish = PUBLISH_BURST
#define BUFFER .publish = PUBLISH_BUFFER

#endif

#if LOOPS_NEEDED == FREE_LIST_LOOPS

DRV_RX(fifo_burst, BURST, .free_list = FREE_FIFO)
DRV_RX(fifo_buffer, BUFFER, .free_list = FREE_FIFO)
DRV_RX(lifo_burst, BURST, .free_list = FREE_LIFO)
DRV_RX(lifo_buffer, BUFFER, .free_list = FREE_LIFO)
DRV_TX(fifo_burst, BURST, .free_list = FREE_FIFO)
DRV_TX(fifo_buffer, BUFFER, .free_list = FREE_FIFO)
DRV_TX(lifo_burst, BURST, .free_list = FREE_LIFO)
DRV_TX(lifo_buffer, BUFFER, .free_list = FREE_LIFO)

const struct drv_loops LOOP(drv_loops) = {
	.opts = OPT,
	.rx = {[FREE_FIFO] = RX(fifo), [FREE_LIFO] = RX(lifo)},
	.tx = {[FREE_FIFO] = TX(fifo), [FREE_LIFO] = TX(lifo)},
};

#elif LOOPS_NEEDED == ORDER_LOOPS

DRV_RX(order_burst, BURST)
DRV_RX(order_buffer, BUFFER)
DRV_TX(order_burst, BURST)
DRV_TX(order_buffer, BUFFER)

const struct drv_loops LOOP(drv_loops) = {
	.opts = OPT,
	.rx = {RX(order)},
	.tx = {TX(order)},
};

#elif LOOPS_NEEDED == BLOCK_LOOPS

DRV_RX(block, BURST)
DRV_TX(block, BURST)

const struct drv_loops LOOP(drv_loops) = {
	.opts = OPT,
	.rx = {{[PUBLISH_BURST] = PAY(rx_block)}},
	.tx = {{[PUBLISH_BURST] = SHAPES(tx_block)}},
};

#elif LOOPS_NEEDED == DIRECT_LOOPS

DRV_RX(block, BURST)
DRV_PAY(tx, block_one, BURST, .header = HDR_ANY_LAYOUT)
DRV_PAY(tx, block_chained, BURST, .header = HDR_CHAINED)

const struct drv_loops LOOP(drv_loops) = {
	.opts = OPT,
	.rx = {{[PUBLISH_BURST] = PAY(rx_block)}},
	.tx = {{[PUBLISH_BURST] = {[SHAPE_ONE] = PAY(tx_block_one),
				   [SHAPE_CHAINED] = PAY(tx_block_chained)}}},
};

#elif LOOPS_NEEDED == ONE_LOOPS

DRV_RX(block, BURST)
DRV_PAY(tx, block_one, BURST, .header = HDR_ANY_LAYOUT)

const struct drv_loops LOOP(drv_loops) = {
	.opts = OPT,
	.rx = {{[PUBLISH_BURST] = PAY(rx_block)}},
	.tx = {{[PUBLISH_BURST] = {[SHAPE_ONE] = PAY(tx_block_one)}}},
};

#elif LOOPS_NEEDED == QUEUE_LOOPS

DRV_PAY(rx, queue_burst, BURST)
DRV_PAY(rx, queue_buffer, BUFFER)
DRV_PAY(tx, queue_burst, BURST)
DRV_PAY(tx, queue_buffer, BUFFER)

#define QUEUE(dir, publish, f)                                              \
	{                                                                   \
		MAY_RUN(dir, publish) ? LOOP(drv_##f##_ring) : NULL,        \
			MAY_RUN(dir, publish) ? LOOP(drv_##f##_data) : NULL \
	}
const struct drv_loops LOOP(drv_loops) = {
	.rx = {{[PUBLISH_BURST] = QUEUE(DIR_RX, PUBLISH_BURST, rx_queue_burst),
		[PUBLISH_BUFFER] = QUEUE(DIR_RX, PUBLISH_BUFFER, rx_queue_buffer)}},
	.tx = {{[PUBLISH_BURST] = {[SHAPE_ONE] = QUEUE(DIR_TX, PUBLISH_BURST, tx_queue_burst)},
		[PUBLISH_BUFFER] = {[SHAPE_ONE] = QUEUE(DIR_TX, PUBLISH_BUFFER, tx_queue_buffer)}}},
};
#undef QUEUE
#undef MAY_RUN

#else
#error "LOOPS_NEEDED: see above"
#endif

#undef VARIANT
#undef OPT
#undef LOOPS_NEEDED
