/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loops.inc.h - compiles the loops of a variant and enters them in its table. Included once
 * for each variant of a file, hence no include guard; the ring's hooks (drv_poll, drv_reap,
 * drv_add, dev_poll, dev_take, dev_release_held, dev_publish) stand before it.
 *
 * The variant defines:
 *   VARIANT       its symbol
 *   OPT           the initialiser of its struct ring_opts
 *   LOOPS_NEEDED  the loops that the policies need which are legal for it:
 *     FREE_LIST_LOOPS  for each order of the free list, and a device that returns early
 *     ORDER_LOOPS      buffers in ring order, a used element each
 *     BATCH_LOOPS      the same, a used element a batch
 *     BLOCK_LOOPS      in ring order, and posted in blocks that are published once; no device
 *     BLOCK_DEV_LOOPS  these, and the device's
 *     QUEUE_LOOPS      no virtqueue: no headers, no free list, no avail entries
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

#define FREE_LIST_LOOPS 1
#define ORDER_LOOPS	2
#define BATCH_LOOPS	3
#define BLOCK_LOOPS	4
#define BLOCK_DEV_LOOPS 5
#define QUEUE_LOOPS	6

/* A driver's loop; then its arguments are what is constant in it, of struct loop_policy. */
#define DRV_LOOP(dir, name, ...)                                                        \
	static enum side_status LOOP(drv_##dir##_##name)(struct drv * d, struct turn t) \
	{                                                                               \
		const struct ring_opts o = OPT;                                         \
		const struct loop_policy p = {__VA_ARGS__};                             \
		return dir##_drv(d, t, o, p);                                           \
	}

/* Published once a burst, or after each buffer as well; _DATA: only with a payload. */
#define DRV_BURST_DATA(dir, name, ...) \
	DRV_LOOP(dir, name##_burst_data, __VA_ARGS__, .payload = true)
#define DRV_BURST(dir, name, ...)                                       \
	DRV_LOOP(dir, name##_burst_ring, __VA_ARGS__, .payload = false) \
	DRV_BURST_DATA(dir, name, __VA_ARGS__)
#define DRV_BOTH_DATA(dir, name, ...)          \
	DRV_BURST_DATA(dir, name, __VA_ARGS__) \
	DRV_LOOP(dir, name##_buffer_data, __VA_ARGS__, .publish = PUBLISH_BUFFER, .payload = true)
#define DRV_BOTH(dir, name, ...)                                        \
	DRV_BOTH_DATA(dir, name, __VA_ARGS__)                           \
	DRV_LOOP(dir, name##_burst_ring, __VA_ARGS__, .payload = false) \
	DRV_LOOP(dir, name##_buffer_ring, __VA_ARGS__, .publish = PUBLISH_BUFFER, .payload = false)

/* TX: a loop for each place of the header; DRV is one of the above, DATA the same with _DATA. */
#define DRV_TX(DRV, DATA, list, fl)                                                  \
	DRV(tx, list##_none, .free_list = fl, .header = HDR_NONE)                    \
	DRV(tx, list##_chained, .free_list = fl, .header = HDR_CHAINED)              \
	DATA(tx, list##_chained_slot, .free_list = fl, .header = HDR_CHAINED_SLOT)   \
	DRV(tx, list##_chained_buf, .free_list = fl, .header = HDR_CHAINED_BUF)      \
	DRV(tx, list##_any_layout, .free_list = fl, .header = HDR_ANY_LAYOUT)        \
	DRV(tx, list##_indirect, .free_list = fl, .header = HDR_INDIRECT)            \
	DATA(tx, list##_indirect_slot, .free_list = fl, .header = HDR_INDIRECT_SLOT) \
	DRV(tx, list##_indirect_buf, .free_list = fl, .header = HDR_INDIRECT_BUF)

/* A device's loop. The header's layout is told by the chain itself; that there are tables is not. */
#define DEV_LOOP(dir, is_tx, name, ...)                                                 \
	static enum side_status LOOP(dev_##dir##_##name)(struct dev * v, struct turn t) \
	{                                                                               \
		const struct ring_opts o = OPT;                                         \
		const struct loop_policy p = {__VA_ARGS__};                             \
		return serve(v, t, is_tx, o, p);                                        \
	}
#define DEV_PAY(dir, is_tx, name, ...)                                   \
	DEV_LOOP(dir, is_tx, name##_ring, __VA_ARGS__, .payload = false) \
	DEV_LOOP(dir, is_tx, name##_data, __VA_ARGS__, .payload = true)
#define DEV_BOTH(dir, is_tx, name, ...)                                                 \
	DEV_PAY(dir, is_tx, name##_burst, __VA_ARGS__, .device_publish = PUBLISH_BURST) \
	DEV_PAY(dir, is_tx, name##_buffer, __VA_ARGS__, .device_publish = PUBLISH_BUFFER)
#define DEV_LOOPS(name, ...)                   \
	DEV_BOTH(rx, false, name, __VA_ARGS__) \
	DEV_BOTH(tx, true, name, __VA_ARGS__)  \
	DEV_BOTH(tx, true, name##_tables, __VA_ARGS__, .header = HDR_INDIRECT)
#define DEV_FAULT                                \
	DEV_PAY(rx, false, fault, .fault = true) \
	DEV_PAY(tx, true, fault, .fault = true)  \
	DEV_PAY(tx, true, fault_tables, .fault = true, .header = HDR_INDIRECT)

/* RX where a packet takes several buffers, which return in order, each with a length of its own. */
#define DRV_MERGE(list, ...)                                                            \
	DRV_LOOP(rx, merge_##list##_burst, __VA_ARGS__, .payload = true, .merge = true) \
	DRV_LOOP(rx, merge_##list##_buffer, __VA_ARGS__, .publish = PUBLISH_BUFFER,     \
		 .payload = true, .merge = true)
#define DEV_MERGE                                                        \
	DEV_LOOP(rx, false, merge_plain, .payload = true, .merge = true) \
	DEV_LOOP(rx, false, merge_fault, .payload = true, .merge = true, .fault = true)

/* The same functions as table entries. */
#define PAY(f)                                 \
	{                                      \
		LOOP(f##_ring), LOOP(f##_data) \
	}
#define PUBLISH_ENTRIES(f)                                                           \
	{                                                                            \
		[PUBLISH_BURST] = PAY(f##_burst), [PUBLISH_BUFFER] = PAY(f##_buffer) \
	}
#define TX_HEADERS(list, pub)                                                                   \
	{                                                                                       \
		[HDR_NONE] = PAY(drv_tx_##list##_none_##pub),                                   \
		[HDR_CHAINED] = PAY(drv_tx_##list##_chained_##pub),                             \
		[HDR_CHAINED_SLOT] = {NULL, LOOP(drv_tx_##list##_chained_slot_##pub##_data)},   \
		[HDR_CHAINED_BUF] = PAY(drv_tx_##list##_chained_buf_##pub),                     \
		[HDR_ANY_LAYOUT] = PAY(drv_tx_##list##_any_layout_##pub),                       \
		[HDR_INDIRECT] = PAY(drv_tx_##list##_indirect_##pub),                           \
		[HDR_INDIRECT_SLOT] = {NULL, LOOP(drv_tx_##list##_indirect_slot_##pub##_data)}, \
		[HDR_INDIRECT_BUF] = PAY(drv_tx_##list##_indirect_buf_##pub),                   \
	}
#define TX_ENTRIES(list)                                                                    \
	{                                                                                   \
		[PUBLISH_BURST] = TX_HEADERS(list, burst), [PUBLISH_BUFFER] =               \
								   TX_HEADERS(list, buffer) \
	}
#define DEV_ENTRIES(order, avail, name)                              \
	[order][avail] = {[DEV_RX] = PUBLISH_ENTRIES(dev_rx_##name), \
			  [DEV_TX] = PUBLISH_ENTRIES(dev_tx_##name), \
			  [DEV_TX_TABLES] = PUBLISH_ENTRIES(dev_tx_##name##_tables)}
#define MERGE_ENTRIES(list)                                                           \
	{                                                                             \
		LOOP(drv_rx_merge_##list##_burst), LOOP(drv_rx_merge_##list##_buffer) \
	}
#define DEV_MERGE_ENTRIES                                          \
	{                                                          \
		LOOP(dev_rx_merge_plain), LOOP(dev_rx_merge_fault) \
	}
#define FAULT_ENTRIES                                                       \
	{                                                                   \
		[DEV_RX] = PAY(dev_rx_fault), [DEV_TX] = PAY(dev_tx_fault), \
		[DEV_TX_TABLES] = PAY(dev_tx_fault_tables)                  \
	}

#endif

#if LOOPS_NEEDED == FREE_LIST_LOOPS

DRV_BOTH(rx, fifo, .free_list = FREE_FIFO)
DRV_BOTH(rx, lifo, .free_list = FREE_LIFO)
DRV_TX(DRV_BOTH, DRV_BOTH_DATA, fifo, FREE_FIFO)
DRV_TX(DRV_BOTH, DRV_BOTH_DATA, lifo, FREE_LIFO)
DEV_LOOPS(in, .device_order = ORDER_IN)
DEV_LOOPS(early, .device_order = ORDER_EARLY)
DEV_FAULT
DRV_MERGE(fifo, .free_list = FREE_FIFO)
DRV_MERGE(lifo, .free_list = FREE_LIFO)
DEV_MERGE

const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {[FREE_FIFO] = PUBLISH_ENTRIES(drv_rx_fifo),
		   [FREE_LIFO] = PUBLISH_ENTRIES(drv_rx_lifo)},
	.drv_tx = {[FREE_FIFO] = TX_ENTRIES(fifo), [FREE_LIFO] = TX_ENTRIES(lifo)},
	.dev = {DEV_ENTRIES(ORDER_IN, AVAIL_READ_ENTRIES, in),
		DEV_ENTRIES(ORDER_EARLY, AVAIL_READ_ENTRIES, early)},
	.dev_fault = FAULT_ENTRIES,
	.drv_merge = {[FREE_FIFO] = MERGE_ENTRIES(fifo), [FREE_LIFO] = MERGE_ENTRIES(lifo)},
	.dev_merge = DEV_MERGE_ENTRIES,
};

#elif LOOPS_NEEDED == ORDER_LOOPS || LOOPS_NEEDED == BATCH_LOOPS

DRV_BOTH(rx, order, .used_read = USED_READ_LEN)
#if LOOPS_NEEDED == ORDER_LOOPS
DRV_BOTH(rx, order_ids, .used_read = USED_READ_ID_LEN)
#endif
DRV_TX(DRV_BOTH, DRV_BOTH_DATA, order, FREE_FIFO)
DEV_LOOPS(in, .device_avail = AVAIL_READ_ENTRIES)
DEV_LOOPS(known, .device_avail = AVAIL_READ_NONE)
DEV_FAULT
DRV_MERGE(order, .used_read = USED_READ_LEN)
DEV_MERGE

const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {PUBLISH_ENTRIES(drv_rx_order)},
#if LOOPS_NEEDED == ORDER_LOOPS
	.drv_rx_ids = PUBLISH_ENTRIES(drv_rx_order_ids),
#endif
	.drv_tx = {TX_ENTRIES(order)},
	.dev = {DEV_ENTRIES(ORDER_IN, AVAIL_READ_ENTRIES, in),
		DEV_ENTRIES(ORDER_IN, AVAIL_READ_NONE, known)},
	.dev_fault = FAULT_ENTRIES,
	.drv_merge = {MERGE_ENTRIES(order)},
	.dev_merge = DEV_MERGE_ENTRIES,
};

#elif LOOPS_NEEDED == BLOCK_LOOPS || LOOPS_NEEDED == BLOCK_DEV_LOOPS

DRV_BURST(rx, block, .used_read = USED_READ_LEN)
DRV_TX(DRV_BURST, DRV_BURST_DATA, block, FREE_FIFO)
#if LOOPS_NEEDED == BLOCK_DEV_LOOPS
DEV_LOOPS(in, .device_avail = AVAIL_READ_ENTRIES)
DEV_LOOPS(known, .device_avail = AVAIL_READ_NONE)
DEV_FAULT
#endif

const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {{[PUBLISH_BURST] = PAY(drv_rx_block_burst)}},
	.drv_tx = {{[PUBLISH_BURST] = TX_HEADERS(block, burst)}},
#if LOOPS_NEEDED == BLOCK_DEV_LOOPS
	.dev = {DEV_ENTRIES(ORDER_IN, AVAIL_READ_ENTRIES, in),
		DEV_ENTRIES(ORDER_IN, AVAIL_READ_NONE, known)},
	.dev_fault = FAULT_ENTRIES,
#endif
};

#elif LOOPS_NEEDED == QUEUE_LOOPS

DRV_BOTH(rx, queue, .header = HDR_NONE)
DRV_BOTH(tx, queue, .header = HDR_NONE)
DEV_BOTH(rx, false, in, .header = HDR_NONE)
DEV_BOTH(tx, true, in, .header = HDR_NONE)
DEV_PAY(rx, false, fault, .fault = true)
DEV_PAY(tx, true, fault, .fault = true)

const struct ring_loops LOOP_TABLE(VARIANT) = {
	.opts = OPT,
	.drv_rx = {PUBLISH_ENTRIES(drv_rx_queue)},
	.drv_tx = {{[PUBLISH_BURST] = {[HDR_NONE] = PAY(drv_tx_queue_burst)},
		    [PUBLISH_BUFFER] = {[HDR_NONE] = PAY(drv_tx_queue_buffer)}}},
	.dev = {[ORDER_IN][AVAIL_READ_ENTRIES] = {[DEV_RX] = PUBLISH_ENTRIES(dev_rx_in),
						  [DEV_TX] = PUBLISH_ENTRIES(dev_tx_in)}},
	.dev_fault = {[DEV_RX] = PAY(dev_rx_fault), [DEV_TX] = PAY(dev_tx_fault)},
};

#else
#error "LOOPS_NEEDED: see above"
#endif

#undef VARIANT
#undef OPT
#undef LOOPS_NEEDED
