/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency.h - what each kind of line transaction costs, by machine and placement.
 *
 * A machine has one table for each placement of the two sides that is known of it: presets
 * compiled in (from published measurements, the row says which), or a file that
 * `vringbench probe --calibrate` wrote on the machine itself. Times are whole picoseconds, so
 * that the model's clocks are integers.
 */
#ifndef VRB_LATENCY_H
#define VRB_LATENCY_H

#include "coherence/protocol.h"
#include "vrb.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A line transaction, by who asks for what and who answers. */
enum coh_kind {
	COH_READ_MEMORY, /* a load served by memory or a shared cache */
	COH_READ_CLEAN,	 /* ... by another agent's clean copy */
	COH_READ_DIRTY,	 /* ... by another agent's dirty copy */
	COH_OWN_MEMORY,	 /* the same for a store's read for ownership */
	COH_OWN_CLEAN,
	COH_OWN_DIRTY,
	COH_UPGRADE, /* ownership without data */
	COH_KINDS
};

/* "read_memory", "read_clean", "read_dirty", "own_memory", ..., "upgrade": as in the files. */
const char *coh_kind_name(enum coh_kind k);

/* Do data move from one agent's cache to another's? That is a transfer. */
static inline bool coh_kind_transfers(enum coh_kind k)
{
	return k == COH_READ_CLEAN || k == COH_READ_DIRTY || k == COH_OWN_CLEAN ||
	       k == COH_OWN_DIRTY;
}

/* Which transactions of one core hold each other up, by how much. */
enum coh_gap { COH_GAP_READ, COH_GAP_OWN, COH_GAP_UPGRADE, COH_GAP_KINDS };

/* "read_gap", "own_gap", "upgrade_gap": as in the files. */
const char *coh_gap_name(enum coh_gap v);

static inline enum coh_gap coh_gap_of(enum coh_kind k)
{
	if (k == COH_UPGRADE)
		return COH_GAP_UPGRADE;
	return k == COH_READ_MEMORY || k == COH_READ_CLEAN || k == COH_READ_DIRTY ? COH_GAP_READ
										  : COH_GAP_OWN;
}

#define LATENCY_PLACES_MAX 4

/* One placement of the two sides. */
struct latency_place {
	char name[12];	   /* "smt", "near", "far", "xsocket": a class of engine/cell.h */
	double handoff_ns; /* one way, compare-and-swap; 0: not known */
	uint32_t ps[COH_KINDS];
	uint32_t gap_ps
		[COH_GAP_KINDS]; /* from one transaction of a core to its next; 0: not known */
};

/* The entries of a reorder buffer that one of the window's accesses stands for. */
#define LATENCY_WINDOW_INSTRUCTIONS 6

struct latency_machine {
	char name[32];
	char source[256];	    /* of the figures, and how those not published were filled in */
	enum coh_protocol protocol; /* the one that the machine behaves like */
	uint32_t hit_ps;	    /* an access that finds its line in the private cache */
	uint32_t store_buffer;	    /* entries */
	uint32_t window;	    /* accesses in flight in the overlapped bound */
	bool next_line; /* ascending loads also bring the line after theirs: COH_NEXT_LINE */
	bool adjacent;	/* a miss also brings the other line of an aligned pair: COH_ADJACENT */
	unsigned nplaces;
	struct latency_place places[LATENCY_PLACES_MAX];
};

/** latency_presets - the machines compiled in, each with its source. */
const struct latency_machine *latency_presets(unsigned *n);

/**
 * latency_find - a machine and a placement by name.
 * @name: PRESET-PLACE ("zen5-far"); PRESET alone: its first place; FILE or FILE:PLACE, where
 * FILE holds a '/' or ends with ".json" (one with a ':' in its name must end so).
 * @machine, @place: out; @place indexes @machine->places.
 *
 * Returns 0; -ENOENT: no such preset (the line lists them and the nearest), place or file;
 * -EINVAL: not a machine file (the line says what is wrong).
 */
int latency_find(const char *name, struct latency_machine *machine, unsigned *place,
		 struct vrb_err *err);

/**
 * latency_path - of a name that latency_find() takes: its file.
 * Returns @path; NULL: it names a preset, or is too long.
 */
const char *latency_path(const char *name, char path[PATH_MAX]);

/** latency_farthest - the place of a machine where a dirty line takes the longest. */
const struct latency_place *latency_farthest(const struct latency_machine *m);

/**
 * latency_names_place - does a name that latency_find() takes name one place of its machine?
 * "zen5-far", "zen5.json:far": yes; "zen5", "zen5.json": no, it means the first unless all fit.
 */
bool latency_names_place(const char *name);

/**
 * latency_load - read a machine file: JSON, as latency_save() writes it.
 *
 * All members are needed and no others are taken; times are ns, 0 .. 100000; the first place
 * is the default. Returns 0; -errno of opening and reading it; -EINVAL: not a plain file, or
 * the line says which member is wrong and what is legal.
 */
int latency_load(const char *path, struct latency_machine *out, struct vrb_err *err);

/**
 * latency_save - write a machine file, whole or not at all.
 * A link is followed; what is there and no plain file is refused. Returns 0 or -errno.
 */
int latency_save(const char *path, const struct latency_machine *m, struct vrb_err *err);

/**
 * latency_may_save - could latency_save() write there? To be asked before a long measurement.
 * Leaves nothing behind. Returns 0 or -errno.
 */
int latency_may_save(const char *path, struct vrb_err *err);

#endif
