/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * disk_load.c - random blocks of 4 KiB of a disk, several in flight, in the guest of scripts/peers-linux:
 *
 *     disk_load DEVICE write|read DEPTH BLOCKS
 *
 * Writes, or reads and checks: each block begins with its number. Past the page cache, by Linux's own asynchronous
 * requests, a batch of as many as have come back. Exit code 0, 1 and what failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCK 4096u
#define DEPTH 256u

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "disk_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Each block of the disk once, for the step is a prime; in the same order each time. */
static uint64_t block_of(uint64_t i, uint64_t blocks)
{
	return i * 2654435761u % blocks;
}

int main(int argc, char **argv)
{
	static unsigned char memory[DEPTH][BLOCK] __attribute__((aligned(BLOCK)));
	static struct iocb requests[DEPTH];
	struct io_event done[DEPTH];
	const unsigned depth = argc == 5 ? (unsigned)atoi(argv[3]) : 0;
	const uint64_t n = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
	const int writes = argc == 5 && !strcmp(argv[2], "write");
	struct iocb *ready[DEPTH];
	uint64_t begun = 0, ended = 0, blocks = 0;
	unsigned nready = 0;
	aio_context_t context = 0;
	int fd;

	if (!depth || depth > DEPTH)
		fail("DEVICE write|read DEPTH BLOCKS");
	fd = open(argv[1], (writes ? O_WRONLY : O_RDONLY) | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &blocks) || syscall(SYS_io_setup, depth, &context))
		fail(argv[1]);
	blocks /= BLOCK;
	for (unsigned i = 0; i < depth; i++)
		ready[nready++] = &requests[i];
	while (ended < n) {
		unsigned batch = 0;
		long got;

		for (; batch < nready && begun < n; batch++, begun++) {
			struct iocb *r = ready[batch];
			const uint64_t block = block_of(begun, blocks);
			unsigned char *at = memory[r - requests];

			*r = (struct iocb){
				.aio_data = (uintptr_t)r,
				.aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
				.aio_fildes = (uint32_t)fd,
				.aio_buf = (uintptr_t)at,
				.aio_nbytes = BLOCK,
				.aio_offset = (int64_t)(block * BLOCK),
			};
			memset(at, writes ? (int)block : 0, BLOCK);
			if (writes)
				memcpy(at, &block, sizeof(block));
		}
		for (unsigned sent = 0; sent < batch;) {
			const long now =
				syscall(SYS_io_submit, context, (long)(batch - sent), ready + sent);

			if (now <= 0)
				fail("io_submit");
			sent += (unsigned)now;
		}
		memmove(ready, ready + batch, (nready - batch) * sizeof(*ready));
		nready -= batch;
		got = syscall(SYS_io_getevents, context, 1L, (long)depth, done, NULL);
		if (got <= 0)
			fail("io_getevents");
		for (long i = 0; i < got; i++) {
			struct iocb *r = (void *)(uintptr_t)done[i].data;
			const uint64_t block = (uint64_t)r->aio_offset / BLOCK;

			if (done[i].res != BLOCK)
				fail("a block is not whole");
			if (!writes && memcmp(memory[r - requests], &block, sizeof(block)))
				fail("a block is not what was written");
			ready[nready++] = r;
		}
		ended += (uint64_t)got;
	}
	return 0;
}
