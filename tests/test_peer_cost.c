/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_cost.c - instructions that the device's side of a foreign driver's ring takes for a packet. They are counted,
 * step by step, so the same build always needs the same.
 */
#include "build_info.h"
#include "peer_fixture.h"
#include "spawned.h"

#include <elf.h>
#include <link.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
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

/* The program counter of a process that has stopped; 0: not known. */
static uintptr_t stopped_at(pid_t pid)
{
	struct user_regs_struct regs = {0};
	struct iovec at = {&regs, sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &at))
		return 0;
#ifdef __x86_64__
	return regs.rip;
#else
	return regs.pc;
#endif
}

/*
 * Where the kernel has put its clock. A read of it that is stepped through is caught by the kernel's next update and
 * begins again, the more often the busier the machine is: its instructions are not counted.
 */
static bool in_clock(uintptr_t pc)
{
	const uintptr_t at = getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *const head = (const ElfW(Ehdr) *)at;
	const ElfW(Phdr) *const part = at ? (const ElfW(Phdr) *)(at + head->e_phoff) : NULL;

	for (unsigned i = 0; at && i < head->e_phnum; i++)
		if (part[i].p_type == PT_LOAD && pc - at < part[i].p_memsz)
			return true;
	return false;
}

/* Of a turn, in a copy of this process: it changes what the ring's memory holds, and nothing here. 0: may not trace. */
static uint64_t instructions(struct front *f, bool tx)
{
	const pid_t pid = fork();
	uint64_t n = 0;
	int status = 0;

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(0);
		raise(SIGSTOP);
		turn(f, tx);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		return 0;
	cr_assert(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "%#x", (unsigned)status);
	do {
		n += !in_clock(stopped_at(pid));
		cr_assert_eq(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
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
		empty = instructions(f, tx);
		if (!empty)
			cr_skip_test("a process may not trace another one here");
		post_all(f, tx, packed, true);
		n = (instructions(f, tx) - empty) / RING;
		cr_expect_leq(n, cases[i].most, "case %zu: %u", i, (unsigned)n);
		cr_expect_gt(n, cases[i].most / 2, "case %zu: %u: was it stopped early?", i,
			     (unsigned)n);
		rec_abandon(q->recorder);
		q->recorder = NULL;
	}
}
