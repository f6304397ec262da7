/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explored.h - what table and plots ask a session of `explore`.
 */
#ifndef VRB_PRESENT_EXPLORED_H
#define VRB_PRESENT_EXPLORED_H

#include "session/session.h"

/** explored_floor - the fewest transfers per buffer that any ring needs. */
double explored_floor(const struct session *s);

/** explored_machine - the name of machine @i; "": there are fewer. */
const char *explored_machine(const struct session *s, unsigned i);

/** explored_cost - what was minimised, of a ring; explored_cost_words - what that is: "transfers". */
double explored_cost(const struct session *s, const struct explored_ring *r);
const char *explored_cost_words(const struct session *s, char *buf, size_t size);

/** explored_by_lines - were transfers alone minimised? Then the floor is one of that cost. */
bool explored_by_lines(const struct session *s);

const char *explored_name(const struct session *s, const struct explored_ring *r);

/** explored_instructions - of both sides per buffer, of a table; NAN: the ring was not counted. */
double explored_instructions(const struct session *s, const struct explored_ring *r);

/** explored_leads - was it counted, and no other ring that was is as cheap in what was minimised and in these? */
bool explored_leads(const struct session *s, const struct explored_ring *r);

/** explored_winner - NULL: no ring was run. */
const struct explored_ring *explored_winner(const struct session *s);

#endif
