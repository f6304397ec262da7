/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctl.c - the option that names perf's two ends, and the conversation with it.
 *
 * A thread plays perf over pipes, with a reply for each command.
 */
#include "host/perfctl.h"

#include "spawned.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the option ---- */

static void cr_refuses(const char *value, const char *said, const char *legal)
{
	struct perfctl_conf conf;

	expect_in(refusal_of(value, -EINVAL, perfctl_parse, value, &conf), "--perf-ctl", said,
		  legal);
	cr_assert(!conf.on, "%s", value);
}

Test(perfctl, parse_refuses_other_forms)
{
	static const char *const bad[] = {"",	     "fd",     "fd:",	"fd:,4", "fd:4,",
					  "FD:4",    "3,4",    "fifo",	"fifo:", "fifo:,a",
					  "fifo:a,", "/tmp/x", "pipe:3"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_refuses(bad[i], "legal: fd:CTL[,ACK]", "fifo:CTL[,ACK]");
}

Test(perfctl, parse_refuses_a_path_that_is_too_long)
{
	char value[PATH_MAX + 16] = "fifo:";

	memset(value + 5, 'a', PATH_MAX);
	value[5 + PATH_MAX] = '\0';
	cr_refuses(value, "fifo:aaa", "legal: fd:CTL[,ACK]");
}

Test(perfctl, parse_refuses_what_is_no_descriptor_or_not_open)
{
	static const char *const bad[][2] = {
		{"fd:x", "CTL 'x'"},	   {"fd:-1", "CTL '-1'"},
		{"fd:1x", "CTL '1x'"},	   {"fd: 1", "CTL ' 1'"},
		{"fd:1,2,3", "ACK '2,3'"}, {"fd:99999999999", "CTL '99999999999'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cr_refuses(bad[i][0], bad[i][1], "is no descriptor");
		cr_refuses(bad[i][0], bad[i][1], "legal: its number");
	}
	cr_refuses("fd:987654", "CTL 987654 is not open", "legal: one that the shell opened");
	cr_refuses("fd:1,987654", "ACK 987654 is not open", "legal: one that the shell opened");
}

Test(perfctl, parse_refuses_the_wrong_direction)
{
	char value[64];
	int pipes[2];

	cr_assert_eq(pipe(pipes), 0);
	snprintf(value, sizeof(value), "fd:%d", pipes[0]);
	cr_refuses(value, "is open for reading only", "legal: one that can be written");
	snprintf(value, sizeof(value), "fd:%d,%d", pipes[1], pipes[1]);
	cr_refuses(value, "commands would come back as answers", "legal: two different ones");
	snprintf(value, sizeof(value), "fd:%d,%d", pipes[1], dup(pipes[1]));
	cr_refuses(value, "is open for writing only", "legal: one that can be read");
}

Test(perfctl, parse_takes_descriptors_of_the_right_direction)
{
	int ctl[2], ack[2], both = open("/dev/null", O_RDWR);
	struct perfctl_conf conf;
	char value[64];

	cr_assert(both >= 0 && !pipe(ctl) && !pipe(ack));
	snprintf(value, sizeof(value), "fd:%d,%d", ctl[1], ack[0]);
	must(perfctl_parse, value, &conf);
	cr_assert(conf.on && conf.ctl_fd == ctl[1] && conf.ack_fd == ack[0]);
	cr_assert_str_empty(conf.ctl_path);
	snprintf(value, sizeof(value), "fd:%d", ctl[1]);
	must(perfctl_parse, value, &conf);
	cr_assert(conf.on && conf.ctl_fd == ctl[1] && conf.ack_fd == -1);
	snprintf(value, sizeof(value), "fd:%d,%d", both, ack[0]);
	must(perfctl_parse, value, &conf);
	snprintf(value, sizeof(value), "fd:%d,%d", ctl[1], both);
	must(perfctl_parse, value, &conf);
}

Test(perfctl, parse_wants_fifos)
{
	TEMP_DIR(dir);
	char value[300], ctl[128], ack[128];
	struct perfctl_conf conf;

	snprintf(ctl, sizeof(ctl), "%s/ctl", dir);
	snprintf(ack, sizeof(ack), "%s/ack", dir);
	snprintf(value, sizeof(value), "fifo:%s", ctl);
	cr_refuses(value, "No such file", "legal: what mkfifo made");
	snprintf(value, sizeof(value), "fifo:%s", dir);
	cr_refuses(value, "is no fifo", "legal: what mkfifo made");
	cr_assert_eq(mkfifo(ctl, 0600), 0);
	snprintf(value, sizeof(value), "fifo:%s,%s", ctl, ack);
	cr_refuses(value, "ACK", "legal: what mkfifo made");
	snprintf(value, sizeof(value), "fifo:%s,%s", ctl, ctl);
	cr_refuses(value, "commands would come back", "legal: two different ones");
	cr_assert_eq(mkfifo(ack, 0600), 0);
	snprintf(value, sizeof(value), "fifo:%s,%s", ctl, ack);
	must(perfctl_parse, value, &conf);
	cr_assert(conf.on && conf.ctl_fd == -1 && conf.ack_fd == -1);
	cr_assert_str_eq(conf.ctl_path, ctl);
	cr_assert_str_eq(conf.ack_path, ack);
	snprintf(value, sizeof(value), "fifo:%s", ctl);
	must(perfctl_parse, value, &conf);
	cr_assert_str_eq(conf.ctl_path, ctl);
	cr_assert_str_empty(conf.ack_path);
}

/* ---- the conversation ---- */

/* As perf sends it: with the NUL of the string. */
#define ACK "ack\n\0"

/* What the peer says to one command. */
struct reply {
	const char *bytes; /* NULL: nothing */
	size_t len;
	unsigned gap_ms; /* before each byte; 0: all at once */
};

#define REPLY(text)                       \
	{                                 \
		text, sizeof(text) - 1, 0 \
	}
#define SLOW(text, gap)                     \
	{                                   \
		text, sizeof(text) - 1, gap \
	}
#define SILENCE            \
	{                  \
		NULL, 0, 0 \
	}

#define TALK(of, with, miss, ms, ...)                                                   \
	{                                                                               \
		.what = (of), .commands = (with), .first_miss = (miss), .ack_ms = (ms), \
		.replies = {                                                            \
			__VA_ARGS__                                                     \
		}                                                                       \
	}

/* One that plays perf. */
struct peer {
	int ctl[2], ack[2];
	const struct reply *replies;
	unsigned n;
	pthread_t thread;
	struct perfctl *p;
};

/* A reply for each command, in order; ends when the other end of CTL is closed. */
static void *play(void *arg)
{
	struct peer *peer = arg;
	unsigned at = 0;
	char c;

	while (read(peer->ctl[0], &c, 1) == 1) {
		const struct reply *r;

		if (c != '\n')
			continue;
		if (at == peer->n)
			break;
		r = &peer->replies[at++];
		for (size_t i = 0; r->gap_ms && i < r->len; i++) {
			usleep(r->gap_ms * 1000);
			cr_assert_eq(write(peer->ack[1], r->bytes + i, 1), 1);
		}
		if (!r->gap_ms && r->len)
			cr_assert_eq(write(peer->ack[1], r->bytes, r->len), (ssize_t)r->len);
	}
	return NULL;
}

/* Only the pipes and our end; nobody answers. */
static void begin_alone(struct peer *peer, unsigned ack_ms)
{
	struct perfctl_conf conf = {.on = true, .ack_ms = ack_ms};

	cr_assert_eq(pipe(peer->ctl), 0);
	cr_assert_eq(pipe(peer->ack), 0);
	conf.ctl_fd = peer->ctl[1];
	conf.ack_fd = peer->ack[0];
	must(perfctl_open, &peer->p, &conf);
}

static void begin(struct peer *peer, const struct reply *replies, unsigned n, unsigned ack_ms)
{
	begin_alone(peer, ack_ms);
	peer->replies = replies;
	peer->n = n;
	cr_assert_eq(pthread_create(&peer->thread, NULL, play, peer), 0);
}

static void end(struct peer *peer)
{
	perfctl_close(peer->p);
	close(peer->ctl[1]);
	pthread_join(peer->thread, NULL);
}

static void cr_reports(const struct perfctl *p, uint32_t commands, uint32_t missed,
		       const char *what)
{
	const struct perfctl_report *r = perfctl_report(p);

	cr_assert_eq(r->commands, commands, "%s: %u commands", what, r->commands);
	cr_assert_eq(r->missed, missed, "%s: %u missed: %s", what, r->missed, r->first_miss);
	cr_assert_eq(!r->first_miss[0], !missed, "%s", what);
}

/* The bytes that are in a pipe. */
static const char *heard(int fd, char *buf, size_t size)
{
	ssize_t got;

	cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	got = read(fd, buf, size - 1);
	buf[got > 0 ? got : 0] = '\0';
	return buf;
}

/* Long enough for an answer that comes at all, on a machine that is busy. */
#define PATIENT_MS 10000
/* So short that a test of silence is soon over. */
#define HASTY_MS 30

/* Each command ('e'nable, 'd'isable) with its reply; a capital letter: it is a miss. */
Test(perfctl, answers_are_taken_for_what_they_are)
{
	static const struct {
		const char *what, *commands, *first_miss;
		unsigned ack_ms;
		struct reply replies[4];
	} cases[] = {
		TALK("answers", "eded", "", PATIENT_MS, REPLY(ACK), REPLY(ACK), REPLY(ACK),
		     REPLY(ACK)),
		TALK("in pieces", "ede", "", PATIENT_MS, SLOW(ACK, 3), SLOW(ACK, 3), REPLY(ACK)),
		TALK("without the NUL", "ed", "", PATIENT_MS, REPLY("ack\n"), REPLY("ack\n")),
		TALK("each byte in time, all of them not", "E", "\"enable\": no answer in time",
		     300, SLOW(ACK, 200)),
		/* that to "enable" comes after "disable", that to "disable" never */
		TALK("late", "ED", "\"enable\": no answer in time", HASTY_MS, SILENCE, REPLY(ACK)),
		/* three misses, but not in a row */
		TALK("late ones made up for", "EDeD", "", 300, SILENCE, SILENCE, REPLY(ACK ACK ACK),
		     SILENCE),
		TALK("garbage", "E", "", HASTY_MS, REPLY("nack\r\n\0ac\nk\nACK\n")),
		TALK("after garbage", "ed", "", PATIENT_MS, REPLY("hello\naack\n\0"),
		     REPLY("\0\0" ACK)),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *commands = cases[i].commands;
		uint32_t missed = 0;
		struct peer peer;

		begin(&peer, cases[i].replies, (unsigned)strlen(commands), cases[i].ack_ms);
		for (uint32_t n = 0; commands[n]; n++) {
			if ((commands[n] | ' ') == 'e')
				perfctl_enable(peer.p);
			else
				perfctl_disable(peer.p);
			missed += commands[n] < 'a';
			cr_reports(peer.p, n + 1, missed, cases[i].what);
		}
		expect_in(perfctl_report(peer.p)->first_miss, cases[i].first_miss);
		cr_assert(!perfctl_report(peer.p)->gave_up, "%s", cases[i].what);
		end(&peer);
	}
}

Test(perfctl, silence_ends_in_giving_up)
{
	struct peer peer;
	char buf[128];

	begin_alone(&peer, HASTY_MS);
	for (unsigned i = 0; i < PERFCTL_MISSES; i++) {
		cr_assert(!perfctl_report(peer.p)->gave_up, "after %u", i);
		perfctl_enable(peer.p);
	}
	cr_assert(perfctl_report(peer.p)->gave_up);
	perfctl_disable(peer.p);
	cr_reports(peer.p, PERFCTL_MISSES, PERFCTL_MISSES, "");
	cr_assert_str_eq(heard(peer.ctl[0], buf, sizeof(buf)), "enable\nenable\nenable\n");
	perfctl_close(peer.p);
}

Test(perfctl, the_longest_wait_is_the_one_promised)
{
	uint64_t start = now_ns();
	struct peer peer;

	begin_alone(&peer, 0);
	perfctl_enable(peer.p);
	cr_assert_geq(now_ns() - start, PERFCTL_ACK_MS * 1000000ull);
	cr_reports(peer.p, 1, 1, "");
	expect_in(perfctl_report(peer.p)->first_miss, "2000 ms");
	perfctl_close(peer.p);
}

static void reader_leaves(struct peer *peer)
{
	close(peer->ctl[0]);
}

static void answerer_leaves(struct peer *peer)
{
	close(peer->ack[1]);
}

static void pipe_fills(struct peer *peer)
{
	char junk[4096] = "";

	cr_assert_eq(fcntl(peer->ctl[1], F_SETFL, O_NONBLOCK), 0);
	while (write(peer->ctl[1], junk, sizeof(junk)) > 0)
		;
	cr_assert_eq(fcntl(peer->ctl[1], F_SETFL, 0), 0);
}

static void answers_already(struct peer *peer)
{
	cr_assert_eq(write(peer->ack[1], ACK ACK, 2 * (sizeof(ACK) - 1)), 2 * (sizeof(ACK) - 1));
}

Test(perfctl, without_anybody_a_command_is_a_miss)
{
	static const struct {
		void (*first)(struct peer *peer);
		unsigned ack_ms;
		const char *first_miss;
	} cases[] = {
		{reader_leaves, PATIENT_MS, "nobody reads the commands any more"},
		{answerer_leaves, PATIENT_MS, "the other end of ACK is closed"},
		{pipe_fills, HASTY_MS, "nobody reads"},
		{answers_already, HASTY_MS, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct peer peer;

		begin_alone(&peer, cases[i].ack_ms);
		cases[i].first(&peer);
		for (uint32_t n = 1; n <= 2; n++) {
			perfctl_enable(peer.p);
			cr_reports(peer.p, n, n, cases[i].first_miss);
		}
		expect_in(perfctl_report(peer.p)->first_miss, cases[i].first_miss);
		perfctl_close(peer.p);
	}
}

Test(perfctl, without_ack_commands_are_only_sent)
{
	struct perfctl_conf conf = {.on = true, .ack_fd = -1};
	struct perfctl *p;
	char buf[128];
	int ctl[2];

	cr_assert_eq(pipe(ctl), 0);
	conf.ctl_fd = ctl[1];
	must(perfctl_open, &p, &conf);
	perfctl_enable(p);
	perfctl_disable(p);
	cr_reports(p, 2, 0, "");
	perfctl_close(p);
	cr_assert_str_eq(heard(ctl[0], buf, sizeof(buf)), "enable\ndisable\n");
	cr_assert_neq(fcntl(ctl[1], F_GETFL), -1, "what was passed in stays open");
}

/* ---- fifos ---- */

struct fifos {
	char dir[64], ctl[128], ack[128];
	struct perfctl_conf conf;
};

static void make_fifos(struct fifos *f)
{
	char value[300];

	temp_dir(f->dir);
	snprintf(f->ctl, sizeof(f->ctl), "%s/ctl", f->dir);
	snprintf(f->ack, sizeof(f->ack), "%s/ack", f->dir);
	cr_assert(!mkfifo(f->ctl, 0600) && !mkfifo(f->ack, 0600));
	snprintf(value, sizeof(value), "fifo:%s,%s", f->ctl, f->ack);
	must(perfctl_parse, value, &f->conf);
}

static void drop_fifos(struct fifos *f)
{
	temp_dir_remove(f->dir);
}

#define FIFOS(f)                             \
	freed_by(drop_fifos) struct fifos f; \
	make_fifos(&(f))

Test(perfctl, a_fifo_that_nobody_reads_is_refused)
{
	struct perfctl *p;
	FIFOS(f);
	expect_in(refusal(-ENXIO, perfctl_open, &p, &f.conf), f.ctl, "start perf first");
	cr_assert_null(p);
}

Test(perfctl, a_fifo_that_went_away_is_refused)
{
	struct perfctl *p;
	int ctl;
	FIFOS(f);
	ctl = open(f.ctl, O_RDWR);
	unlink(f.ack);
	expect_in(refusal(-ENOENT, perfctl_open, &p, &f.conf), "ACK", f.ack);
	close(ctl);
}

Test(perfctl, fifos_work_as_descriptors_do)
{
	static const struct reply replies[] = {REPLY(ACK), REPLY(ACK)};
	struct peer peer = {.replies = replies, .n = ARRAY_SIZE(replies)};
	struct perfctl *p;
	FIFOS(f);
	/* both ways, as perf opens them */
	peer.ctl[0] = open(f.ctl, O_RDWR);
	peer.ack[1] = open(f.ack, O_RDWR);
	f.conf.ack_ms = PATIENT_MS;
	must(perfctl_open, &p, &f.conf);
	cr_assert_eq(pthread_create(&peer.thread, NULL, play, &peer), 0);
	perfctl_enable(p);
	perfctl_disable(p);
	cr_reports(p, 2, 0, "");
	perfctl_close(p);
	perfctl_close(NULL);
}
