/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session.c - fuzz target: session files, and all that reads one: tables, data, pages without plots,
 * exports, comparisons.
 *
 * Bytes that change at random are rarely JSON. So most mutations change a number or a word between two
 * commas, or lines as a whole.
 */
#include "fuzz.h"

#include "analysis/ab.h"
#include "analysis/compare.h"
#include "analysis/loaded.h"
#include "present/page.h"
#include "present/report.h"
#include "session/head.h"

#include <string.h>

/* Rows beyond which reading is only slow, not different. */
#define SIZE_MOST (256 * 1024)

static void compare_itself(const struct loaded *l)
{
	const struct session *s = &l->session;
	struct loaded both[2] = {*l, *l};
	struct vrb_err err = {""};
	struct compared c;
	int rc;

	rc = session_kind(s) == SESSION_AB ? ab_again(&c, s, &err)
					   : compare_make(&c, both, 1, 0.02, false, &err);
	fuzz_returned(rc, &err);
	if (rc)
		return;
	fuzz_returned(report_comparison(fuzz_sink(), &c, FORMAT_TABLE, &err), &err);
	compare_free(&c);
}

static void present(const struct loaded *l)
{
	static present_fn *const tables[] = {report_rows, report_effects, report_launches};
	static const enum output_format formats[] = {FORMAT_TABLE, FORMAT_TSV, FORMAT_JSON};
	const struct texts lost = {0};
	struct vrb_err err, plots;

	for (size_t i = 0; i < ARRAY_SIZE(tables) && session_kind(&l->session) != SESSION_AB; i++)
		for (size_t f = 0; f < ARRAY_SIZE(formats); f++)
			fuzz_returned(
				tables[i](fuzz_sink(), &l->session, &l->summary, formats[f], &err),
				&err);
	fuzz_returned(page_put(fuzz_sink(), MARKUP_MARKDOWN, l, 1, &lost, NULL, &plots, &err),
		      &err);
	fuzz_returned(page_answers(fuzz_sink(), l, 1, &lost, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrb_err err = {""};
	struct session brief;
	struct loaded l;
	const char *path;
	int rc;

	if (size > SIZE_MOST)
		return 0;
	path = fuzz_file(data, size);
	rc = session_load_brief(path, &brief, &err);
	fuzz_returned(rc, &err);
	if (!rc)
		session_free(&brief);
	rc = loaded_open(path, &l, &err);
	fuzz_returned(rc, &err);
	if (rc)
		return 0;
	present(&l);
	compare_itself(&l);
	loaded_close(&l);
	return 0;
}

/* ---- mutations ---- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* Replace data[from, to) by a text. Returns the new size; the old one where it does not fit. */
static size_t replace(uint8_t *data, size_t size, size_t most, size_t from, size_t to,
		      const void *text, size_t len)
{
	if (size - (to - from) + len > most)
		return size;
	memmove(data + from + len, data + to, size - to);
	if (len)
		memcpy(data + from, text, len);
	return size - (to - from) + len;
}

static size_t line_at(const uint8_t *data, size_t size, size_t at, size_t *end)
{
	const uint8_t *stop = memchr(data + at, '\n', size - at);

	while (at && data[at - 1] != '\n')
		at--;
	*end = stop ? (size_t)(stop - data) + 1 : size;
	return at;
}

/* A line twice, away, or elsewhere. */
static size_t mutate_line(uint8_t *data, size_t size, size_t most, unsigned r)
{
	static uint8_t line[SIZE_MOST];
	size_t end, from = line_at(data, size, r / 4 % size, &end);
	const size_t len = end - from;

	if (len > sizeof(line))
		return size;
	memcpy(line, data + from, len);
	if (r & 1)
		size = replace(data, size, most, from, end, NULL, 0);
	if (!size || (r & 3) == 1)
		return size;
	from = line_at(data, size, (r * 2654435761u) / 4 % size, &end);
	return replace(data, size, most, from, from, line, len);
}

/* What stands between two of `,:[]{}`: another value. */
static size_t mutate_value(uint8_t *data, size_t size, size_t most, unsigned r)
{
	static const char *const values[] = {"0",
					     "1",
					     "2",
					     "3",
					     "-1",
					     "null",
					     "true",
					     "[]",
					     "{}",
					     "\"\"",
					     "\"x\"",
					     "1e308",
					     "-1e308",
					     "1e-320",
					     "0.5",
					     "7",
					     "64",
					     "65535",
					     "65536",
					     "2147483648",
					     "4294967295",
					     "4294967296",
					     "9223372036854775807",
					     "\"18446744073709551615\"",
					     "\"baseline\"",
					     "\"near\"",
					     "\"far\"",
					     "\"\\u001b[31m\"",
					     "\"<b>&\\\"'</b>\"",
					     "\"in-order\"",
					     "\"rx\"",
					     "\"tx\"",
					     "\"%s%n\""};
	const char *value = values[r % ARRAY_SIZE(values)];
	size_t from = (r * 2654435761u) % size, to;

	while (from && !strchr(",:[{\n", data[from - 1]))
		from--;
	for (to = from; to < size && !strchr(",:]}\n", data[to]); to++)
		;
	return replace(data, size, most, from, to, value, strlen(value));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	const unsigned r = seed / 8 * 2246822519u ^ seed >> 7;

	if (!size || seed % 8 == 0)
		return LLVMFuzzerMutate(data, size, most);
	return seed % 8 < 3 ? mutate_line(data, size, most, r) : mutate_value(data, size, most, r);
}
