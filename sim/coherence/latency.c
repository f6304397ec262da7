/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency.c - the machines compiled in, and how one is found by its name.
 *
 * What is published of a machine is seldom more than a hand-off, one way. It is a transfer of
 * a dirty line, so it stands for read_dirty and own_dirty; what else had to be filled in, and
 * with what, is said in `source`, and these are the rules:
 *
 *   clean      as dirty, where nothing is published
 *   upgrade    as own_dirty: it asks the same agents, and waits for their answers
 *   own_x      as read_x
 *   memory     published load-to-use of the shared cache where all cores of a place share one
 *              that holds what was evicted; else DRAM, 100 ns assumed if not measured
 *
 * A place has the name of the class that its hand-off is in (engine/cell.h), but for another
 * package: "xsocket" even where that is no further than "far".
 *
 * hit: two loads a cycle or more is what all these cores can; 0.5 ns leaves room for what
 * depends on the line before. It matters little: computing is measured, not modelled.
 *
 * window: entries of the reorder buffer by LATENCY_WINDOW_INSTRUCTIONS, since a ring's loops have an access in about
 * that many; no more than COH_WINDOW_MAX.
 */
#include "coherence/latency.h"

#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[COH_READ_MEMORY] = "read_memory", [COH_READ_CLEAN] = "read_clean",
	[COH_READ_DIRTY] = "read_dirty",   [COH_OWN_MEMORY] = "own_memory",
	[COH_OWN_CLEAN] = "own_clean",	   [COH_OWN_DIRTY] = "own_dirty",
	[COH_UPGRADE] = "upgrade",
};

_Static_assert(ARRAY_SIZE(kinds) == COH_KINDS, "a name for each kind");

const char *coh_kind_name(enum coh_kind k)
{
	return kinds[k];
}

NAMES_OF(coh_gap_name, coh_gap, [COH_GAP_READ] = "read_gap", [COH_GAP_OWN] = "own_gap",
	 [COH_GAP_UPGRADE] = "upgrade_gap")

#define PS(ns)	    ((uint32_t)((ns)*1000 + 0.5))
#define WINDOW(rob) ((rob) / LATENCY_WINDOW_INSTRUCTIONS)
#define HIT	    PS(0.5)

/* All that differs by kind of data, in ns: loads, then stores. */
#define PLACE_GAPS(class, handoff, rm, rc, rd, om, oc, od, up, gap_r, gap_o, gap_u)       \
	{                                                                                 \
		class, handoff, {PS(rm), PS(rc), PS(rd), PS(om), PS(oc), PS(od), PS(up)}, \
		{                                                                         \
			PS(gap_r), PS(gap_o), PS(gap_u)                                   \
		}                                                                         \
	}

/* The same where gaps were not measured ... */
#define PLACE_ALL(class, handoff, rm, rc, rd, om, oc, od, up) \
	PLACE_GAPS(class, handoff, rm, rc, rd, om, oc, od, up, 0, 0, 0)

/* ... or filled in by the rules above, from memory, a clean and a dirty transfer ... */
#define PLACE(class, handoff, memory, clean, dirty) \
	PLACE_ALL(class, handoff, memory, clean, dirty, memory, clean, dirty, dirty)

/* ... or from the hand-off alone. */
#define PLACE_HANDOFF(class, handoff, memory) PLACE(class, handoff, memory, handoff, handoff)

/* What a hand-off alone leaves open, for the sources. */
#define BY_HANDOFF "; every kind = hand-off, but DRAM 100 ns assumed"

static const struct latency_machine presets[] = {
	{
		.name = "zen5",
		.source = "Zen 5 EPYC, 2-CPU guest, measured by the litmus scripts of probe, fence "
			  "taken off; store buffer 104, ROB 448 published",
		.protocol = COH_MOESI_MIGRATORY,
		.hit_ps = HIT,
		.store_buffer = 104,
		.window = WINDOW(448),
		.adjacent = true,
		.nplaces = 2,
		.places =
			{
				PLACE_GAPS("near", 27, 135, 21, 21, 131, 18, 17, 20, 1.0, 0.9, 0.9),
				PLACE_GAPS("far", 123, 137, 121, 117, 135, 127, 115, 137, 1.9, 2.0,
					   5.0),
			},
	},
	{
		.name = "zen5-desktop",
		.source = "9950X hand-off (nviennot issues 107, 111; far with AGESA 1.2.0.2), "
			  "protocol as seen on Zen 5 EPYC" BY_HANDOFF,
		.protocol = COH_MOESI_MIGRATORY,
		.hit_ps = HIT,
		.store_buffer = 104,
		.window = WINDOW(448),
		.nplaces = 2,
		.places = {PLACE_HANDOFF("near", 20, 100), PLACE_HANDOFF("far", 75, 100)},
	},
	{
		.name = "zen4",
		.source = "EPYC 9274F hand-off (nviennot issue 132), protocol by the AMD64 "
			  "manual, whether it migrates is not known" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 64,
		.window = WINDOW(320),
		.nplaces = 4,
		.places =
			{
				PLACE_HANDOFF("near", 23, 100),
				PLACE_HANDOFF("smt", 9, 100),
				PLACE_HANDOFF("far", 100, 100),
				PLACE_HANDOFF("xsocket", 197, 100),
			},
	},
	{
		.name = "zen4-desktop",
		.source = "7950X hand-off (nviennot), protocol by the AMD64 manual, whether it "
			  "migrates is not known" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 64,
		.window = WINDOW(320),
		.nplaces = 3,
		.places =
			{
				PLACE_HANDOFF("near", 18, 100),
				PLACE_HANDOFF("smt", 7.5, 100),
				PLACE_HANDOFF("far", 70, 100),
			},
	},
	{
		.name = "zen3",
		.source = "EPYC 7R13 hand-off (nviennot), protocol by the AMD64 manual, whether it "
			  "migrates is not known" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 64,
		.window = WINDOW(256),
		.nplaces = 4,
		.places =
			{
				PLACE_HANDOFF("near", 22.7, 100),
				PLACE_HANDOFF("smt", 9.8, 100),
				PLACE_HANDOFF("far", 107.6, 100),
				PLACE_HANDOFF("xsocket", 198.3, 100),
			},
	},
	{
		.name = "zen2",
		.source = "EPYC 7742 hand-off (nviennot), protocol by the AMD64 manual, whether it "
			  "migrates is not known" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 48,
		.window = WINDOW(224),
		.nplaces = 4,
		.places =
			{
				PLACE_HANDOFF("near", 25.3, 100),
				PLACE_HANDOFF("smt", 8, 100),
				PLACE_HANDOFF("far", 132, 100),
				PLACE_HANDOFF("xsocket", 267, 100),
			},
	},
	{
		.name = "spr",
		.source =
			"intel/perfmon weights: HITM 81, clean 79, remote 170, memory = L3 hit 37; "
			"own = read, upgrade = HITM; hand-off Chips and Cheese 2023-11",
		.protocol = COH_MESIF,
		.hit_ps = HIT,
		.store_buffer = 112,
		.window = WINDOW(512),
		.nplaces = 2,
		.places = {PLACE("near", 59, 37, 79, 81), PLACE("xsocket", 138, 37, 170, 170)},
	},
	{
		.name = "icx",
		.source =
			"intel/perfmon weights: HITM 48, remote 120, memory = L3 hit 23; clean = "
			"HITM, own = read, upgrade = HITM, smt = hand-off; hand-off 8375C (nviennot)",
		.protocol = COH_MESIF,
		.hit_ps = HIT,
		.store_buffer = 72,
		.window = WINDOW(352),
		.nplaces = 3,
		.places =
			{
				PLACE("near", 51.3, 23, 48, 48),
				PLACE("smt", 8, 23, 8, 8),
				PLACE("xsocket", 107.8, 23, 120, 120),
			},
	},
	{
		.name = "skx",
		.source =
			"Skylake and Cascade Lake servers: intel/perfmon weights HITM 47.5, remote "
			"110, memory = L3 hit 20.5; clean = HITM, own = read, upgrade = HITM, "
			"smt = hand-off; hand-off 8275CL (nviennot)",
		.protocol = COH_MESIF,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(224),
		.nplaces = 3,
		.places =
			{
				PLACE("near", 46.6, 20.5, 47.5, 47.5),
				PLACE("smt", 7.6, 20.5, 7.6, 7.6),
				PLACE("xsocket", 134.1, 20.5, 110, 110),
			},
	},
	{
		.name = "adl-p",
		.source =
			"Alder Lake P cores: intel/perfmon weights HITM 28, clean 27, memory = L3 "
			"hit 12; own = read, upgrade = HITM, smt = hand-off; hand-off 12900K "
			"(nviennot); mesif assumed",
		.protocol = COH_MESIF,
		.hit_ps = HIT,
		.store_buffer = 112,
		.window = WINDOW(512),
		.nplaces = 2,
		.places = {PLACE("near", 33, 12, 27, 28), PLACE("smt", 4.3, 12, 4.3, 4.3)},
	},
	{
		.name = "skl",
		.source =
			"Skylake clients: intel/perfmon weights HITM 22, clean 20, memory = L3 hit "
			"10; own = read, upgrade = HITM, smt = hand-off; hand-off 9900K (nviennot); "
			"mesif assumed",
		.protocol = COH_MESIF,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(224),
		.nplaces = 2,
		.places = {PLACE("near", 21, 10, 20, 22), PLACE("smt", 6.2, 10, 6.2, 6.2)},
	},
	{
		.name = "n1",
		.source = "Graviton2 hand-off (nviennot); moesi as Arm DEN0024A 14.3 says of the "
			  "architecture; store buffer 56 assumed" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(128),
		.nplaces = 1,
		.places = {PLACE_HANDOFF("near", 47.2, 100)},
	},
	{
		.name = "v1",
		.source = "Graviton3 hand-off (nviennot); moesi as Arm DEN0024A 14.3 says of the "
			  "architecture; store buffer 56 assumed" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(256),
		.nplaces = 1,
		.places = {PLACE_HANDOFF("near", 46.4, 100)},
	},
	{
		.name = "v2",
		.source =
			"Graviton4 hand-off, near the middle of 30..60 (Chips and Cheese 2024-07); "
			"moesi as Arm DEN0024A 14.3; store buffer 56, ROB 320 assumed" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(320),
		.nplaces = 2,
		.places = {PLACE_HANDOFF("near", 45, 100), PLACE_HANDOFF("xsocket", 138.6, 100)},
	},
	{
		.name = "kunpeng920",
		.source = "hand-off, one die and two (nviennot); moesi as Arm DEN0024A 14.3; store "
			  "buffer 56, ROB 128 assumed" BY_HANDOFF,
		.protocol = COH_MOESI,
		.hit_ps = HIT,
		.store_buffer = 56,
		.window = WINDOW(128),
		.nplaces = 2,
		.places = {PLACE_HANDOFF("near", 35.7, 100), PLACE_HANDOFF("far", 80.5, 100)},
	},
};

const struct latency_machine *latency_presets(unsigned *n)
{
	*n = ARRAY_SIZE(presets);
	return presets;
}

/* ---- finding one ---- */

/* The names of a machine's places, "near, far", for messages. */
static const char *list_places(const struct latency_machine *m, char *to, size_t size)
{
	size_t at = 0;

	to[0] = '\0';
	for (unsigned i = 0; i < m->nplaces && at < size; i++)
		at += (size_t)snprintf(to + at, size - at, "%s%s", i ? ", " : "",
				       m->places[i].name);
	return to;
}

/* @called: the machine, as the user knows it: a preset's name or a file. */
static int find_place(const struct latency_machine *m, const char *called, const char *name,
		      unsigned *place, struct vrb_err *err)
{
	const char *names[LATENCY_PLACES_MAX], *nearest;
	char list[64];

	for (unsigned i = 0; i < m->nplaces; i++) {
		names[i] = m->places[i].name;
		if (strcmp(name, names[i]) == 0) {
			*place = i;
			return 0;
		}
	}
	nearest = names_nearest(name, names, m->nplaces);
	return vrb_fail(err, ENOENT, "machine %.200s has no place '%.40s': one of %s%s%s%s", called,
			name, list_places(m, list, sizeof(list)), nearest ? "; did you mean " : "",
			nearest ? nearest : "", nearest ? "?" : "");
}

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && strncmp(s + len - n, end, n) == 0;
}

/*
 * Where the file's name ends, if this names a file: at the end, or at a last ':' that has no
 * '/' behind it. NULL: a preset's name. A file whose name has a colon needs ".json" at its end.
 */
static const char *end_of_file_name(const char *name)
{
	const char *end = name + strlen(name);
	const char *colon = strrchr(name, ':');

	if (ends_with(name, (size_t)(end - name), ".json"))
		return end;
	if (colon && !strchr(colon, '/') &&
	    (ends_with(name, (size_t)(colon - name), ".json") || strchr(name, '/')))
		return colon;
	return strchr(name, '/') ? end : NULL;
}

const char *latency_path(const char *name, char path[PATH_MAX])
{
	const char *end = end_of_file_name(name);

	if (!end || end - name >= PATH_MAX)
		return NULL;
	snprintf(path, PATH_MAX, "%.*s", (int)(end - name), name);
	return path;
}

static int find_file(const char *name, const char *end, struct latency_machine *machine,
		     unsigned *place, struct vrb_err *err)
{
	char path[PATH_MAX];
	int rc;

	if (!latency_path(name, path))
		return vrb_fail(err, ENOENT, "machine file %.100s...: the name is too long", name);
	rc = latency_load(path, machine, err);
	*place = 0;
	if (rc || !*end)
		return rc;
	return find_place(machine, path, end + 1, place, err);
}

/* The preset that the first len letters name; NULL: none. */
static const struct latency_machine *preset(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(presets); i++) {
		if (strlen(presets[i].name) == len && strncmp(presets[i].name, name, len) == 0)
			return &presets[i];
	}
	return NULL;
}

static int no_preset(const char *name, struct vrb_err *err)
{
	const char *names[ARRAY_SIZE(presets)], *nearest = NULL, *dash = strrchr(name, '-');
	char list[256], family[32];
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(presets); i++) {
		names[i] = presets[i].name;
		if (at < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "",
					       names[i]);
	}
	/* "zne5-far" is no misspelling of "zen5", but "zne5" is */
	if (dash) {
		snprintf(family, sizeof(family), "%.*s", (int)(dash - name), name);
		nearest = names_nearest(family, names, ARRAY_SIZE(names));
	}
	if (!nearest)
		nearest = names_nearest(name, names, ARRAY_SIZE(names));
	return vrb_fail(err, ENOENT,
			"no machine '%.60s': one of %s, or these with -PLACE, or a file%s%s%s",
			name, list, nearest ? "; did you mean " : "", nearest ? nearest : "",
			nearest ? "?" : "");
}

const struct latency_place *latency_farthest(const struct latency_machine *m)
{
	const struct latency_place *far = m->places;

	for_each (p, m->places, m->nplaces)
		far = p->ps[COH_READ_DIRTY] > far->ps[COH_READ_DIRTY] ? p : far;
	return far;
}

bool latency_names_place(const char *name)
{
	const char *end = end_of_file_name(name);

	return end ? *end != '\0' : !preset(name, strlen(name));
}

int latency_find(const char *name, struct latency_machine *machine, unsigned *place,
		 struct vrb_err *err)
{
	const char *end = end_of_file_name(name);
	const char *dash = strrchr(name, '-');
	const struct latency_machine *m;

	if (end)
		return find_file(name, end, machine, place, err);
	m = preset(name, strlen(name));
	if (m) {
		*machine = *m;
		*place = 0;
		return 0;
	}
	m = dash ? preset(name, (size_t)(dash - name)) : NULL;
	if (!m)
		return no_preset(name, err);
	*machine = *m;
	return find_place(m, m->name, dash + 1, place, err);
}
