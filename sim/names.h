/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * names.h - words out of a fixed set: look one up, and suggest the nearest to a misspelt one.
 */
#ifndef VRB_NAMES_H
#define VRB_NAMES_H

#include "vrb.h"

/** names_skip_mark - the bytes of a UTF-8 byte order mark at the start of a text: 3, or 0. */
size_t names_skip_mark(const char *text, size_t len);

/* How rows are printed: --format. */
enum output_format { FORMAT_TABLE, FORMAT_TSV, FORMAT_JSON };

/* The longest word that is compared; longer ones are nobody's misspelling. */
#define NAMES_WORD_MAX 48

/**
 * names_distance - how many typing mistakes lie between two words.
 *
 * Inserting, leaving out or replacing a letter, or swapping two neighbours, counts one each
 * and no letter is touched twice. Words above NAMES_WORD_MAX letters: UINT_MAX, unless equal.
 * Source: Damerau, CACM 7(3) 1964; the restricted form ("optimal string alignment").
 */
unsigned names_distance(const char *a, const char *b);

/**
 * names_nearest - the name a word was probably meant to be.
 * @names: n names.
 *
 * Returns the nearest name, the first of equals; NULL if it takes more mistakes than a third
 * of the word's length (at least 2) to get there. A name that the word is the beginning of
 * counts as one mistake.
 */
const char *names_nearest(const char *word, const char *const *names, size_t n);

/**
 * names_unknown - complain of a word that is none of the names, and name the nearest.
 * @what: "command". Returns -EINVAL: "unknown command 'rnu': one of run, list; did you mean run?".
 */
int names_unknown(const char *what, const char *word, const char *const *names, size_t n,
		  struct vrb_err *err);

/**
 * names_choice - which of the names is the value of an option?
 * @option: as typed, "--engine".
 * @value: as typed; must be one of the names, letter by letter.
 * @names: n names, n at least 1.
 * @out: its index.
 *
 * Returns 0; -EINVAL: "unknown value for --engine 'nativ': one of native, one-core; did you
 * mean native?".
 */
int names_choice(const char *option, const char *value, const char *const *names, size_t n,
		 unsigned *out, struct vrb_err *err);

/** names_choice_of - the same of an enum: @name_of names its @n values, 16 at most. */
int names_choice_of(const char *option, const char *value, const char *(*name_of)(unsigned),
		    unsigned n, unsigned *out, struct vrb_err *err);

#endif
