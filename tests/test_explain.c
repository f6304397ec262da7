/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_explain.c - what the model did, told access by access (--trace) and burst by burst
 * (explain): that it is complete, consistent with itself and with what is counted, and that
 * what makes no sense is refused.
 */
#include "coherence/protocol.h"
#include "spawned.h"

#include <jansson.h>
#include <sys/stat.h>

#define LINES_MAX 4096

static const char *const variants[] = {
	"baseline",
	"shadow-avail",
	"fixed-layout",
	"in-order",
	"vectorized",
	"vectorized+in-order",
	"spsc",
	"packed",
	"packed+in-order",
	"packed+vectorized+in-order",
};
static const char *const directions[] = {"rx", "tx"};
static const char *const protocols[] = {"mesi", "mesif", "moesi", "moesi-migratory"};

static char *read_file(const char *dir, const char *name)
{
	char path[256];
	struct stat st;
	char *text;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	cr_assert(f && !fstat(fileno(f), &st), "%s", path);
	text = calloc(1, (size_t)st.st_size + 1);
	cr_assert(text && fread(text, 1, (size_t)st.st_size, f) == (size_t)st.st_size, "%s", path);
	fclose(f);
	return text;
}

/* ---- the trace ---- */

/* A line of a trace. */
struct access {
	double time_ns, cost_ns;
	char agent[8], verb[12], states[8], what[16], cost[16], field[64];
	size_t offset, size, line;
};

static bool parse_access(const char *text, struct access *a)
{
	return sscanf(text, "%lf %7s %11s %zu %zu %zu %7s %15s %15s %63[^\n]", &a->time_ns,
		      a->agent, a->verb, &a->offset, &a->size, &a->line, a->states, a->what,
		      a->cost, a->field) == 10;
}

/* Runs the model with a trace; returns the trace's text. */
static char *traced(const char *dir, const char *options, char **json)
{
	freed_by(spawn_free) struct spawned s;
	char line[512], *text;

	snprintf(line, sizeof(line), "--engine model %s --json s.jsonl --trace t --format json",
		 options);
	spawn_words(&s, dir, "%s", line);
	cr_assert_eq(s.code, EXIT_DONE, "%s: exit %d: %s", line, s.code, s.err);
	cr_assert(strstr(s.err, "trace: t"), "%s: %s", line, s.err);
	text = read_file(dir, "t");
	if (json)
		*json = strdup(s.out);
	return text;
}

/* Accesses of both sides that the session counted for one row, per buffer. */
static double counted(json_t *rows, const char *variant, const char *dir)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "variant")), variant) != 0 ||
		    strcmp(json_string_value(json_object_get(row, "direction")), dir) != 0)
			continue;
		return json_number_value(
			       json_object_get(json_object_get(row, "driver"), "accesses")) +
		       json_number_value(
			       json_object_get(json_object_get(row, "device"), "accesses"));
	}
	cr_assert_fail("no row for %s %s", variant, dir);
	return 0;
}

/* With a timed phase of one lap, all that is counted is in the trace. */
static void check_complete(const char *options, unsigned buffers)
{
	TEMP_DIR(dir);
	char *text, *json, variant[40] = "", direction[8] = "";
	size_t lines = 0, sections = 0;
	json_t *root, *rows;

	text = traced(dir, options, &json);
	root = json_loads(json, 0, NULL);
	rows = json_object_get(root, "rows");
	cr_assert(json_is_array(rows), "%s", json);
	for (char *at = strtok(text, "\n");; at = strtok(NULL, "\n")) {
		char next[40], next_direction[8];
		struct access a;
		bool head = at && sscanf(at, "# %39s %7[rtx], ring", next, next_direction) == 2 &&
			    strstr(at, ", ring ");

		if ((head || !at) && *variant) {
			cr_assert_eq((size_t)lround(counted(rows, variant, direction) * buffers),
				     lines, "%s: %s %s: %zu lines, counted %g a buffer", options,
				     variant, direction, lines, counted(rows, variant, direction));
			sections++;
		}
		if (!at)
			break;
		if (head) {
			snprintf(variant, sizeof(variant), "%s", next);
			snprintf(direction, sizeof(direction), "%s", next_direction);
			lines = 0;
		} else if (*at != '#' && parse_access(at, &a)) {
			lines += strcmp(a.verb, "prefetches") != 0;
		} else {
			cr_assert_eq(*at, '#', "%s: not a line of a trace: %s", options, at);
		}
	}
	cr_assert_eq(sections, json_array_size(rows), "%s: a section for each row", options);
	json_decref(root);
	free(json);
	free(text);
}

Test(trace, holds_every_access_of_a_phase_of_one_lap)
{
	static const char *const settings[] = {
		"--payload 0",
		"--payload 100",
		"--mode timed",
		"--burst 5",
		"--prefetch --line 32",
		"--publish buffer",
		"--cache 8x2 --payload 8",
		"--tx-header none --payload 20",
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		char options[160];

		snprintf(options, sizeof(options),
			 "--variant all,spsc "
			 "--ring-size 64 --burst 4 --buffers 64 %s",
			 settings[i]);
		check_complete(options, 64);
	}
}

/* The states after an access to a line are those before the next one, and change as they may. */
static void check_states(const char *protocol)
{
	TEMP_DIR(dir);
	char options[160], last[LINES_MAX][3] = {""}, *text;

	snprintf(options, sizeof(options),
		 "--variant shadow-avail,in-order --ring-size 64 --burst 4 --payload 16 "
		 "--protocol %s",
		 protocol);
	text = traced(dir, options, NULL);
	for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
		const char *after;
		struct access a;

		if (*at == '#') {
			memset(last, 0, sizeof(last));
			continue;
		}
		cr_assert(parse_access(at, &a) && a.line < LINES_MAX, "%s", at);
		cr_assert_eq(a.offset / 64, a.line, "%s", at);
		cr_assert_leq(a.offset % 64 + a.size, 64, "split at the border: %s", at);
		if (*last[a.line])
			cr_assert_arr_eq(last[a.line], a.states, 2, "%s: was %s: %s", protocol,
					 last[a.line], at);
		after = strstr(a.states, "->") ? a.states + 4 : a.states;
		if (!strcmp(a.what, "hit"))
			cr_assert_eq(after, a.states, "a hit changes nothing: %s", at);
		/* who may write is alone with the line */
		cr_assert(!strpbrk(after, "MET") || strchr(after, 'I'), "%s", at);
		cr_assert_eq(!strcmp(a.cost, "-"),
			     !strcmp(a.what, "hit") || !strcmp(a.what, "silent"), "%s", at);
		memcpy(last[a.line], after, 2);
	}
	free(text);
}

Test(trace, states_of_a_line_follow_from_one_another)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		check_states(protocols[i]);
}

Test(trace, is_the_same_each_time)
{
	TEMP_DIR(dir);
	char *first, *second;

	first = traced(dir, "--ring-size 16 --burst 4 --mode timed", NULL);
	second = traced(dir, "--ring-size 16 --burst 4 --mode timed", NULL);
	cr_assert_str_eq(first, second);
	free(first);
	free(second);
}

Test(trace, is_refused_before_anything_runs)
{
	static const struct bad_line bad[] = {
		{"--engine model --json s.jsonl --trace no/such/folder/t",
		 {"--trace no/such/folder/t"}},
		{"--engine model --json s.jsonl --trace .", {"--trace ."}},
		{"--engine model --json s.jsonl --trace s.jsonl", {"--trace s.jsonl"}},
		{"--engine model --json s.jsonl --trace ./s.jsonl",
		 {"--json s.jsonl", "--trace ./s.jsonl is the same file"}},
		{"--engine model --json /proc/self/cwd/s.jsonl --trace s.jsonl",
		 {"--trace s.jsonl", "is the same file"}},
		{"--engine model --json s --plots ./s/", {"--json s", "--plots ./s/ is the same"}},
		{"--engine one-core --trace t", {"--trace"}}, /* engines that measure have none */
	};
	TEMP_DIR(dir);

	expect_refused(dir, "", bad, ARRAY_SIZE(bad));
}

Test(trace, a_full_disk_is_told_and_the_session_is_kept)
{
	TEMP_DIR(dir);

	RAN(s, EXIT_NOT_WRITTEN, dir,
	    "--engine model --variant baseline --ring-size 64 --burst 4 --json s.jsonl "
	    "--trace /dev/full");
	expect_in(s.err, "--trace /dev/full: cannot write it: No space left");
	cr_assert(strstr(s.out, "baseline"), "no table: %s", s.out);
	cr_assert_eq(temp_dir_entries(dir), 1, "the session is not there");
}

/* ---- explain ---- */

/* The page; its totals, transfers and upgrades a buffer. */
static char *explained(const char *options, double *transfers, double *upgrades)
{
	char line[256], *page;
	const char *total;
	freed_by(spawn_free) struct spawned s;
	double baseline;

	snprintf(line, sizeof(line), "explain %s", options);
	spawn_words(&s, "/", "%s", line);
	cr_assert_eq(s.code, EXIT_DONE, "%s: exit %d: %s", line, s.code, s.err);
	cr_assert_str_eq(s.err, "", "%s", line);
	total = strstr(s.out, "\n  total ");
	cr_assert(total, "%s: %s", line, s.out);
	if (strstr(s.out, "(baseline)"))
		cr_assert_eq(sscanf(total, " total %lf %lf %lf", transfers, &baseline, upgrades), 3,
			     "%s: %s", line, total);
	else
		cr_assert_eq(sscanf(total, " total %lf %lf", transfers, upgrades), 2, "%s: %s",
			     line, total);
	page = strdup(s.out);
	return page;
}

/* What `run` prints for the same cell. */
static void tsv_of(const char *options, const char *variant, double *transfers, double *upgrades)
{
	TEMP_DIR(dir);
	char line[256], *row;
	freed_by(spawn_free) struct spawned s;

	snprintf(line, sizeof(line), "--engine model --format tsv %s", options);
	spawn_words(&s, dir, "%s", line);
	cr_assert_eq(s.code, EXIT_DONE, "%s: %s", line, s.err);
	for (row = strtok(s.out, "\n"); row; row = strtok(NULL, "\n")) {
		const size_t len = strlen(variant);

		if (!strncmp(row, variant, len) && row[len] == '\t')
			break;
	}
	cr_assert(row, "%s: no row of %s", line, variant);
	cr_assert_eq(sscanf(row, "%*s %*s %*s %*s %*s %*s %*s %lf %lf", transfers, upgrades), 2,
		     "%s: %s", line, row);
}

Test(explain, totals_are_those_of_run)
{
	for (size_t v = 0; v < ARRAY_SIZE(variants); v++) {
		for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
			double t, u, run_t, run_u;
			char options[160];

			snprintf(
				options, sizeof(options),
				"--variant %s --direction %s --burst 8 --ring-size 64 --payload 20",
				variants[v], directions[d]);
			free(explained(options, &t, &u));
			tsv_of(options, variants[v], &run_t, &run_u);
			cr_assert(t == run_t && u == run_u, "%s: %f, %f; run says %f, %f", options,
				  t, u, run_t, run_u);
		}
	}
}

/* The items of the burst add up to what its last sentence says. */
static void check_sum(const char *options)
{
	unsigned told_transfers, told_upgrades, transfers = 0, upgrades = 0;
	const char *end;
	double t, u;
	char *page = explained(options, &t, &u);

	end = strstr(page, "This burst: ");
	cr_assert(end, "%s", page);
	cr_assert_eq(sscanf(end, "This burst: %u %*s (a line goes from one cache to the other), %u",
			    &told_transfers, &told_upgrades),
		     2, "%s: %s", options, end);
	for (char *at = strtok(page, "\n"); at && at < end; at = strtok(NULL, "\n")) {
		static const char *const moves[] = {" read_dirty ", " read_clean ", " own_dirty ",
						    " own_clean "};
		const char *fact = strstr(at, " upgrade ");
		unsigned *to = &upgrades, n;

		for (size_t i = 0; !fact && i < ARRAY_SIZE(moves); i++) {
			fact = strstr(at, moves[i]);
			to = &transfers;
		}
		/* prose has the word, too, but not behind the states */
		if (!fact || !strstr(at, " -> ") || !strstr(fact, " ns"))
			continue;
		*to += sscanf(fact, "%*s %u x", &n) == 1 && strstr(fact, " x ") ? n : 1;
	}
	cr_assert(transfers == told_transfers && upgrades == told_upgrades,
		  "%s: items have %u and %u, the sum %u and %u", options, transfers, upgrades,
		  told_transfers, told_upgrades);
	free(page);
}

Test(explain, the_items_of_a_burst_add_up)
{
	for (size_t v = 0; v < ARRAY_SIZE(variants); v++) {
		for (size_t p = 0; p < ARRAY_SIZE(protocols); p++) {
			char options[160];

			snprintf(options, sizeof(options),
				 "--variant %s --direction %s --protocol %s", variants[v],
				 directions[(v + p) % 2], protocols[p]);
			check_sum(options);
		}
	}
}

Test(explain, any_shape_of_ring_has_a_story)
{
	static const char *const options[] = {
		"--ring-size 2 --burst 1",
		"--ring-size 2 --burst 2 --direction tx",
		"--burst 256",
		"--burst 256 --direction tx",
		"--burst 3 --outstanding 2",
		"--start-index 65533 --burst 5",
		"--line 32",
		"--line 256 --payload 1500",
		"--align packed",
		"--align 4096",
		"--free-list lifo",
		"--publish buffer",
		"--device-order early:0.5:1",
		"--tx-header none --direction tx --payload 64",
		"--prefetch",
		"--cache 4x2 --payload 64",
		"--machine zen5-far",
		"--buffers 256",
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		char line[160];
		double t, u;

		snprintf(line, sizeof(line), "--variant shadow-avail %s", options[i]);
		free(explained(line, &t, &u));
	}
}

/* The closed forms hold for rings of any size: .5, and in order .25 and one line a batch. */
Test(explain, packed_rings_of_any_size_have_a_story)
{
	static const struct {
		const char *variant;
		unsigned ring, burst;
		double transfers;
	} known[] = {
		{"packed", 100, 4, .5},
		{"packed", 1000, 8, .5},
		{"packed+in-order", 100, 4, .5},
		{"packed+in-order", 1000, 8, .375},
		{"packed+vectorized", 96, 32, .5},
		{"packed+vectorized+in-order", 96, 32, .28125},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		char options[160];
		double t, u;

		snprintf(options, sizeof(options),
			 "--only --variant %s --ring-size %u --burst %u --direction rx",
			 known[i].variant, known[i].ring, known[i].burst);
		free(explained(options, &t, &u));
		cr_assert_float_eq(t, known[i].transfers, 1e-6, "%s: %g", options, t);
	}
}

/* Any run of white space becomes one space: where a line ends does not matter. */
static void unwrap(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		const bool space = *at == ' ' || *at == '\n';

		if (!space || (to != text && to[-1] != ' '))
			*to++ = (char)(space ? ' ' : *at);
	}
	*to = '\0';
}

Test(explain, shadowing_is_told_as_what_it_is)
{
	double t, u;
	char *page = explained("--variant shadow-avail", &t, &u);

	unwrap(page);

	expect_in(page, "avail->ring[128..131], line 68",
		  "the driver never stores to it: nothing moves",
		  "avail entries: 0.000 transactions a buffer instead of 0.531. The "
		  "driver stores none of it");
	free(page);
}

Test(explain, is_the_same_each_time)
{
	double t, u;
	char *first = explained("--variant in-order --direction tx", &t, &u);
	char *second = explained("--variant in-order --direction tx", &t, &u);

	cr_assert_str_eq(first, second);
	free(first);
	free(second);
}

Test(explain, what_makes_no_sense_is_refused_with_one_line)
{
	static const struct bad_line refused[] = {
		{"", {"--variant"}},
		{"--variant all", {"--variant"}},
		{"--variant shadow-avail,in-order", {"--variant shadow-avail,in-order"}},
		{"--variant null", {"null"}},
		{"--variant shadow", {"shadow-avail"}},
		{"--variant baseline --direction both", {"--direction both"}},
		{"--variant baseline --burst 4,8", {"--burst 4,8"}},
		{"--variant baseline --ring-size 64,128", {"--ring-size 64,128"}},
		{"--variant baseline --payload 0,64", {"--payload 0,64"}},
		{"--variant baseline --engine native", {"--engine native"}},
		{"--variant baseline --engine model", {"--engine model"}},
		{"--variant baseline --mode timed", {"--mode timed"}},
		{"--variant baseline --random-bursts 3", {"--random-bursts"}},
		{"--variant baseline --burst random:1:4:7", {"--burst random"}},
		{"--variant baseline --trace t", {"--trace"}},
		{"--variant baseline --json s", {"--json"}},
		{"--only --variant packed,packed+in-order", {"--variant packed,packed+in-order"}},
		{"--variant packed --ring-size 100", {"--ring-size 100"}},
		{"--variant baseline --plots p", {"--plots"}},
		{"--variant baseline --format tsv", {"--format"}},
		{"--variant baseline --inject lose:3", {"--inject"}},
		{"--variant baseline --rounds 3", {"--rounds"}},
		{"--variant baseline --buffers 10", {"--buffers 10"}},
		{"--variant baseline --burst 512", {"--burst 512"}},
		{"--variant baseline --ring-size 32768 --burst 32768", {"--burst 32768"}},
		{"--variant fixed-layout --device-order early:0.5:1", {"--device-order early"}},
		{"--variant baseline --cpus 0,1", {"--cpus"}},
	};
	TEMP_DIR(dir);

	expect_refused(dir, "explain", refused, ARRAY_SIZE(refused));
}

/* ---- the machines ---- */

Test(explain, every_machine_that_list_names_is_one)
{
	unsigned n = 0;

	RAN(list, EXIT_DONE, "/", "list --machines");
	for (char *at = strtok(list.out, "\n"); at; at = strtok(NULL, "\n"), n++) {
		char name[64], protocol[32], want[80], *page;
		char options[160];
		double t, u;

		cr_assert_eq(sscanf(at, "%63s %31s", name, protocol), 2, "%s", at);
		snprintf(options, sizeof(options), "--variant baseline --ring-size 16 --machine %s",
			 name);
		page = explained(options, &t, &u);
		snprintf(want, sizeof(want), "protocol %s, ", protocol);
		cr_assert(strstr(page, want), "%s: %s", name, page);
		free(page);
	}
	cr_assert_geq(n, 2u);
}
