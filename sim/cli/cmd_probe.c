/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_probe.c - `vringbench probe`: what this machine is to a ring.
 */
#include "build_info.h"
#include "cli/cli.h"
#include "cli/probe.h"

#include "engine/clock.h"
#include "host/core_share.h"
#include "host/machine.h"
#include "host/noise.h"
#include "names.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <string.h>

struct probe_args {
	enum output_format format;
	const char *cpus, *pair; /* as typed; NULL: not given */
	const char *calibrate;	 /* the file; NULL: not given */
	int drv, dev;
	enum relation relation;
};

struct probe {
	struct machine machine;
	unsigned relations; /* bits 1 << REL_x */
	int cpus;
	struct cpu_pair pair;
	struct vrb_err no_handoff; /* "": there is one */
	struct probe_handoff handoff;
	struct vrb_err no_litmus; /* "": there is one */
	struct litmus litmus;
	struct vrb_err no_core; /* "": its sizes were looked for */
	struct core_size core;
	struct vrb_err no_share; /* "": it was looked at how often the cores are shared */
	double share[2];
	bool lost; /* a CPU of the pair was taken away while it was measured */
	struct probe_timers timers;
	bool pmu;
	char no_pmu[128];
	long huge_free;
	size_t huge_size;
	char invisible[128];
};

static int put_format(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {"table", "json"};
	unsigned i;
	int rc = names_choice(option, arg, names, ARRAY_SIZE(names), &i, err);

	if (!rc)
		*(enum output_format *)to = i ? FORMAT_JSON : FORMAT_TABLE;
	return rc;
}

static const struct args_option options[] = {
	{"--cpus", 'c', false, "D,E", "CPU of the driver, CPU of the device", args_text,
	 offsetof(struct probe_args, cpus)},
	{"--pair", 'p', false, "RELATION", "Choose two CPUs: smt, llc, package or numa", args_text,
	 offsetof(struct probe_args, pair)},
	{"--format", 'f', false, "table|json", "Default: table", put_format,
	 offsetof(struct probe_args, format)},
	{"--calibrate", 0, false, "FILE",
	 "Write what lines cost here as a machine file for the model; up to 25 s", args_text,
	 offsetof(struct probe_args, calibrate)},
	{0},
};

/* What --cpus and --pair name. */
static int check_pair(struct probe_args *a, struct vrb_err *err)
{
	int rc = a->cpus ? cpus_parse("--cpus", a->cpus, &a->drv, &a->dev, err) : 0;

	if (!rc && a->pair)
		rc = relation_parse(a->pair, &a->relation, err);
	if (!rc && a->cpus && a->pair)
		rc = vrb_fail(
			err, EINVAL,
			"--pair %s and --cpus %.40s are mutually exclusive: a pair is chosen by "
			"relation or by number",
			a->pair, a->cpus);
	return rc;
}

/* A pair that was asked for must be there; without one, a single CPU is a finding. */
static int find_pair(const struct probe_args *a, struct probe *p, struct vrb_err *err)
{
	struct placement *place;
	int rc = placement_open(&place, err);

	if (rc)
		return rc;
	p->relations = placement_relations(place);
	p->cpus = placement_cpus(place);
	if (a->cpus)
		rc = placement_pair(place, "--cpus", a->drv, a->dev, &p->pair, err);
	else if (a->pair)
		rc = placement_pick(place, a->relation, &p->pair, err);
	else
		(void)placement_pick(place, REL_ANY, &p->pair, &p->no_handoff);
	placement_close(place);
	return rc;
}

static void look_at_noise(struct probe *p)
{
	struct noise *noise;
	struct vrb_err err;

	if (noise_open(&noise, p->pair.drv, p->pair.dev, &err)) {
		snprintf(p->invisible, sizeof(p->invisible), "%.120s", err.msg);
		return;
	}
	noise_invisible(noise, p->invisible, sizeof(p->invisible));
	noise_close(noise);
}

/* What --calibrate needs; better said before half a minute of measuring than after it. */
static int check_calibrate(const struct probe_args *a, const struct probe *p, struct vrb_err *err)
{
	struct vrb_err why;

	if (!a->calibrate)
		return 0;
	if (p->cpus < 2)
		return vrb_fail(err, EINVAL,
				"--calibrate measures between two CPUs and this process may use %d",
				p->cpus);
	if (*p->no_handoff.msg)
		return vrb_fail(err, EINVAL, "--calibrate: %.480s", p->no_handoff.msg);
	if (latency_may_save(a->calibrate, &why))
		return vrb_fail(err, EINVAL, "--calibrate: %.480s", why.msg);
	return 0;
}

/* Only a guest's CPUs move between placement classes: elsewhere one is all there is. */
static void look_at_lines(const struct probe_args *a, struct probe *p)
{
	unsigned classes = strcmp(p->machine.hypervisor, "none") ? 2 : 1;

	if (*p->no_handoff.msg)
		p->no_litmus = p->no_handoff;
	else
		p->lost |= probe_litmus(&p->pair, a->calibrate ? classes : 0, &p->litmus,
					&p->no_litmus) == -EINVAL;
}

static void look_who_shares(struct probe *p)
{
	uint32_t reorder[2] = {0, 0};

	if (*p->no_handoff.msg) {
		p->no_share = p->no_handoff;
		return;
	}
	if (*p->no_core.msg) {
		p->no_share = p->no_core;
		return;
	}
	core_size_reorder(&p->pair, reorder);
	/* the longer looks, at either, may have seen more than half of it */
	for (unsigned i = 0; i < 2; i++)
		reorder[i] = p->core.reorder > reorder[i] ? p->core.reorder : reorder[i];
	if (reorder[0] && reorder[1])
		core_share_watch(&p->pair, reorder, p->share, &p->no_share);
	else
		vrb_fail(&p->no_share, ENOTSUP, "times show no end of a reorder buffer");
}

/*
 * Of each CPU of the pair, without one of that this runs on. The largest that any look has seen counts: who shares a core
 * may stay for seconds, and halves what is seen.
 */
static void look_at_core(struct probe *p)
{
	const int here = sched_getcpu();
	const struct cpu_pair alone = {.drv = here, .dev = here};
	const struct cpu_pair pairs[] = {p->pair, {.drv = p->pair.dev, .dev = p->pair.drv}};
	const struct cpu_pair *of = *p->no_handoff.msg ? &alone : pairs;

	for (size_t i = 0; i < (of == pairs ? ARRAY_SIZE(pairs) : 1); i++) {
		struct vrb_err why = {""};
		struct core_size now;

		if (core_size_measure(&of[i], &now, &why)) {
			/* another look may tell */
			if (!p->core.store_buffer && !p->core.reorder)
				p->no_core = why;
			continue;
		}
		*p->no_core.msg = '\0';
		if (now.store_buffer > p->core.store_buffer)
			p->core.store_buffer = now.store_buffer;
		if (now.reorder > p->core.reorder)
			p->core.reorder = now.reorder;
	}
}

static int probe_all(const struct probe_args *a, struct probe *p, struct vrb_err *err)
{
	int rc = find_pair(a, p, err);

	if (!rc)
		rc = check_calibrate(a, p, err);
	if (rc)
		return rc;
	machine_read(&p->machine);
	if (!*p->no_handoff.msg)
		p->lost = probe_handoff(&p->pair, &p->handoff, &p->no_handoff) == -EINVAL;
	look_at_core(p);
	look_at_lines(a, p);
	if (a->calibrate)
		look_at_core(p);
	look_who_shares(p);
	probe_timers(&p->timers);
	p->pmu = probe_pmu(p->no_pmu, sizeof(p->no_pmu));
	p->huge_free = memory_huge_free();
	p->huge_size = memory_huge_size();
	look_at_noise(p);
	return 0;
}

static void line(const char *name, const char *value)
{
	printf("%-14s %s\n", name, *value ? value : "not visible here");
}

static void print_handoff(const struct probe *p)
{
	const struct probe_handoff *h = &p->handoff;
	bool several = place_class_of(h->min) != place_class_of(h->max);

	printf("%-14s", "relations");
	for (unsigned r = 0; r < REL_COUNT; r++) {
		if (p->relations & 1u << r)
			printf(" %s", relation_name((enum relation)r));
	}
	printf("%s (claimed by the topology)\n", p->relations ? "" : " none");
	if (*p->no_handoff.msg) {
		printf("%-14s unavailable: %s\n", "hand-off", p->no_handoff.msg);
		return;
	}
	printf("%-14s driver %d, device %d, claimed %s\n", "pair", p->pair.drv, p->pair.dev,
	       relation_name(p->pair.claimed));
	printf("%-14s median %.1f ns one way, min %.1f, max %.1f; class %s", "hand-off", h->median,
	       h->min, h->max, place_class_name(h->place));
	printf("; the class changed %u times in %u probes%s\n", h->class_changes, h->n,
	       several ? ", so expect sessions of several classes" : "");
	if (h->n < PROBE_REPEATS)
		printf("%-14s %u probes did not end\n", "", PROBE_REPEATS - h->n);
}

static void print_timers(const struct probe *p)
{
	const struct probe_timers *t = &p->timers;

	line("tsc", p->machine.tsc);
	line("clocksource", p->machine.clocksource);
	printf("%-14s resolution %.0f ns, smallest step %.0f ns, %.1f ns a call\n", "clock_gettime",
	       t->clock_resolution, t->clock_step, t->clock_cost);
	if (isfinite(t->tsc_step))
		printf("%-14s median step %.0f ticks = %.1f ns, %.1f ns a read\n", "counter",
		       t->tsc_step_ticks, t->tsc_step, t->tsc_cost);
	else
		printf("%-14s unavailable: no counter that a program can read\n", "counter");
	printf("%-14s %.1f ns\n", "pause", t->pause_cost);
}

static void print_entries(const char *what, unsigned n, const char *unit)
{
	if (n)
		printf("%s of %u %s", what, n, unit);
	else
		printf("%s unavailable: its times show no end of it", what);
}

static void print_core(const struct probe *p)
{
	printf("%-14s ", "core");
	if (*p->no_core.msg) {
		printf("unavailable: %s\n", p->no_core.msg);
		return;
	}
	print_entries("store buffer", p->core.store_buffer, "stores");
	print_entries(", reorder buffer", p->core.reorder, "instructions");
	printf(", by times%s\n", *p->no_handoff.msg ? "" : ", while the other CPU is busy");
}

static void print_share(const struct probe *p)
{
	if (*p->no_share.msg)
		printf("%-14s unavailable: %s\n", "core shared", p->no_share.msg);
	else
		printf("%-14s at %.0f %% of %u looks the driver's, at %.0f %% the device's%s\n",
		       "core shared", 100 * p->share[0], CORE_SHARE_LOOKS, 100 * p->share[1],
		       p->handoff.place == CLASS_SMT ? ": by each other, if it is one core" : "");
}

static void print_memory(const struct probe *p)
{
	printf("%-14s 4k; thp for shared memory: %s; ", "pages",
	       *p->machine.thp ? p->machine.thp : "not visible here");
	if (p->huge_size == 0)
		printf("huge: unavailable, this kernel has none\n");
	else if (p->huge_free < 0)
		printf("huge: %zu KiB, free ones not visible here\n", p->huge_size / 1024);
	else
		printf("huge: %ld free of %zu KiB\n", p->huge_free, p->huge_size / 1024);
	printf("%-14s %d\n", "nodes", p->machine.nodes);
}

static void print_table(const struct probe *p)
{
	line("host", p->machine.hostname);
	line("cpu", p->machine.cpu_model);
	line("", p->machine.cpu_id);
	line("kernel", p->machine.kernel);
	line("hypervisor", p->machine.hypervisor);
	printf("%-14s %d online, %d for this process, smt %s\n", "cpus", p->machine.cpus_online,
	       p->cpus, p->machine.smt_visible ? "visible" : "not visible");
	print_handoff(p);
	print_timers(p);
	print_core(p);
	print_share(p);
	print_memory(p);
	printf("%-14s %s%s\n", "pmu",
	       p->pmu ? "yes, cycles can be counted" : "unavailable: ", p->no_pmu);
	printf("%-14s %s\n", "invisible", *p->invisible ? p->invisible : "nothing");
	probe_litmus_print(&p->litmus, &p->no_litmus);
}

/* A string that this machine does not show is null, never "". */
static json_t *text_or_null(const char *v)
{
	return *v ? json_string(v) : json_null();
}

static json_t *handoff_json(const struct probe *p)
{
	const struct probe_handoff *h = &p->handoff;
	json_t *ns;

	if (*p->no_handoff.msg)
		return json_pack("{s:n, s:s}", "median_ns", "unavailable", p->no_handoff.msg);
	ns = json_array();
	for (unsigned i = 0; i < h->n; i++)
		json_array_append_new(ns, json_real(h->ns[i]));
	return json_pack("{s:i, s:i, s:s, s:f, s:f, s:f, s:s, s:i, s:o}", "driver_cpu", p->pair.drv,
			 "device_cpu", p->pair.dev, "claimed", relation_name(p->pair.claimed),
			 "median_ns", h->median, "min_ns", h->min, "max_ns", h->max, "class",
			 place_class_name(h->place), "class_changes", (int)h->class_changes,
			 "all_ns", ns);
}

static json_t *timers_json(const struct probe *p)
{
	const struct probe_timers *t = &p->timers;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "tsc",
			 text_or_null(p->machine.tsc), "clocksource",
			 text_or_null(p->machine.clocksource), "clock_resolution_ns",
			 session_real(t->clock_resolution), "clock_step_ns",
			 session_real(t->clock_step), "clock_cost_ns", session_real(t->clock_cost),
			 "counter_step_ticks", session_real(t->tsc_step_ticks), "counter_step_ns",
			 session_real(t->tsc_step), "counter_cost_ns", session_real(t->tsc_cost),
			 "pause_ns", session_real(t->pause_cost));
}

/* Of looks at a side's core, 0 .. 1. */
static json_t *share_json(const struct probe *p, unsigned side)
{
	return *p->no_share.msg ? json_null() : session_real(p->share[side]);
}

/* null: unavailable. */
static json_t *core_json(const struct probe *p)
{
	const struct core_size *c = &p->core;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "shared_driver", share_json(p, 0),
			 "shared_device", share_json(p, 1), "shared_unavailable",
			 text_or_null(p->no_share.msg), "store_buffer",
			 c->store_buffer ? json_integer(c->store_buffer) : json_null(), "reorder",
			 c->reorder ? json_integer(c->reorder) : json_null(), "unavailable",
			 text_or_null(p->no_core.msg));
}

static json_t *machine_json(const struct probe *p)
{
	const struct machine *m = &p->machine;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:b}", "hostname",
			 text_or_null(m->hostname), "cpu_model", text_or_null(m->cpu_model),
			 "cpu_id", text_or_null(m->cpu_id), "kernel", text_or_null(m->kernel),
			 "hypervisor", text_or_null(m->hypervisor), "cpus_online", m->cpus_online,
			 "cpus_allowed", p->cpus, "nodes", m->nodes, "smt_visible", m->smt_visible);
}

static void print_json(const struct probe *p)
{
	json_t *relations = json_array();
	json_t *root;

	for (unsigned r = 0; r < REL_COUNT; r++) {
		if (p->relations & 1u << r)
			json_array_append_new(relations,
					      json_string(relation_name((enum relation)r)));
	}
	root = json_pack(
		"{s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:{s:b, s:o}, s:s, s:o}",
		"version", BUILD_VERSION, "commit", BUILD_COMMIT, "dirty", BUILD_DIRTY, "compiler",
		BUILD_COMPILER, "machine", machine_json(p), "relations", relations, "handoff",
		handoff_json(p), "timers", timers_json(p), "core", core_json(p), "pages", "thp",
		text_or_null(p->machine.thp), "huge_bytes",
		p->huge_size ? json_integer((json_int_t)p->huge_size) : json_null(), "huge_free",
		p->huge_free >= 0 ? json_integer((json_int_t)p->huge_free) : json_null(), "pmu",
		"available", p->pmu, "why_not", text_or_null(p->no_pmu), "invisible", p->invisible,
		"litmus", probe_litmus_json(&p->litmus, &p->no_litmus));
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(root);
}

static enum vrb_exit calibrate(const char *file, const struct probe *p, struct vrb_err *err)
{
	struct latency_machine m;

	if (*p->no_litmus.msg) {
		vrb_fail(err, EAGAIN, "machine file %.100s is not written: %.380s", file,
			 p->no_litmus.msg);
		return EXIT_NOT_WRITTEN;
	}
	probe_calibrated(&p->litmus, &p->core, &p->machine, &m);
	if (latency_save(file, &m, err))
		return EXIT_NOT_WRITTEN;
	fprintf(stderr, "machine file %s:", file);
	for (unsigned i = 0; i < m.nplaces; i++)
		fprintf(stderr, "%s %s", i ? "," : "", m.places[i].name);
	fputs(m.nplaces > 1 ? "\n" : "; no other placement class was seen\n", stderr);
	return EXIT_DONE;
}

static enum vrb_exit probe(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct probe_args *a = asked;
	struct probe p = {0};

	(void)operands;
	if (clock_goes(err) || check_pair(a, err) || probe_all(a, &p, err))
		return EXIT_USAGE;
	if (a->format == FORMAT_JSON)
		print_json(&p);
	else
		print_table(&p);
	if (a->calibrate && calibrate(a->calibrate, &p, err))
		return EXIT_NOT_WRITTEN;
	if (p.lost)
		vrb_fail(err, EINVAL, "%.480s",
			 *p.no_handoff.msg ? p.no_handoff.msg : p.no_litmus.msg);
	return p.lost ? EXIT_INVALID : EXIT_DONE;
}

const struct tool tool_probe = {
	.args = {.name = "probe",
		 .options = options,
		 .doc = "Shows what this machine is to a ring: the CPU pair, what a hand-off "
			"between the two costs, clocks, pages, what cannot be seen here, and which "
			"coherence protocol the two behave like.\v"
			"Exit status: 0, 2 usage, 4 a CPU of the pair was taken away meanwhile, 5 the "
			"machine file of --calibrate could not be written."},
	.size = sizeof(struct probe_args),
	.defaults = &(const struct probe_args){.relation = REL_ANY},
	.run = probe,
};
