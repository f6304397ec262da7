/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.c - what the counters of a session say, per buffer: figures, and these as data.
 */
#include "analysis/events.h"

#include "analysis/groups.h"

#include <string.h>

/* ---- figures ---- */

bool events_counted(const struct session *s)
{
	return s->counted[EVENTS_DRIVER].n > 0;
}

bool events_believed(const struct perfctr_event *e)
{
	return e->state != EVENT_UNAVAILABLE && e->state != EVENT_IMPLAUSIBLE;
}

/*
 * Only what ran all the time is a count: nothing is scaled. Where one side's group did not, the
 * other's count is left out, too: both columns of a row speak of the same samples.
 */
static bool counted_whole(const struct sample *m, enum events_side side)
{
	const struct counter_values *v = &sample_side(m, side)->counters;

	return !(m->flags & SAMPLE_PART_COUNTED) && v->running_ns && v->running_ns >= v->enabled_ns;
}

static double event_median(const struct session *s, const struct summary_row *row,
			   enum events_side side, unsigned event, double *room, unsigned *n)
{
	*n = 0;
	for_each (m, s->samples, s->nsamples) {
		uint64_t v = sample_side(m, side)->counters.value[event];

		if (sample_in_row(m, row->cell, row->place) && counted_whole(m, side) &&
		    v != EVENT_NOT_COUNTED)
			room[(*n)++] = (double)v / (double)m->buffers;
	}
	return stats_median(room, *n);
}

static void fill_software(const struct session *s, const struct summary_row *row,
			  enum events_side side, double *room, struct events_part *out)
{
	unsigned n = 0, timed = 0;

	for_each (m, s->samples, s->nsamples) {
		const struct side_counts *c = sample_side(m, side);

		if (!sample_in_row(m, row->cell, row->place))
			continue;
		if (c->task_ns) /* older files have none, nor do other engines */
			room[timed++] = (double)c->task_ns / (double)m->buffers;
		out->switches += (double)(c->vol_switches + c->invol_switches);
		out->migrations += (double)c->migrations;
		out->faults += (double)(c->minor_faults + c->major_faults);
		n++;
	}
	out->task_ns = stats_median(room, timed);
	/* none: 0 / 0 is NAN, not known */
	out->switches /= n;
	out->migrations /= n;
	out->faults /= n;
}

void events_part(const struct session *s, const struct summary_row *row, enum events_side side,
		 double *room, struct events_part *out)
{
	const struct perfctr_list *list = &s->counted[side];

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		out->per_buffer[i] = (double)NAN;
		if (i < list->n && events_believed(&list->events[i]))
			out->per_buffer[i] = event_median(s, row, side, i, room, &out->n[i]);
	}
	fill_software(s, row, side, room, out);
}

unsigned events_samples(const struct events_part *part)
{
	unsigned most = 0;

	for (unsigned i = 0; i < EVENTS_MAX; i++)
		most = part->n[i] > most ? part->n[i] : most;
	return most;
}

/* ---- as data ---- */

void events_key(const struct perfctr_list *list, unsigned event, char *buf, size_t size)
{
	bool again = false;

	for (unsigned i = 0; i < event; i++)
		again |= !strcmp(list->events[i].name, list->events[event].name);
	snprintf(buf, size, "%s%s", list->events[event].name, again ? "_asked" : "");
}

static json_t *part_json(const struct perfctr_list *list, const struct events_part *part)
{
	json_t *o = json_pack(
		"{s:I, s:o, s:o, s:o, s:o}", "samples", (json_int_t)events_samples(part), "task_ns",
		session_real(part->task_ns), "switches_per_sample", session_real(part->switches),
		"migrations_per_sample", session_real(part->migrations), "faults_per_sample",
		session_real(part->faults));

	for (unsigned i = 0; o && i < list->n; i++) {
		char key[EVENT_NAME + 8];

		events_key(list, i, key, sizeof(key));
		json_object_set_new(o, key, session_real(part->per_buffer[i]));
	}
	return o;
}

json_t *events_json(const struct session *s, const struct summary_row *row, double *room)
{
	struct events_part parts[EVENTS_SIDES];

	for (unsigned side = 0; side < EVENTS_SIDES; side++)
		events_part(s, row, (enum events_side)side, room, &parts[side]);
	return json_pack("{s:o, s:o}", side_name(EVENTS_DRIVER),
			 part_json(&s->counted[EVENTS_DRIVER], &parts[EVENTS_DRIVER]),
			 side_name(EVENTS_DEVICE),
			 part_json(&s->counted[EVENTS_DEVICE], &parts[EVENTS_DEVICE]));
}
