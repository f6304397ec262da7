/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history.h - many sessions over commits, in their order, by machine.
 */
#ifndef VRB_HISTORY_H
#define VRB_HISTORY_H

#include "analysis/alike.h"
#include "session/session.h"

/* A cell in a class, in one session. */
struct history_time {
	double log;	   /* mean of the logarithms of its launches' medians, ns per buffer */
	double half;	   /* of its 95 % interval (Student's t); NAN: one launch */
	unsigned launches; /* 0: the class was not seen */
};

/* A session of a history. */
struct history_entry {
	struct session s;	    /* without its samples */
	struct history_time *times; /* [cell * CLASS_COUNT + class] */
	const char *commit;	    /* "": the session does not say it */
	bool dirty;		    /* with changes that are in no commit */
	unsigned place;		    /* of its commit, among those of the history */
	unsigned line;		    /* of its commit in the order file, from 1; 0: there is none */
	unsigned
		merged; /* sessions of the same commit, machine and cells whose launches it has, too */
	unsigned group;
};

/* Sessions of one machine and one set of policies: times of two groups are not compared. */
struct history_group {
	unsigned *entries; /* in their order */
	unsigned n;
};

struct history {
	struct history_entry *v; /* oldest first */
	unsigned n, commits;
	struct history_group *groups;
	unsigned ngroups;
	unsigned copies;       /* files that hold a session that another one holds */
	unsigned not_in_order; /* sessions of commits that the order file does not list */
	unsigned invalid;      /* files that were left out, with skip_invalid */
};

struct history_options {
	const char *order; /* a file of commits, oldest first; NULL: by the time of measuring */
	const char *
		page; /* --page: a file that is to be written, so no session may be it; NULL: none */
	bool skip_invalid; /* leave out, with a line on stderr, what is no whole session */
};

/**
 * history_open - read sessions and put them in order.
 * @paths: files, and directories, of which all *.jsonl are read.
 *
 * A commit stands where --order has it, or where its first session was begun ("started" of the head):
 * measured again later it stays there. Sessions of the same commit, machine and cells are one entry,
 * of all their launches.
 *
 * Returns 0; -EBADMSG: a file is no whole session, or a run that failed; -ENOENT, -EINVAL, ...: a file
 * cannot be read, there is no session, or the order file is not one; -ENOMEM. @err has the line.
 */
int history_open(struct history *out, char *const *paths, unsigned n,
		 const struct history_options *options, struct vrb_err *err);
void history_close(struct history *h);

/** history_commit - "1234567890ab", with "+" behind it if there were changes; "?": not known. */
const char *history_commit(const struct history_entry *e, char buf[32]);

#endif
