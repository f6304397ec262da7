/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_point.c - the points of the ring family lab: names, text, what goes together, and presets.
 */
#include "ring/lab_point.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const elems[] = {"2", "4", "8", "16", "32", "64"};
static const char *const signals[] = {"own", "beside", "flag", "seq", "line"};
static const char *const lies[] = {"row", "striped"};
static const char *const looks[] = {"poll", "used-up"};
static const char *const publishes[] = {"each", "burst",  "8",	    "16",     "32",
					"64",	"line-2", "line-8", "line-32"};
static const char *const hints[] = {"none", "prefetch", "prefetchw", "demote"};
static const char *const ways[] = {"ring", "place", "batch", "counter"};
static const char *const carries[] = {"address", "stream", "inline"};
_Static_assert(ARRAY_SIZE(elems) == LAB_ELEMS && ARRAY_SIZE(signals) == LAB_SIGNALS &&
		       ARRAY_SIZE(lies) == LAB_LIES && ARRAY_SIZE(looks) == LAB_LOOKS &&
		       ARRAY_SIZE(publishes) == LAB_PUBLISHES && ARRAY_SIZE(ways) == LAB_WAYS &&
		       ARRAY_SIZE(carries) == LAB_CARRIES && ARRAY_SIZE(hints) == LAB_HINTS,
	       "a name for each value");

#define SOME(member, name, values, usual) \
	[offsetof(struct lab_point, member)] = {name, values, ARRAY_SIZE(values), usual}
#define FIELD(member, name, values) SOME(member, name, values, ARRAY_SIZE(values))
#define PUBLISH(member, name)	    SOME(member, name, publishes, LAB_WAIT_2)
#define HINT(member, name)	    SOME(member, name, hints, 1)
const struct lab_field lab_fields[LAB_FIELDS] = {
	FIELD(out_elem, "out-elem", elems),
	FIELD(out_signal, "out-signal", signals),
	FIELD(out_lie, "out-lie", lies),
	FIELD(out_look, "out-look", looks),
	PUBLISH(out_publish, "out-publish"),
	HINT(out_hint, "out-hint"),
	FIELD(way, "way", ways),
	FIELD(back_elem, "back-elem", elems),
	FIELD(back_signal, "back-signal", signals),
	FIELD(back_lie, "back-lie", lies),
	FIELD(back_look, "back-look", looks),
	PUBLISH(back_publish, "back-publish"),
	HINT(back_hint, "back-hint"),
	FIELD(carry, "carry", carries),
};

uint8_t *lab_value(struct lab_point *p, unsigned i)
{
	return (uint8_t *)p + i;
}

char *lab_print(const struct lab_point *p, char buf[LAB_TEXT])
{
	struct lab_point copy = *p;
	int used = 0;

	for (unsigned i = 0; i < LAB_SEARCHED + (p->carry > 0); i++)
		used += snprintf(buf + used, LAB_TEXT - (size_t)used, "%s%s=%s", i ? ";" : "",
				 lab_fields[i].name, lab_fields[i].values[*lab_value(&copy, i)]);
	return buf;
}

/* The place of a text of @len bytes among names; @n: it is none of them. */
static unsigned place_of(const char *at, size_t len, const char *const *names, unsigned n)
{
	unsigned i = 0;

	while (i < n && (strlen(names[i]) != len || strncmp(names[i], at, len) != 0))
		i++;
	return i;
}

static int parse_one(const char *at, size_t len, struct lab_point *p, struct vrb_err *err)
{
	const char *const equals = memchr(at, '=', len);
	const size_t name = equals ? (size_t)(equals - at) : len;
	const char *names[LAB_FIELDS];
	char legal[128] = "";
	const struct lab_field *field;
	unsigned f, v;
	int used = 0;

	for (f = 0; f < LAB_FIELDS; f++)
		names[f] = lab_fields[f].name;
	f = place_of(at, name, names, LAB_FIELDS);
	if (!equals || f == LAB_FIELDS)
		return vrb_fail(
			err, EINVAL,
			"lab point: '%.*s' is no field=value; fields are out-elem, "
			"out-signal, out-lie, out-look, out-publish, out-hint, way, back-..., "
			"and carry",
			(int)(len < 40 ? len : 40), at);
	field = &lab_fields[f];
	v = place_of(equals + 1, len - name - 1, field->values, field->n);
	if (v < field->n) {
		*lab_value(p, f) = (uint8_t)v;
		return 0;
	}
	for (v = 0; v < field->n; v++)
		used += snprintf(legal + used, sizeof(legal) - (size_t)used, "%s%s", v ? ", " : "",
				 field->values[v]);
	len -= name + 1;
	return vrb_fail(err, EINVAL, "lab point: %s=%.*s; legal: %s", field->name,
			(int)(len < 40 ? len : 40), equals + 1, legal);
}

int lab_parse(const char *text, struct lab_point *p, struct vrb_err *err)
{
	struct lab_point out = *p;

	for (const char *at = text;;) {
		const size_t len = strcspn(at, ";");
		const int rc = parse_one(at, len, &out, err);

		if (rc)
			return rc;
		if (!at[len])
			break;
		at += len + 1;
	}
	*p = out;
	return 0;
}

/* What concerns one channel, whichever it is. */
static const char *channel_excluded(uint8_t elem, uint8_t signal, uint8_t lie, uint8_t look,
				    uint8_t publish, bool empties)
{
	if (elem == LAB_2 && lab_is_flag(signal))
		return "2 bytes have no room for a flag";
	if (elem == LAB_64 && signal == LAB_LINE)
		return "a line has no room for a flag and 64 bytes";
	if (lie == LAB_STRIPED && (signal == LAB_BESIDE || signal == LAB_LINE))
		return "stripes begin on a line, and have all of it";
	if (look == LAB_USED_UP && lab_is_flag(signal))
		return "look is void: there is no index to keep";
	if (lab_hold(publish) > 1 && !empties)
		return "packets are not held";
	if (lab_wait(publish) &&
	    (lab_is_flag(signal) || signal == LAB_BESIDE || lie == LAB_STRIPED))
		return "what waits for its line lies in rows that begin on a line, and an index or a count tells of it";
	return NULL;
}

/* What concerns packets that are not where an element says. */
static const char *carry_excluded(const struct lab_point *p, bool rx)
{
	const bool elements = p->out_elem || p->back_elem || p->out_lie || p->back_lie ||
			      lab_wait(p->out_publish);

	if (p->carry == LAB_STREAM && (elements || p->way != LAB_COUNTER ||
				       p->out_signal != LAB_OWN || p->back_signal != LAB_OWN))
		return "a stream has an index each way, and no elements";
	if (p->carry == LAB_INLINE &&
	    (lab_in_place(p->way) ||
	     (rx ? p->way != LAB_RING || p->back_elem != LAB_64 : p->out_elem != LAB_64)))
		return "packets lie inline in elements of 64 bytes, which nobody overwrites";
	return NULL;
}

/* What concerns hints: a channel of elements in rows. */
static const char *hint_excluded(uint8_t hint, uint8_t signal, uint8_t lie, bool elements)
{
	if (hint && !elements)
		return "a hint is void: the channel has no elements";
	/* beside an index elements begin at byte 4: none is the first of a line */
	if (hint && (lie != LAB_ROW || signal == LAB_LINE || signal == LAB_BESIDE))
		return "a hint is for lines that hold elements in a row and nothing else";
	return NULL;
}

static const char held_flag[] = "what has a flag in it is visible once the device has written it";

const char *lab_excluded(const struct lab_point *p, enum direction dir)
{
	const bool rx = dir == DIR_RX;
	const char *why = channel_excluded(p->out_elem, p->out_signal, p->out_lie, p->out_look,
					   p->out_publish, rx);

	why = why ? why : carry_excluded(p, rx);
	why = why ? why
		  : hint_excluded(p->out_hint, p->out_signal, p->out_lie, p->carry != LAB_STREAM);
	why = why ? why
		  : hint_excluded(p->back_hint,
				  p->way == LAB_PLACE ? p->out_signal : p->back_signal,
				  p->way == LAB_PLACE ? p->out_lie : p->back_lie,
				  p->way == LAB_PLACE || p->way == LAB_RING);
	if (why)
		return why;
	if (p->out_elem == LAB_4 && !rx)
		return "an offset alone does not tell the length of a packet that is sent";
	if (lab_in_place(p->way)) {
		if (!lab_is_flag(p->out_signal) || p->out_elem < LAB_8)
			return "an element that is overwritten must have a flag, and room for a length";
		if (p->back_elem || p->back_signal || p->back_lie || p->back_look)
			return "back is void: elements return in place";
		return p->back_publish > LAB_BURST ? held_flag : NULL;
	}
	if (p->way == LAB_COUNTER) {
		if (rx && p->carry != LAB_STREAM)
			return "a counter does not tell the lengths of packets";
		if (p->back_elem || p->back_lie)
			return "back-elem and back-lie are void: a counter has no elements";
		if (p->back_signal != LAB_OWN)
			return "a counter has a line of its own";
		if (lab_wait(p->back_publish))
			return "a counter has no elements that fill a line";
	} else if (p->back_elem == LAB_2) {
		return "2 bytes have no room for a length";
	}
	if (lab_hold(p->back_publish) > 1 && lab_is_flag(p->back_signal))
		return held_flag;
	return channel_excluded(p->way == LAB_COUNTER ? LAB_64 : p->back_elem, p->back_signal,
				p->back_lie, p->back_look, p->back_publish, !rx);
}

#define CHANNEL(...) __VA_ARGS__
#define LAB_POINT(symbol, nm, src, kept, out, back_way, back, carries) \
	{.name = nm,                                                   \
	 .source = src,                                                \
	 .keeps = kept,                                                \
	 .point = {CHANNEL out, back_way, CHANNEL back, carries}},
#define LAB_COMPILED LAB_POINT
#define LAB_VECTOR   LAB_POINT
static const struct lab_preset presets[] = {
#include "ring/lab_points.def"
};
#undef LAB_POINT
#undef LAB_COMPILED
#undef LAB_VECTOR

unsigned lab_presets_count(void)
{
	return ARRAY_SIZE(presets);
}

const struct lab_preset *lab_presets_get(unsigned i)
{
	return &presets[i];
}
