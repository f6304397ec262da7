/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell.c - the placement classes, names and borders; the paces, names.
 */
#include "cell.h"

#include "vrb.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/*
 * Upper borders, one way in ns, for two sides that both spin on compare-and-swap
 * (host/pingpong.h); another method needs other borders. Source: two clean clusters on a
 * Zen 5 guest (23-28 and 124-131 ns), and published core-to-core tables: threads of one core 4-10 ns, cores
 * of one cluster or mesh 18-60, other clusters of one package 84-155, other packages up to
 * 284. The classes of different makers overlap (a far core of one is another package of the
 * next): a class tells two states of one machine apart and is no name for a topology.
 */
static const struct {
	double below_ns;
	enum place_class place;
} borders[] = {
	{12, CLASS_SMT},
	{60, CLASS_NEAR},
	{170, CLASS_FAR},
	{INFINITY, CLASS_XSOCKET},
};

static const char *const class_names[] = {
	[CLASS_NONE] = "none", [CLASS_SMT] = "smt",	    [CLASS_NEAR] = "near",
	[CLASS_FAR] = "far",   [CLASS_XSOCKET] = "xsocket",
};

_Static_assert(ARRAY_SIZE(class_names) == CLASS_COUNT, "a name for each class");

const char *place_class_name(enum place_class c)
{
	return (unsigned)c < CLASS_COUNT ? class_names[c] : "none";
}

const char *direction_name(enum direction dir)
{
	return dir == DIR_RX ? "rx" : "tx";
}

const char *side_name(unsigned side)
{
	return side ? "device" : "driver";
}

const char *burst_words(uint32_t most, uint32_t least, uint64_t seed, char *buf)
{
	if (least)
		snprintf(buf, BURST_WORDS, "random:%" PRIu32 ":%" PRIu32 ":%" PRIu64, least, most,
			 seed);
	else
		snprintf(buf, BURST_WORDS, "%" PRIu32, most);
	return buf;
}

const char *cell_burst_words(const struct cell *c, char *buf)
{
	return burst_words(c->burst, c->burst_least, c->burst_seed, buf);
}

bool cell_same_point(const struct cell *a, const struct cell *b)
{
	return a->ring_size == b->ring_size && a->burst == b->burst &&
	       a->burst_least == b->burst_least && a->burst_seed == b->burst_seed &&
	       a->payload == b->payload;
}

NAMES_OF(pace_name, pace, [PACE_FULL] = "full", [PACE_CLOSED] = "closed", [PACE_OPEN] = "open")

const char *loop_kind_name(enum loop_kind k)
{
	return k == LOOPS_GENERIC ? "generic" : "specialised";
}

enum place_class place_class_of(double c2c_ns)
{
	/* NAN too: no probe, no class. */
	if (!(c2c_ns > 0) || isinf(c2c_ns))
		return CLASS_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(borders); i++)
		if (c2c_ns < borders[i].below_ns)
			return borders[i].place;
	return CLASS_NONE;
}

enum place_class sample_class(const struct sample *s)
{
	const bool before = !isnan(s->c2c_before_ns), after = !isnan(s->c2c_after_ns);

	if (before && after)
		return place_class_of((s->c2c_before_ns + s->c2c_after_ns) / 2);
	if (!before && !after)
		return CLASS_XSOCKET; /* at least so far */
	return place_class_of(before ? s->c2c_before_ns : s->c2c_after_ns);
}
