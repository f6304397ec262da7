/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dev_loops.inc.h - compiles the native loops of a device and enters them in its table. Included
 * once, as the last line of a device's file; the ring's hooks (dev_poll, dev_take,
 * dev_release_held, dev_publish) stand before it.
 *
 * A device does not know the driver's variant: of struct ring_opts it reads only `used`.
 *
 * The file defines:
 *   DEVICE   its symbol
 *   USED     enum used_opt
 *   TABLES   1: also loops for indirect tables: a split virtqueue
 *   KNOWN    1: also loops that know the next head (AVAIL_READ_NONE) and publish once a burst
 *   MAY_RUN(dir, publish)  not needed: a constant; loops for which it is false are not made
 *
 * Result: const struct dev_loops DEVICE_dev_loops.
 */
#include "ring/loops.h"
#include "ring/no_notify.h"
#include "workloads/serve.h"

#define LOOP_PASTE2(a, b) a##_##b
#define LOOP_PASTE(a, b)  LOOP_PASTE2(a, b)
#define LOOP(name)	  LOOP_PASTE(DEVICE, name)

/* A loop; then what is constant in it, of struct loop_policy. */
#define DEV(dir, is_tx, name, ...)                                                      \
	static enum side_status LOOP(dev_##dir##_##name)(struct dev * v, struct turn t) \
	{                                                                               \
		return serve(v, t, is_tx, (struct ring_opts){.used = USED},             \
			     (struct loop_policy){__VA_ARGS__});                        \
	}
#define DEV_PAY(dir, is_tx, name, ...)                              \
	DEV(dir, is_tx, name##_ring, __VA_ARGS__, .payload = false) \
	DEV(dir, is_tx, name##_data, __VA_ARGS__, .payload = true)
/* TX_TABLES: indirect descriptors were agreed on; that a chain is direct it tells itself. */
#define DEV_ALL(name, ...)                    \
	DEV_PAY(rx, false, name, __VA_ARGS__) \
	DEV_PAY(tx, true, name, __VA_ARGS__)
#define DEV_TABLES(name, ...) DEV_PAY(tx, true, name##_tables, __VA_ARGS__, .header = HDR_INDIRECT)

#ifndef MAY_RUN
#define MAY_RUN(dir, publish) 1
#endif

/* The same functions as table entries. */
#define PAY(f, may)                                                                      \
	{                                                                                \
		(may) ? LOOP(dev_##f##_ring) : NULL, (may) ? LOOP(dev_##f##_data) : NULL \
	}
/* in the order of enum dev_walk */
#define ALL(name, publish) \
	PAY(rx_##name, MAY_RUN(DIR_RX, publish)), PAY(tx_##name, MAY_RUN(DIR_TX, publish))

DEV_ALL(burst, .device_publish = PUBLISH_BURST)
DEV_ALL(buffer, .device_publish = PUBLISH_BUFFER)

#if TABLES
DEV_TABLES(burst, .device_publish = PUBLISH_BURST)
DEV_TABLES(buffer, .device_publish = PUBLISH_BUFFER)
#define ALL_TABLES(name, publish)                              \
	{                                                      \
		ALL(name, publish), PAY(tx_##name##_tables, 1) \
	}
#else
#define ALL_TABLES(name, publish)  \
	{                          \
		ALL(name, publish) \
	}
#endif

#if KNOWN
DEV_ALL(known, .device_avail = AVAIL_READ_NONE)
DEV_TABLES(known, .device_avail = AVAIL_READ_NONE)
#endif

const struct dev_loops LOOP(dev_loops) = {
	.of = {[PUBLISH_BURST] = ALL_TABLES(burst, PUBLISH_BURST),
	       [PUBLISH_BUFFER] = ALL_TABLES(buffer, PUBLISH_BUFFER)},
#if KNOWN
	.known = ALL_TABLES(known, PUBLISH_BURST),
#endif
};

#undef MAY_RUN
