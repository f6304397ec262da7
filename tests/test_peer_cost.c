/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_cost.c - instructions that the device's side of a foreign driver's ring takes for a packet. They are counted,
 * step by step, so the same build always needs the same.
 */
#include "build_info.h"
#include "peer_fixture.h"
#include "spawned.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME 64u

static unsigned turn(struct front *f, bool tx)
{
	return tx ? front_sink(f) : front_source(f, FRAME);
}

static int next_stop(pid_t pid)
{
	int status;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSTOPPED(status), "%#x", (unsigned)status);
	return WSTOPSIG(status);
}

/* Of a turn and then @reads of the clock, in a copy of this process: it changes what the ring's memory holds, and nothing here. 0: may not trace. */
static uint64_t instructions(struct front *f, bool tx, unsigned reads)
{
	const pid_t pid = fork();
	uint64_t n = 0;
	int status = 0;

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(0);
		raise(SIGSTOP);
		turn(f, tx);
		while (reads--)
			now_ns();
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		return 0;
	cr_assert(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "%#x", (unsigned)status);
	do {
		cr_assert_eq(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		n++;
	} while (next_stop(pid) == SIGTRAP);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return n;
}

/* A ring of buffers. */
static void post_all(struct front *f, bool tx, bool packed, bool wrap)
{
	for (uint16_t i = 0; i < RING; i++) {
		const uint16_t flags = tx ? 0 : WRITE;

		if (packed) {
			f->packed[i] = (struct vring_packed_desc){
				GUEST + DATA + 2048u * i, 12 + FRAME, i,
				(uint16_t)(flags | (wrap ? PEER_AVAIL : PEER_USED))};
		} else {
			set_desc(&f->desc[i], DATA + 2048u * i, 12 + FRAME, flags, 0);
			post(f, i);
		}
	}
}

/*
 * The fewest of several trials, which differ in the clock alone: stepped through, its code is now and then
 * caught by an update of the kernel's, and begins again, the more often the busier the machine is. posted: a packed
 * ring, whose descriptors each trial uses up, is posted again. enough: fewer need not be looked for beyond the
 * first trials.
 */
static uint64_t fewest(struct front *f, bool tx, bool posted, unsigned reads, uint64_t enough)
{
	uint64_t least = UINT64_MAX;

	for (unsigned trial = 0; trial < 5 || (trial < 30 && least > enough); trial++) {
		uint64_t n;

		if (posted)
			post_all(f, tx, true, true);
		n = instructions(f, tx, reads);
		least = n < least ? n : least;
	}
	return least;
}

/* Of testpmd's buffers, one descriptor each; a copy of 64 bytes by libc is in it, and of a recording a 16th of a record. What is allowed is some 5 % above. */
Test(peer_cost, a_packet_takes_no_more_instructions_than_it_did, .timeout = HANG_S)
{
	static const struct {
		uint64_t features;
		bool tx, recorded;
		unsigned most;
	} cases[] = {
		{SPLIT, true, false, 121},	   {SPLIT, false, false, 121},
		{PACKED, true, false, 114},	   {PACKED, false, false, 114},
		{SPLIT, true, true, 171},	   {SPLIT, false, true, 171},
		{PACKED, true, true, 164},	   {PACKED, false, true, 163},
		{SPLIT | ORDER, true, false, 112}, {PACKED | ORDER, true, false, 99},
	};
	TEMP_DIR(dir);

	if (!strstr(BUILD_COMPILER, "gcc") || !strstr(BUILD_CFLAGS, " -O2 ") ||
	    strstr(BUILD_CFLAGS, "-fsanitize"))
		cr_skip_test("the bounds are those of gcc -O2");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const bool tx = cases[i].tx, packed = cases[i].features >> VIRTIO_F_RING_PACKED & 1;
		const struct rec_head head = {.ring = packed, .ring_size = RING};
		/* of a batch: when it was seen, and returned; how many they take is the host's */
		const unsigned reads = cases[i].recorded ? 2 : 0;
		uint64_t empty, n;
		char path[128];

		FRONT(f);
		struct peer_queue *const q = &f->device.queue[tx ? TX : RX];

		front_start(f, tx ? TX : RX, cases[i].features);
		snprintf(path, sizeof(path), "%s/rec", dir);
		if (cases[i].recorded)
			must(rec_create, &q->recorder, path, &head);
		/* twice: the program's first calls of libc, and a lap to compare the next one with */
		for (unsigned lap = 0; lap < 2; lap++) {
			post_all(f, tx, packed, lap % 2 == 0);
			cr_assert_eq(turn(f, tx), RING);
		}
		empty = fewest(f, tx, false, reads, UINT64_MAX);
		if (!empty)
			cr_skip_test("a process may not trace another one here");
		if (!packed)
			post_all(f, tx, packed, true);
		n = (fewest(f, tx, packed, 0, empty + (uint64_t)RING * cases[i].most) - empty) /
		    RING;
		cr_expect_leq(n, cases[i].most, "case %zu: %u", i, (unsigned)n);
		cr_expect_gt(n, cases[i].most / 2, "case %zu: %u: was it stopped early?", i,
			     (unsigned)n);
		rec_abandon(q->recorder);
		q->recorder = NULL;
	}
}
