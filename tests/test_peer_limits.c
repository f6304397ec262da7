/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_limits.c - serve and drive where the process may have little, or the disk is full: each ends, and says why
 * in a line; what has a final name is whole.
 */
#include "spawned.h"

#include <sys/mount.h>

/* How both ended. */
struct pair {
	struct spawned s; /* out: what drive said on stderr; err: what serve said there */
	int serve, drive;
};

static void pair_free(struct pair *p)
{
	spawn_free(&p->s);
}

/*
 * A device and a driver, each below a limit of the shell ("true": none). No descriptor of others is open, and nothing
 * but recordings and sessions is written into @dir.
 */
static void run_pair(struct pair *p, const char *dir, const char *device, const char *driver)
{
	char text[1400], *codes;
	char *const argv[] = {"/bin/sh", "-c", text, NULL};

	/*
	 * What they say goes through pipes: a limit of files' sizes is one of the test's own files, too. A device that
	 * does not end is killed, or it would outlive the test.
	 */
	snprintf(
		text, sizeof(text),
		"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; V='%s'; S=%s.sock; mkfifo $S.p $S.q; "
		"cat $S.p >&2 & p=$!; cat $S.q & q=$!; "
		"(%s && exec $V serve --socket $S --once --record r) >/dev/null 2>$S.p & s=$!; "
		"(exec >/dev/null 2>&1; sleep 20; kill -9 $s) & w=$!; "
		"while [ ! -S $S ] && kill -0 $s 2>/dev/null; do sleep .01; done; "
		"(%s && exec timeout 15 $V drive --socket $S --packets 20000 --timeout 2 "
		"--json d.jsonl) >/dev/null 2>$S.q; d=$?; "
		"[ $d = 0 ] || kill $s 2>/dev/null; wait $s; s=$?; kill $w; wait $p $q; "
		"[ ! -e $S ] || s=98; rm -f $S $S.p $S.q; "
		"for f in r-*; do [ ! -e $f ] || $V replay $f --engine model --quiet -o ../${S##*/}.x "
		">/dev/null 2>&1 || s=97; done; rm -f $S.x; "
		"[ ! -e d.jsonl ] || $V table d.jsonl >/dev/null 2>&1 || d=96; "
		"echo codes $s $d",
		spawn_program(), dir, device, driver);
	spawn_run(&p->s, argv, dir);
	codes = strstr(p->s.out, "codes ");
	cr_assert(codes && sscanf(codes, "codes %d %d", &p->serve, &p->drive) == 2, "%s%s",
		  p->s.out, p->s.err);
	*codes = '\0';
}

/* Did the loader, or libnuma's constructor, speak before main()? */
static bool began(int code, const char *said)
{
	return code != 127 && !strstr(said, "allocating bitmask") && !strstr(said, "timeout");
}

/* One line, and a code that the manual has; or nothing, and 0. */
static void expect_told(const char *who, const char *limit, int code, const char *said)
{
	const char *end = strchr(said, '\n');

	cr_expect(code == EXIT_DONE || code == EXIT_USAGE || code == EXIT_INVALID ||
			  code == EXIT_NOT_WRITTEN,
		  "%s, %s: exit %d: %s", who, limit, code, said);
	if (code == EXIT_DONE)
		cr_expect_str_eq(said, "", "%s, %s: %s", who, limit, said);
	else
		cr_expect(!strncmp(said, "vringbench: ", 12) && end && !end[1],
			  "%s, %s: exit %d: %s", who, limit, code, said);
}

/*
 * One of both below ever higher limits, until three of them were enough. A limit is a command of the shell with a number, which
 * begins at @first.
 */
static void raise_limit(bool serves, const char *limit, unsigned first, unsigned step)
{
	const char *const who = serves ? "serve" : "drive";
	unsigned done = 0, refused = 0;

	for (unsigned at = first; done < 3; at += step) {
		TEMP_DIR(dir);
		char with[32];
		freed_by(pair_free) struct pair p;

		snprintf(with, sizeof(with), "%s %u", limit, at);
		run_pair(&p, dir, serves ? with : "true", serves ? "true" : with);
		const int code = serves ? p.serve : p.drive;
		const char *const said = serves ? p.s.err : p.s.out;

		if (!began(code, said))
			continue;
		expect_told(who, with, code, said);
		done += code == EXIT_DONE;
		refused += code != EXIT_DONE;
		/* a driver that was not served has a device that says why */
		cr_expect(!serves || p.drive == EXIT_DONE || p.serve != EXIT_DONE, "%s: %s", with,
			  p.s.out);
	}
	cr_expect(refused, "%s, %s: none was refused", who, limit);
}

Test(peer_limits, serve_says_what_it_has_too_little_of, .timeout = HANG_S)
{
	raise_limit(true, "ulimit -n", 5, 1);
	raise_limit(true, "ulimit -v", 6000, 200);
}

Test(peer_limits, drive_says_what_it_has_too_little_of, .timeout = HANG_S)
{
	raise_limit(false, "ulimit -n", 5, 1);
	raise_limit(false, "ulimit -v", 6000, 200);
	raise_limit(false, "ulimit -f", 0, 1000);
}

/* The packets are served all the same. */
Test(peer_limits, a_recording_that_cannot_be_written_is_not_there, .timeout = HANG_S)
{
	static const struct {
		const char *limit, *disk, *why;
	} cases[] = {{"ulimit -f 0", NULL, "File too large"},
		     {"ulimit -f 8", NULL, "File too large"},
		     {"true", "8k", "No space left on device"}};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		TEMP_DIR(dir);
		freed_by(pair_free) struct pair p;

		if (c->disk)
			mount_small(dir, c->disk);
		run_pair(&p, dir, c->limit, "true");
		cr_expect_eq(p.serve, EXIT_NOT_WRITTEN, "%s: exit %d: %s", c->limit, p.serve,
			     p.s.err);
		expect_in(p.s.err, "cannot write recording r-q1.rec: ", c->why);
		expect_told("serve", c->limit, p.serve, p.s.err);
		cr_expect(!c->disk || p.drive == EXIT_DONE || p.drive == EXIT_NOT_WRITTEN,
			  "exit %d: %s", p.drive, p.s.out);
		if (c->disk)
			umount(dir);
		else
			cr_expect_eq(temp_dir_entries(dir), 1U, "more than d.jsonl is left");
	}
}
