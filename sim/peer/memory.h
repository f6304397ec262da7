/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.h - the memory of a foreign driver, as its memory table names it.
 */
#ifndef VRB_PEER_MEMORY_H
#define VRB_PEER_MEMORY_H

#include "vrb.h"

#include <signal.h>
#include <stdbool.h>

/* One load, or store, that the compiler may neither repeat nor split. */
#define READ_ONCE(x)	 __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/* What is rare, so that what is not need not save the registers that it takes. */
#define APART static __attribute__((noinline))

#define PEER_REGIONS 8 /* as vhost-user has it without CONFIGURE_MEM_SLOTS */

/* A row of SET_MEM_TABLE, as it is on the wire: address of the guest, bytes, address of the front-end, offset in the file. */
struct peer_region {
	uint64_t guest, size, user, offset;
};

/* Addresses of the guest that follow each other, and where they are here. */
struct peer_window {
	uint64_t guest, size;
	unsigned char *base;
};

struct peer_memory {
	unsigned n, windows;
	struct peer_region region[PEER_REGIONS]; /* by their addresses of the guest */
	unsigned char *base[PEER_REGIONS];	 /* where the region's first byte is here */
	/* Regions that follow each other in the guest do so here, too, and are one, unless they meet within a page. */
	struct peer_window window[PEER_REGIONS];
	struct peer_window last; /* where the last address of the guest was; of no bytes: none */
	struct {
		void *at;
		size_t size; /* whole pages of its file */
	} mapped[PEER_REGIONS];
	volatile sig_atomic_t
		lost; /* a file was truncated below a region: see peer_memory_guard() */
};

/**
 * peer_memory_map - map what a memory table names.
 * @table: @n rows. @fds: a file for each; they stay the caller's.
 * @m: out, not mapped before; on an error nothing is mapped.
 *
 * Returns 0, or -EINVAL: no row or more than PEER_REGIONS, a row that is empty, wraps, overlaps another
 * one or is not in its file; or the -errno of fstat() or mmap().
 */
int peer_memory_map(struct peer_memory *m, const struct peer_region *table, unsigned n,
		    const int *fds, struct vrb_err *err);

/** peer_memory_unmap - all of it; @m is empty then. */
void peer_memory_unmap(struct peer_memory *m);

/* By differences: no sum here can wrap. Nor does a region: what is below its start is far behind its end. */
static inline bool peer_region_holds(uint64_t start, uint64_t size, uint64_t address, uint64_t len)
{
	return address - start < size && len <= size - (address - start);
}

/** peer_memory_find - as peer_memory_guest(), in any window: that is @m->last then. */
void *peer_memory_find(struct peer_memory *m, uint64_t address, uint64_t len);

/**
 * peer_memory_guest, peer_memory_user - @len bytes at an address of the guest, or of the front-end.
 * Returns NULL if they are not all in one window, or region.
 */
static inline void *peer_memory_guest(struct peer_memory *m, uint64_t address, uint64_t len)
{
	/* Buffers that follow each other mostly lie in the same one. */
	if (peer_region_holds(m->last.guest, m->last.size, address, len))
		return m->last.base + (address - m->last.guest);
	return peer_memory_find(m, address, len);
}

void *peer_memory_user(const struct peer_memory *m, uint64_t address, uint64_t len);

/**
 * peer_memory_guard - survive a front-end that truncates the file of a region while it is read.
 *
 * Handles SIGBUS for the whole process: a region of @m in which it strikes is replaced by zeroes, and
 * @m->lost is set. An address outside @m ends the process as before. NULL: the default again. One @m at a time
 * for each of the @GUARDS slots.
 */
#define PEER_GUARDS 5
void peer_memory_guard(unsigned slot, struct peer_memory *m);

#endif
