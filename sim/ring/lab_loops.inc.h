/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_loops.inc.h - compiles the native loops of a named point, driver and device. Included once, as
 * the last line of the point's file, which defines LAB_OF, its symbol in lab_points.def, and LAB_ISA, the
 * instruction set; LAB_LANES: lab_words.h.
 *
 * Result: LAB_OF_LAB_ISA_drv_loops and LAB_OF_LAB_ISA_dev_loops.
 */
#include "ring/lab_point.h"

/* All points, of which the compiler keeps the one that is read. */
#define CHANNEL(...) __VA_ARGS__
#define LAB_COMPILED LAB_POINT
#define LAB_VECTOR   LAB_POINT
#define LAB_POINT(symbol, name, source, keeps, out, way, back, carry) \
	static const struct lab_point __attribute__((unused))         \
	symbol##_point = {CHANNEL out, way, CHANNEL back, carry};
#include "ring/lab_points.def"
#undef LAB_POINT
#undef LAB_COMPILED
#undef LAB_VECTOR

#define LAB_PASTE2(a, b) a##b
#define LAB_PASTE(a, b)	 LAB_PASTE2(a, b)
#define LAB_POINT(side)	 LAB_PASTE(LAB_OF, _point)
#define LAB_LOOPS	 LAB_PASTE(LAB_OF, LAB_PASTE(_, LAB_ISA))
#include "ring/lab.h"

#define VARIANT LAB_LOOPS
#define OPT                                                                     \
	{                                                                       \
		AVAIL_WRITE, USED_EACH, RING_ORDER, lab_blocks(LAB_POINT(side)) \
	}
#define LOOPS_NEEDED QUEUE_LOOPS
#include "ring/drv_loops.inc.h"

#undef LOOP
#undef LOOP_PASTE
#undef LOOP_PASTE2
#undef PAY
#define DEVICE LAB_LOOPS
#define USED   USED_EACH
#define TABLES 0
#define KNOWN  0
#include "ring/dev_loops.inc.h"
