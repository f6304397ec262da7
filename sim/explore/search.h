/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * search.h - the cheapest points of a space of fields with a few values each.
 *
 * The search knows nothing of rings: a space says what is legal, and what a point costs. All
 * points are taken where they fit the budget. Else it descends: of the points that differ from the
 * one at hand in one field it goes to the cheapest; where none is cheaper, of those that differ in
 * two; where none is, either, it starts again from a point drawn by the seed.
 *
 * Points are costed in batches by several threads. What a batch holds is decided before it starts
 * and read after it has ended, so that the result does not depend on the number of threads.
 */
#ifndef VRB_EXPLORE_SEARCH_H
#define VRB_EXPLORE_SEARCH_H

#include "vrb.h"

#include <stdbool.h>

#define SPACE_FIELDS 16
#define SPACE_VALUES 64 /* of a field */

/* A point: the value of each field, as an index; and its number in the space. */
struct point {
	uint8_t at[SPACE_FIELDS];
};

struct space_field {
	const char *name;
	unsigned n;			    /* values, 1 .. SPACE_VALUES */
	uint64_t allowed;		    /* bit i: value i takes part; none: all do */
	const char *(*name_of)(unsigned i); /* the name of a value */
	const char *const *names;	    /* or a table of them */
};

/* What a point costs: the first is minimised, of equal ones the second. */
enum { COST_FIRST, COST_SECOND, SPACE_COSTS };

struct space {
	const struct space_field *fields;
	unsigned nfields;
	const void *arg; /* of the callbacks */
	/* Returns 0, or -EINVAL with the reason. */
	int (*legal)(const void *arg, const struct point *p, struct vrb_err *err);
	/* @context: of the thread that calls. Returns 0 or -errno with a line: the search ends. */
	int (*cost)(const void *arg, void *context, const struct point *p, double cost[SPACE_COSTS],
		    struct vrb_err *err);
};

struct costed {
	uint64_t number; /* of the point in the space */
	double cost[SPACE_COSTS];
	bool front; /* no other point is as cheap in one cost and cheaper in the other */
};

struct search_conf {
	uint64_t points;       /* most points to cost, at least 1; legal ones */
	uint64_t seed;	       /* of the restarts */
	unsigned threads;      /* at least 1 */
	void *const *contexts; /* one a thread; may be NULL */
	bool descend;	       /* also where all points fit the budget; for tests */
	/* Called between batches; returns true: end here. May be NULL. */
	bool (*step)(void *arg, uint64_t done);
	void *step_arg;
	bool (*stop)(
		void); /* asked before each point, by all threads: true: end here. May be NULL */
	/* Of a search of the same space that was interrupted: these are not costed again. By number. */
	const struct costed *known;
	uint64_t nknown;
};

/* Why points were excluded. */
#define SEARCH_REASONS 32
struct excluded {
	char why[160];
	uint64_t points;
};

struct search {
	struct costed *points;			  /* by number */
	uint64_t n, best;			  /* best: of points[] */
	uint64_t size;				  /* of the space, of allowed values */
	struct excluded excluded[SEARCH_REASONS]; /* of those that were looked at */
	unsigned nexcluded;
	bool exhaustive;  /* all legal points were costed */
	bool interrupted; /* step() said so: what is there is whole */
};

/** space_size - points of allowed values; 0: more than 2^63, or a field has none. */
uint64_t space_size(const struct space *s);

/** space_point - point number @number, below space_size(). */
struct point space_point(const struct space *s, uint64_t number);

/** space_number - the number of a point of allowed values; UINT64_MAX: a value is not allowed. */
uint64_t space_number(const struct space *s, const struct point *p);

/**
 * space_restrict - leave only some values of some fields.
 * @fields: the space's own, which are changed.
 * @text: "field=value,value;field=value".
 * Returns 0; -EINVAL: a word that is none of the fields or values (the line lists them).
 */
int space_restrict(const struct space *s, struct space_field *fields, const char *text,
		   struct vrb_err *err);

/**
 * search_run - cost points of the space, as many as the budget allows.
 * @out: to be closed by search_close(), on failure too.
 *
 * Returns 0, also if interrupted; -EINVAL: no point is legal; -ENOMEM; or what cost() returned.
 */
int search_run(const struct space *s, const struct search_conf *conf, struct search *out,
	       struct vrb_err *err);

/**
 * search_path - from one point to another, the cheapest legal step each time: of one field, where none is
 * legal of two, and so on.
 * @to: legal, or the path may end before it. @steps: out, nfields + 1 at least: @from first.
 * @context: of cost().
 *
 * Returns how many there are, 1 at least; negative: as cost().
 */
int search_path(const struct space *s, void *context, const struct point *from,
		const struct point *to, struct point *steps, struct vrb_err *err);

void search_close(struct search *s);

/** search_cheaper - by the first cost, then by the others, then by number. */
bool search_cheaper(const struct costed *a, const struct costed *b);

/** search_by_number - an order of struct costed, for qsort() and bsearch(). */
int search_by_number(const void *a, const void *b);

#endif
