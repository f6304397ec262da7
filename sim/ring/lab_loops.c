/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_loops.c - the native loops of a named point of the ring family lab, driver and device. The Makefile
 * compiles it once for each point of lab_points.def that has loops and each instruction set that it has them for:
 *
 *   LAB_OF     the point's symbol
 *   LAB_ISA    the instruction set, scalar: plain C
 *   LAB_LANES  its words: lab_words.h
 *
 * Result: LAB_OF_LAB_ISA_drv_loops and LAB_OF_LAB_ISA_dev_loops.
 */
#include "ring/lab_point.h"

/* All points, of which the compiler keeps the one that is read; when they publish as constants. */
#define CHANNEL(...)					  __VA_ARGS__
#define PUBLISHES(elem, signal, lie, look, publish, hint) (publish)
#define LAB_COMPILED					  LAB_POINT
#define LAB_VECTOR					  LAB_POINT
#define LAB_POINT(symbol, name, source, keeps, out, way, back, carry) \
	static const struct lab_point __attribute__((unused))         \
	symbol##_point = {CHANNEL out, way, CHANNEL back, carry};     \
	enum { symbol##_posts = PUBLISHES out, symbol##_returns = PUBLISHES back };
#include "ring/lab_points.def"
#undef LAB_POINT
#undef LAB_COMPILED
#undef LAB_VECTOR

#define LAB_PASTE2(a, b) a##b
#define LAB_PASTE(a, b)	 LAB_PASTE2(a, b)
#define LAB_POINT(side)	 LAB_PASTE(LAB_OF, _point)
#define LAB_LOOPS	 LAB_PASTE(LAB_OF, LAB_PASTE(_, LAB_ISA))
#define POSTS		 (int)LAB_PASTE(LAB_OF, _posts)
#define RETURNS		 (int)LAB_PASTE(LAB_OF, _returns)
#include "ring/lab.h"

/*
 * Packets are not held (lab_excluded()), so a ring that holds what it posts does not transmit, and one that holds what it
 * returns does not receive; nor is what is held, or waits, published by the buffer (variants_legal()).
 */
#define HELD(publish)  ((publish) >= LAB_HOLD_8 && (publish) <= LAB_HOLD_64)
#define MAY_CARRY(dir) !HELD((dir) == DIR_TX ? POSTS : RETURNS)

#define VARIANT LAB_LOOPS
#define OPT                                                                     \
	{                                                                       \
		AVAIL_WRITE, USED_EACH, RING_ORDER, lab_blocks(LAB_POINT(side)) \
	}
#define LOOPS_NEEDED	      QUEUE_LOOPS
#define MAY_RUN(dir, publish) (MAY_CARRY(dir) && ((publish) == PUBLISH_BURST || POSTS <= LAB_BURST))
#include "ring/drv_loops.inc.h"

#undef LOOP
#undef LOOP_PASTE
#undef LOOP_PASTE2
#undef PAY
#define DEVICE LAB_LOOPS
#define USED   USED_EACH
#define TABLES 0
#define KNOWN  0
#define MAY_RUN(dir, publish) \
	(MAY_CARRY(dir) && ((publish) == PUBLISH_BURST || RETURNS <= LAB_BURST))
#include "ring/dev_loops.inc.h"
