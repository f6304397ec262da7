/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * groups.c - what is asked of the groups of a session: hand-off, null row, words of a title.
 */
#include "analysis/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *pieces_words(const struct session *s, const struct cell *c, char *buf, size_t size)
{
	const json_t *plan = json_object_get(s->head, "plan");
	const json_t *payloads = json_object_get(plan, "payloads");
	const json_t *pieces = json_object_get(plan, "buffers_per_packet");

	buf[0] = '\0';
	for (size_t i = 0; c->dir == DIR_RX && i < json_array_size(payloads); i++) {
		const json_int_t n = json_integer_value(json_array_get(pieces, i));

		if (json_integer_value(json_array_get(payloads, i)) == c->payload && n > 1)
			snprintf(buf, size, ", %lld buffers a packet", (long long)n);
	}
	return buf;
}

double figure_ns(const struct sample *m, unsigned side)
{
	(void)side;
	return sample_ns(m);
}

double figure_handoff_ns(const struct sample *m, unsigned side)
{
	(void)side;
	return sample_handoff_ns(m);
}

double figure_handoffs(const struct sample *m, unsigned side)
{
	(void)side;
	return sample_handoff_ns(m) > 0 ? sample_ns(m) / sample_handoff_ns(m) : (double)NAN;
}

double figure_empty_polls(const struct sample *m, unsigned side)
{
	return (double)sample_side(m, side)->empty_polls / (double)m->buffers;
}

size_t row_values(const struct sample *from, unsigned n, const struct cell *cell,
		  enum place_class place, sample_figure_fn *figure, unsigned side, double *out)
{
	size_t known = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!sample_in_row(&from[i], cell, place))
			continue;
		out[known] = figure(&from[i], side);
		known += isfinite(out[known]) ? 1 : 0;
	}
	return known;
}

double row_median(const struct sample *from, unsigned n, const struct cell *cell,
		  enum place_class place, sample_figure_fn *figure, unsigned side, double *room)
{
	return stats_median(room, row_values(from, n, cell, place, figure, side, room));
}

uint32_t cell_parameter(const struct cell *c, unsigned parameter)
{
	return parameter == RING_SIZE ? c->ring_size : parameter == BURST ? c->burst : c->payload;
}

const char *parameter_words(const struct cell *c, unsigned parameter, char *buf)
{
	return parameter == BURST ? cell_burst_words(c, buf)
				  : burst_words(cell_parameter(c, parameter), 0, 0, buf);
}

bool parameter_varies(const struct session *s, unsigned parameter)
{
	for (unsigned i = 1; i < s->ncells; i++) {
		char a[BURST_WORDS], b[BURST_WORDS];

		if (strcmp(parameter_words(&s->cells[i], parameter, a),
			   parameter_words(&s->cells[0], parameter, b)) != 0)
			return true;
	}
	return false;
}

bool first_of_group(const struct session *s, unsigned cell)
{
	for (unsigned i = 0; i < cell; i++)
		if (s->cells[i].group == s->cells[cell].group)
			return false;
	return true;
}

unsigned group_cells(const struct session *s, uint32_t group, const struct cell **out)
{
	unsigned n = 0;

	for (int null_row = 0; null_row < 2; null_row++)
		for (unsigned i = 0; i < s->ncells; i++)
			if (s->cells[i].group == group &&
			    (s->cells[i].role == ROLE_NULL) == null_row)
				out[n++] = &s->cells[i];
	return n;
}

int each_row(const struct session *s, row_fn *row, void *arg)
{
	const struct cell **cells = calloc((size_t)s->ncells + 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	for (unsigned i = 0; i < s->ncells; i++) {
		const unsigned n =
			first_of_group(s, i) ? group_cells(s, s->cells[i].group, cells) : 0;

		for (unsigned k = 0; k < n * CLASS_COUNT; k++)
			row(arg, cells[k % n], (enum place_class)(k / n));
	}
	free(cells);
	return 0;
}

double group_handoff_ns(const struct session *s, uint32_t group, enum place_class place)
{
	double *v = malloc((s->nsamples + 1) * sizeof(*v));
	size_t n = 0;

	if (!v)
		return (double)NAN;
	for_each (m, s->samples, s->nsamples) {
		if (s->cells[m->cell].group == group && m->place == place && sample_used(m) &&
		    isfinite(sample_handoff_ns(m)))
			v[n++] = sample_handoff_ns(m);
	}
	double mid = stats_median(v, n);

	free(v);
	return mid;
}

const char *class_words(const struct session *s, enum place_class place)
{
	if (place != CLASS_NONE)
		return place_class_name(place);
	/* A native group has no class only when it has no sample that could be used. */
	return *head_string(s, NULL, "engine") == 'o' ? "one core" : "no class";
}
