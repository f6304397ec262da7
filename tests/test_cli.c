/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli.c - bad input through the real program: one line naming option, value and what is
 * legal, exit 2, nothing written. And the commands that only tell.
 */
#include "host/memory.h"
#include "spawned.h"

#include <ctype.h>

static void check_refused(const struct bad_line *bad, size_t n)
{
	TEMP_DIR(dir);

	expect_refused(dir, "", bad, n);
}

Test(cli_bad_input, each_is_refused_with_one_line_that_says_what_is_legal)
{
	static const struct bad_line bad[] = {
		/* ring sizes */
		{"--ring-size 100", {"--ring-size 100", "power of two", "2, 4, 8 ... 32768"}},
		{"--ring-size 0", {"--ring-size 0", "2, 4, 8 ... 32768"}},
		{"--ring-size 1", {"--ring-size 1", "2, 4, 8 ... 32768"}},
		{"--ring-size 65536", {"--ring-size 65536", "2, 4, 8 ... 32768"}},
		{"--ring-size 256x", {"--ring-size 256x", "2, 4, 8 ... 32768"}},
		{"--ring-size -256", {"--ring-size -256", "negative", "32768"}},
		{"--ring-size=", {"--ring-size ''", "2, 4, 8 ... 32768"}},
		{"--ring-size 64,,128", {"--ring-size", "64,,128", "32768"}},
		{"--ring-size 64:64:256", {"--ring-size 192", "192", "32768"}},
		{"--ring-size 4294967552", {"--ring-size 4294967552", "32768"}},
		{"-n 18446744073709551872", {"--ring-size 18446744073709551872"}},
		{"run --ring-size 100", {"--ring-size 100", "32768"}},
		/* bursts */
		{"--burst 0", {"--burst 0", "1.."}},
		{"--burst random", {"--burst random", "LO is missing", "random:LO:HI:SEED"}},
		{"--burst random:1:8", {"--burst random:1:8", "SEED is missing"}},
		{"--burst random:0:8:1", {"LO '0'", "1..32768", "random:LO:HI:SEED"}},
		{"--burst random:9:8:1", {"LO 9 is larger than HI 8"}},
		{"--burst random:1:65537:1", {"HI '65537'", "1..32768"}},
		{"--burst random:1:8:x", {"SEED 'x'"}},
		{"--burst random:1:8:1:2", {"more than LO:HI:SEED"}},
		{"--burst random:1:512:1", {"512", "--ring-size 256"}},
		{"--burst 8,random:1:8:1", {"random:LO:HI:SEED alone"}},
		{"--burst random:1:8:1 --random-bursts 2", {"--random-bursts 2", "one of"}},
		{"--burst 257", {"--burst 257", "--ring-size 256", "1..256"}},
		{"--burst 64 --ring-size 32", {"--burst 64", "--ring-size 32"}},
		{"--burst 64 --ring-size 256,32", {"--burst 64", "--ring-size 32"}},
		{"--batch 64 --ring-size 32", {"--batch 64", "--ring-size 32"}},
		{"--burst -1", {"--burst -1", "negative"}},
		{"--burst x", {"--burst x", "1.."}},
		/* other numbers */
		{"--payload 9001", {"--payload 9001", "0..9000"}},
		{"--payload -1", {"--payload -1", "0..9000"}},
		{"--outstanding 0", {"--outstanding 0", "1.."}},
		{"--outstanding 257", {"--outstanding 257", "--ring-size 256"}},
		{"--rx-room 9001", {"--rx-room 9001", "0..9000"}},
		{"--work-driver 1000001", {"--work-driver 1000001", "0..1000000"}},
		{"--work-device -1", {"--work-device -1", "0..1000000"}},
		{"--pressure 65537", {"--pressure 65537", "0..65536"}},
		{"--start-index 65536", {"--start-index 65536", "0..65535"}},
		{"--rounds 0", {"--rounds 0", "1..100000"}},
		{"--rounds 100001", {"--rounds 100001", "1..100000"}},
		{"--launches 1001", {"--launches 1001", "1..1000"}},
		{"--buffers 0", {"--buffers 0", "1..1099511627776"}},
		{"--run-cycles 1.5", {"--run-cycles 1.5", "1..1099511627776"}},
		{"--sample-ms 0.05", {"--sample-ms 0.05", "0.1..1000"}},
		{"--sample-ms nan", {"--sample-ms nan", "0.1..1000"}},
		{"--time-limit 0", {"--time-limit 0", "0.1..86400"}},
		{"--seed 18446744073709551616", {"--seed 18446744073709551616", "0.."}},
		{"--margin 51", {"--margin 51", "0.1..50"}},
		/* words: the list, and the nearest */
		{"--direction up", {"--direction 'up'", "rx, tx, both"}},
		{"--engine nativ", {"--engine 'nativ'", "native, one-core", "mean native"}},
		{"--free-list filo", {"--free-list 'filo'", "fifo, lifo"}},
		{"--publish bursts", {"--publish 'bursts'", "burst, buffer", "mean burst"}},
		{"--tx-header chain", {"--tx-header 'chain'", "mean chained"}},
		{"--poll wait", {"--poll 'wait'", "spin, pause"}},
		{"--align 128", {"--align '128'", "4096, 64, packed"}},
		{"--simd sve", {"--simd 'sve'", "scalar, sse, avx2, avx512, neon, auto"}},
		{"--pages 2m", {"--pages '2m'", "4k, thp, huge"}},
		{"--pair near", {"--pair 'near'", "smt, llc, package, numa"}},
		{"--format jsn", {"--format 'jsn'", "table, tsv, json", "mean json"}},
		/* unknown options and commands: the nearest */
		{"--rign-size 64", {"--rign-size", "mean --ring-size"}},
		{"--bust=4", {"--bust", "mean --burst"}},
		{"--frobnicate", {"--frobnicate", "--help"}},
		{"-x", {"-x", "--help"}},
		{"--p 3", {"--p", "ambiguous"}},
		{"--rounds", {"--rounds needs a value"}},
		{"-r", {"-r needs a value", "--rounds"}},
		{"--quick=3", {"--quick takes no value", "3"}},
		{"run stray", {"stray"}},
		{"lst", {"'lst'", "mean list", "one of run, ", ", list, explain, "}},
		{"prob", {"'prob'", "mean probe"}},
		{"list --nams", {"--nams", "mean --names"}},
		{"probe --format tsv", {"--format 'tsv'", "table, json"}},
		/* control characters do not break the line */
		{"--engine na\ntive\033[1m", {"--engine 'na?tive?[1m'"}},
		{"a\nb", {"unknown command 'a?b'"}},
		/* unknown variants: the list, and the nearest */
		{"--variant shaddow-avail",
		 {"--variant shaddow-avail",
		  "baseline, shadow-avail, fixed-layout, in-order, vectorized",
		  "did you mean shadow-avail?"}},
		{"--variant baseline,in-ordr", {"--variant in-ordr", "did you mean in-order?"}},
		{"--variant ''", {"--variant ''"}},
		{"--variant baseline,", {"--variant 'baseline,'", "empty"}},
		{"--variant null-control", {"--variant null-control"}},
		{"--variant list,baseline", {"--variant list,baseline"}},
		/* illegal combinations: the reason */
		{"--variant shadow-avail+fixed-layout",
		 {"--variant shadow-avail+fixed-layout", "void"}},
		{"--variant vectorized+shadow-avail",
		 {"--variant vectorized+shadow-avail", "void"}},
		{"--variant in-order+in-order", {"in-order", "twice"}},
		{"--variant in-order+", {"--variant in-order+", "no name"}},
		{"--variant baseline+in-order", {"--variant baseline+in-order"}},
		{"--variant spsc+in-order", {"--variant spsc+in-order", "reference"}},
		/* mergeable buffers that cannot be */
		{"--rx-buffer 15 --payload 64", {"--rx-buffer 15", "0, or 16..9012"}},
		{"--rx-buffer 9013", {"--rx-buffer 9013", "0, or 16..9012"}},
		{"--rx-buffer 64", {"--rx-buffer 64", "--payload 0", "legal: 0, or"}},
		{"--rx-buffer 64 --payload 64 --direction tx",
		 {"--rx-buffer 64", "--direction tx", "legal"}},
		/* what lockstep, and another bound, have not */
		{"--engine model --store-buffer 5", {"--store-buffer 5", "--mode timed"}},
		{"--engine model --without gaps", {"--without: there is no estimate", "legal"}},
		{"--engine model --mode timed --without gaps",
		 {"--without: there is no estimate", "--mode timed --bound estimate"}},
		{"layout --json x.jsonl", {"layout: it measures nothing", "--json"}},
		{"layout --format json", {"layout: it measures nothing", "--format"}},
		{"--rx-buffer 64 --payload 64 --rx-room 1",
		 {"--rx-buffer 64", "--rx-room 1", "one of them"}},
		/* 129 bytes are 9 buffers of 16, and 8 of 17 */
		{"--rx-buffer 16 --payload 117 --ring-size 8",
		 {"--rx-buffer 16", "9 buffers", "--ring-size 8", "legal: 17.."}},
		{"--rx-buffer 16 --payload 117 --outstanding 8",
		 {"--rx-buffer 16", "9 buffers", "--outstanding 8", "legal: 17.."}},
		{"--rx-buffer 64 --payload 64 --variant vectorized",
		 {"--rx-buffer", "vectorized", "DPDK"}},
		/* orders and faults with a wrong part */
		{"--device-order late", {"--device-order 'late'", "early:SHARE:SEED"}},
		{"--device-order early", {"--device-order 'early'", "early:SHARE:SEED"}},
		{"--device-order early:0.5", {"--device-order early:0.5", "SEED"}},
		{"--device-order early:1.5:1", {"--device-order early:1.5:1", "0..1"}},
		{"--device-order early:-0.1:1", {"early:-0.1:1", "0..1"}},
		{"--device-order early:nan:1", {"early:nan:1", "0..1"}},
		{"--device-order early:0.5:x", {"early:0.5:x", "SEED"}},
		{"--inject lose", {"--inject 'lose'", "lose:K, corrupt:K or duplicate:K"}},
		{"--inject lose:", {"--inject lose:", "lose:K"}},
		{"--inject drop:1", {"--inject 'drop:1'", "duplicate:K"}},
		{"--inject none:1", {"--inject 'none:1'", "duplicate:K"}},
		{"--inject lose:-1", {"--inject lose:-1"}},
		{"--inject lose:500 --buffers 500", {"lose:500", "0..499"}},
		/* CPUs */
		{"--cpus 0,0", {"--cpus 0,0", "different", "legal CPUs"}},
		{"--cpus 0,99999", {"--cpus 0,99999", "99999", "legal CPUs"}},
		{"--cpus 0", {"--cpus '0'", "0,1"}},
		{"--cpus 0,1,2", {"--cpus '0,1,2'", "0,1"}},
		{"--cpus 0,-1", {"--cpus -1", "negative"}},
		{"--cpus 0,1 --pair llc", {"--pair llc", "--cpus", "exclusive"}},
		{"--cpus 0,1 --engine one-core", {"--cpus 0,1", "native"}},
		{"--pair llc --engine one-core", {"--pair llc", "native"}},
		{"--guest-affinity 99999", {"--guest-affinity", "99999", "legal CPUs"}},
		{"--host-affinity 0 --engine one-core", {"--host-affinity:", "native"}},
		{"--host-affinity 0 --guest-affinity 1 --cpus 0,1",
		 {"--cpus 0,1", "--guest-affinity", "exclusive"}},
		/* nodes */
		{"--engine one-core --mem-node 4095", {"--mem-node 4095"}},
		{"--engine one-core --mem-node -1", {"--mem-node '-1'", "number"}},
		{"--engine one-core --mem-node here", {"--mem-node 'here'", "driver"}},
		{"--engine one-core --mem-node driver", {"--mem-node driver"}},
		/* empty paths */
		{"--json ''", {"--json ''"}},
		{"--results ''", {"--results ''"}},
		{"--plots ''", {"--plots ''"}},
		{"report -o '' x", {"--output ''"}},
		{"--question ''", {"--question ''", "1..300"}},
		{"plot -o '' x", {"--output ''"}},
		/* sessions that are none */
		{"table", {"session"}},
		{"plot", {"session"}},
		{"table /nope/x.jsonl", {"/nope/x.jsonl"}},
		{"plot /nope/x.jsonl", {"/nope/x.jsonl"}},
		{"table /etc/passwd", {"/etc/passwd"}},
		{"table a b", {"'b'"}},
		{"report", {"session"}},
		{"report /nope/x.jsonl", {"/nope/x.jsonl"}},
		{"report --format pdf x", {"--format", "'pdf'", "html", "md"}},
		/* presets */
		{"--quick --full", {"--quick", "--full"}},
	};

	check_refused(bad, ARRAY_SIZE(bad));
}

/* ---- this machine ---- */

/* The tests below change the affinity of their own process, which a command inherits. */
static void confine_to_first_cpu(void)
{
	int cpu;

	cpus_allowed(&cpu, 1);
	confine_to(cpu);
}

Test(cli_bad_input, native_on_one_cpu_names_the_way_out)
{
	static const struct bad_line bad = {"--engine native",
					    {"native", "two CPUs", "--engine one-core"}};

	confine_to_first_cpu();
	check_refused(&bad, 1);
}

Test(cli_bad_input, a_cpu_outside_the_affinity_mask)
{
	char cpus[48];
	int cpu[2];

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("one CPU only");
	confine_to(cpu[0]);
	snprintf(cpus, sizeof(cpus), "--cpus %d,%d", cpu[0], cpu[1]);

	const struct bad_line bad = {cpus, {cpus, "affinity mask"}};

	check_refused(&bad, 1);
}

Test(cli_bad_input, huge_pages_that_are_not_there)
{
	static const struct bad_line bad = {"--engine one-core --pages huge",
					    {"--pages huge", "4k, thp"}};

	if (memory_huge_free() > 0)
		cr_skip_test("this machine has huge pages");
	check_refused(&bad, 1);
}

/* ---- results ---- */

/* So many rounds that a refusal after the run would run into the test's time limit. */
#define LONG_RUN "--engine one-core --full --rounds 100000 "

Test(cli_bad_input, results_that_cannot_be_written_are_refused_before_the_run)
{
	static const struct bad_line bad[] = {
		{LONG_RUN "--results file/sub", {"file"}},
		{LONG_RUN "--json file/sub", {"file"}},
		{LONG_RUN "--json /proc/nope/x", {"/proc/nope"}},
		{LONG_RUN "--json -", {"--json", "./-"}},
		{LONG_RUN "--plots file", {"--plots", "folder"}},
		{LONG_RUN "--plots file/sub", {"--plots", "file"}},
		{LONG_RUN "--plots /proc/nope", {"--plots", "/proc/nope"}},
		{"latency --rounds 100000 --hgrm file", {"--hgrm", "folder"}}};
	TEMP_DIR(dir);

	temp_dir_put(dir, "file", "");
	expect_refused(dir, "", bad, ARRAY_SIZE(bad));
}

/* ---- what tells ---- */

/* Runs in /, where a command that only tells has no business to write. */
static void told(const struct spawned *s)
{
	cr_assert_eq(s->code, EXIT_DONE, "exit %d: %s", s->code, s->err);
	cr_assert_str_eq(s->err, "");
	cr_assert_str_not_empty(s->out);
}

#define TOLD(s, ...)                  \
	SPAWNED(s, "/", __VA_ARGS__); \
	told(&(s))

Test(cli_tells, names_begin_with_baseline_one_a_line)
{
	TOLD(s, "list --names");
	cr_assert_eq(strncmp(s.out, "baseline\nshadow-avail\n", 22), 0, "%s", s.out);
	expect_in(s.out, "\nshadow-avail+in-order\n");
	cr_assert(!strstr(s.out, "null"), "%s", s.out);
	cr_assert(!strchr(s.out, ' '), "%s", s.out);
}

Test(cli_tells, variant_list_is_the_list_command)
{
	TOLD(a, "list");
	TOLD(b, "--variant list");
	cr_assert_str_eq(a.out, b.out);
}

Test(cli_tells, layout_puts_the_used_ring_of_a_legacy_ring_on_a_page)
{
	TOLD(s, "layout --ring-size 256 --align 4096 --engine one-core");
	/* 16 * 256 descriptors' bytes; avail's 518; the used ring on the next 4096 border */
	expect_in(s.out, "4096  avail->flags", "8192  used->flags",
		  "8194  used->idx        line 128");
}

/* A variant lies as its family does, and that is said once. */
Test(cli_tells, layout_tells_of_the_rings_that_are_asked_for)
{
	TOLD(s, "layout -v in-order,packed,spsc -d tx --payload 64 --burst 8,16");
	expect_in(s.out,
		  "baseline tx, in-order tx, burst 8, payload 64 B:\nsplit virtqueue, 256 entries",
		  "packed tx, burst 8, payload 64 B:\npacked virtqueue, 256 entries",
		  "4096  driver event     line 64", "4224  device event     line 66",
		  "spsc tx, burst 16, payload 64 B:\nspsc, 256 entries",
		  "4224  to the driver    line 66");
}

Test(cli_tells, an_option_of_the_other_direction_has_no_effect)
{
	TEMP_DIR(dir);
	RAN(s, EXIT_DONE, dir, "run --engine model -v baseline -d tx --rx-room 4 --json s.jsonl");
	expect_in(s.err, "no effect with --direction tx: --rx-room\n");
}

Test(cli_tells, a_session_that_is_replaced_has_the_name_that_was_typed)
{
	TEMP_DIR(dir);
	static const char line[] = "run --engine model -v in-order --only -d rx --json s.jsonl";
	RAN(first, EXIT_DONE, dir, line);
	RAN(second, EXIT_DONE, dir, line);
	expect_in(first.err, "session: s.jsonl\n");
	expect_in(second.err, "session: s.jsonl\n");
}

Test(cli_tells, help_and_version_from_every_command)
{
	static const char *const commands[] = {"run",	 "list",    "probe",  "table",	"plot",
					       "report", "compare", "export", "regress"};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		TOLD(help, "%s --help", commands[i]);
		cr_assert_eq(strncmp(help.out, "Usage: vringbench", 17), 0, "%s", help.out);
		TOLD(version, "%s --version", commands[i]);
		cr_assert_eq(strncmp(version.out, "vringbench ", 11), 0, "%s", version.out);
	}
	TOLD(help, "help");
	TOLD(version, "version");
}

Test(cli_tells, help_of_a_command_by_its_name_and_all_options_on_request)
{
	TOLD(few, "run -h");
	TOLD(all, "run --help-all");
	TOLD(named, "help run");
	cr_assert_str_eq(few.out, named.out);
	cr_assert_null(strstr(few.out, "--device-publish"));
	expect_in(all.out, "--device-publish");
	/* a group of other commands leaves no heading */
	cr_assert_null(strstr(all.out, "sent and timed"), "%s", all.out);
}

Test(cli_tells, probe_says_what_it_cannot_see_instead_of_zero)
{
	TOLD(s, "probe");
	cr_assert(strstr(s.out, "hand-off") && strstr(s.out, "pmu") && strstr(s.out, "invisible"),
		  "%s", s.out);
	confine_to_first_cpu();
	TOLD(confined, "probe");
	expect_in(confined.out, "hand-off       unavailable: ");
}

/* The man page's text without the backslashes of its hyphens. */
static char *man_page(void)
{
	char path[512];
	char *text = calloc(1, 1 << 20);
	FILE *f;
	size_t n = 0;
	int c;

	snprintf(path, sizeof(path), "%s/man/vringbench.1", spawn_root());
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while ((c = fgetc(f)) != EOF && n < (1 << 20) - 1) {
		if (c != '\\')
			text[n++] = (char)c;
	}
	fclose(f);
	return text;
}

Test(cli_tells, every_option_of_run_is_in_the_man_page)
{
	freed_by(free_text) char *man = man_page();
	TOLD(s, "--help-all");
	for (const char *at = strstr(s.out, " --"); at; at = strstr(at + 1, " --")) {
		size_t len = 3;
		char option[64];

		while (islower((unsigned char)at[len]) || at[len] == '-')
			len++;
		snprintf(option, sizeof(option), "%.*s", (int)len - 1, at + 1);
		cr_assert(strstr(man, option), "%s is not in the man page", option);
	}
}
