/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_builder.c - sessions made by hand for tests.
 */
#include "session_builder.h"

/* ---- the schema ---- */

void expect_by_schema(const char *good, const char *bad)
{
	static const char check[] =
		"import sys, json\n"
		"try:\n    import jsonschema\n"
		"except ImportError:\n    sys.exit(77)\n"
		"v = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))\n"
		"v.check_schema(v.schema)\n"
		"bad = 0\n"
		"for n, line in enumerate(open(sys.argv[2]), 1):\n"
		"    for e in v.iter_errors(json.loads(line)):\n"
		"        bad = 1\n"
		"        print('line', n, e.message, [c.message for c in e.context])\n"
		"    row = json.loads(line)\n"
		"    row['surprise'] = 1\n"
		"    bad |= v.is_valid(row)\n"
		"for line in open(sys.argv[3]):\n"
		"    if v.is_valid(json.loads(line)):\n"
		"        bad = 1\n"
		"        print('valid, and should not be:', line)\n"
		"sys.exit(bad)\n";
	const char *refused = in_folder("refused.jsonl");
	pid_t pid;
	int status;

	put_text(refused, bad);
	pid = fork();
	if (pid == 0) {
		execl("/usr/bin/python3", "python3", "-c", check,
		      "results/schema/session.schema.json", good, refused, (char *)NULL);
		_exit(77);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_neq(WIFEXITED(status), 0);
	if (WEXITSTATUS(status) == 77)
		cr_skip("/usr/bin/python3 or its module jsonschema is missing");
	cr_assert_eq(WEXITSTATUS(status), 0, "see the lines above; run from the source folder");
}

/* ---- a session made by hand ---- */

/* What the head says of the model; null on other engines. */
static json_t *make_model(const char *engine)
{
	if (strcmp(engine, "model"))
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:n, s:i, s:s}", "protocol", "mesi", "mode",
			 "lockstep", "bound", "serial", "line", 64, "prefetch", 0, "cache",
			 "store_buffer", 64, "machine", "zen5-near");
}

json_t *make_head(const char *engine, const char *hostname)
{
	json_t *plan = json_pack(
		"{s:[s,s], s:[s,s], s:[i], s:[i], s:[i], s:i, s:i, s:o, s:f, s:f, s:s, s:s, s:s, "
		"s:s, s:s, s:i, s:i, s:s, s:i, s:n}",
		"variants", "baseline", "in-order", "directions", "rx", "tx", "ring_sizes", 256,
		"bursts", 32, "payloads", 0, "rounds", 10, "launches", 2, "buffers",
		session_u64(1000), "sample_ms", 20.0, "margin", MARGIN, "free_list", "fifo",
		"publish", "burst", "tx_header", "chained", "device_order", "in-order", "poll",
		"spin", "outstanding", 0, "rx_room", 0, "align", "4096", "start_idx", 0, "inject");
	json_t *host = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}",
		"hostname", hostname, "cpu_model", "A CPU", "cpu_id", "id", "microcode", "",
		"kernel", "Linux", "boot_id", "", "hypervisor", "none", "clocksource", "tsc", "tsc",
		"", "thp", "", "governor", "", "load", "0.00", "cpus_online", 2, "nodes", 1);
	json_t *head = json_pack(
		"{s:s, s:s, s:b, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:{s:i, s:i, s:s, s:s}, "
		"s:o, s:{s:s, s:s, s:f, s:i, s:i}, s:[s,s]}",
		"version", "1", "commit", "abc", "dirty", 1, "compiler", "cc", "cflags", "-O2",
		"command", "vringbench", "seed", session_u64(UINT64_MAX), "engine", engine, "simd",
		"avx2", "plan", plan, "host", host, "placement", "driver_cpu", 0, "device_cpu", 1,
		"claimed", "llc", "by", "pair", "model", make_model(engine), "memory",
		"pages_asked", "4k", "pages_obtained", "4k", "obtained_share", 1.0, "node_asked",
		-1, "node_obtained", 0, "invisible", "steal time", "migrations");

	cr_assert_not_null(head);
	return head;
}

const struct cell cells[NCELLS] = {
	CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX),
	CELL(1, 0, ROLE_VARIANT, "in-order", .dir = DIR_RX),
	CELL(2, 0, ROLE_NULL, NULL_CONTROL, .dir = DIR_RX),
};

struct sample make_sample(uint32_t cell, uint32_t launch, uint32_t round, double ns,
			  enum place_class place)
{
	double c2c = place == CLASS_NONE ? (double)NAN : place == CLASS_FAR ? 100 : 20;

	/* a noise that goes below 0 would be a time of centuries on x86, and 0 on Arm */
	cr_assert(ns * 1000 >= 1, "%g ns", ns);
	return (struct sample){
		.cell = cell,
		.launch = launch,
		.round = round,
		.position = cell,
		.buffers = 1000,
		.elapsed_ns = (uint64_t)(ns * 1000),
		.c2c_before_ns = c2c - 1,
		.c2c_after_ns = c2c + 1,
		.place = place,
		.steal_ns = -1,
		.start_ns = (launch * 1000 + round * 10 + cell) * 1000000ull,
		.drv = {.cpu_before = 0, .cpu_after = 0},
		.dev = {.cpu_before = 1, .cpu_after = 1},
	};
}

void put_one(struct session_writer *w, uint32_t cell, uint32_t launch, uint32_t round, double ns,
	     enum place_class place)
{
	const struct sample s = make_sample(cell, launch, round, ns, place);

	session_put(w, ROW_SAMPLE, &s);
}

struct session_writer *begin_session(const char *path, json_t *head, const struct cell *of,
				     size_t n)
{
	struct session_writer *w;

	must(session_create, &w, path, NULL);
	session_put_head(w, head);
	for (size_t i = 0; i < n; i++)
		session_put(w, ROW_CELL, &of[i]);
	return w;
}

struct session_writer *start_session(const char *path, const char *engine)
{
	return begin_session(path, make_head(engine, "host"), cells, NCELLS);
}

void finish_session(struct session_writer *w)
{
	must(session_commit, w, SESSION_COMPLETE, NULL, 0);
}

void load_session(const char *path, struct session *s, struct summary *sum)
{
	must(session_load, path, s);
	if (sum)
		must(summary_make, s, sum);
}

void put_rounds_off(struct session_writer *w, enum place_class place, double base, double ratio,
		    double null_off, double null_noise, uint32_t first_round)
{
	for (uint32_t launch = 0; launch < 2; launch++)
		for (uint32_t r = first_round; r < first_round + 10; r++) {
			double b = base + (r % 3); /* a round touches all of its cells */
			double n = b * (1 + null_off + (r % 2 ? null_noise : -null_noise));

			put_one(w, 0, launch, r, b, place);
			put_one(w, 1, launch, r, b * ratio, place);
			put_one(w, 2, launch, r, n, place);
		}
}

void put_rounds(struct session_writer *w, enum place_class place, double base, double ratio,
		double null_noise, uint32_t first_round)
{
	put_rounds_off(w, place, base, ratio, 0, null_noise, first_round);
}

void make_plain_session(const char *path, double ratio)
{
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, ratio, 0.01, 0);
	finish_session(w);
}

void draw_plots(const struct session *s, const struct summary *sum)
{
	char plots[128];

	if (system("command -v gnuplot >/dev/null 2>&1") != 0)
		cr_skip("gnuplot is missing");
	snprintf(plots, sizeof(plots), "%s/plots", folder);
	must(report_plots, s, sum, &(struct plots_to){.dir = plots, .scripts = "scripts/gnuplot"});
}

void draw_session(const char *path)
{
	SUMMED(s, sum, path);
	draw_plots(&s, &sum);
}

bool has_plot(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/plots/%s", folder, name);
	return access(path, R_OK) == 0;
}

char *print_of(const struct session *s, const struct summary *sum, enum output_format format)
{
	TEXT(text, out, report_rows(out, s, sum, format, NULL));
	return strdup(text);
}

char *printed_of(const char *path, enum output_format format)
{
	char *text;

	SUMMED(s, sum, path);
	text = print_of(&s, &sum, format);
	return text;
}

json_t *json_at(const json_t *value, const char *path)
{
	char copy[128], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (const char *key; value && (key = strsep(&rest, "."));)
		value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
					     : json_object_get(value, key);
	return (json_t *)value;
}

double number_at(const json_t *value, const char *path)
{
	const json_t *at = json_at(value, path);

	return json_is_number(at) ? json_number_value(at) : (double)NAN;
}

const char *text_at(const json_t *value, const char *path)
{
	return json_string_value(json_at(value, path));
}
