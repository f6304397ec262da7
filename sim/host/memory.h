/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.h - the memory that the two sides share: which pages, on which node.
 */
#ifndef VRB_MEMORY_H
#define VRB_MEMORY_H

#include "parts.h"
#include "vrb.h"

#include <stdbool.h>

enum page_kind { PAGE_4K, PAGE_THP, PAGE_HUGE };

/* "4k", "thp", "huge". */
const char *page_kind_name(enum page_kind kind);

#define NODE_ANY (-1)

/*
 * A shared region: memfds, one a part, mapped MAP_SHARED one after the other without a gap, every
 * page touched.
 */
struct arena {
	void *base; /* page-aligned; NULL: not open */
	size_t size;
	enum page_kind asked;
	enum page_kind obtained; /* what the kernel gave, read back from smaps */
	double obtained_share;	 /* of the region, 0..1, that has pages of kind `obtained` */
	int node_asked;		 /* NODE_ANY: not bound */
	int node_obtained;	 /* node of the first page, read back; NODE_ANY: not visible */
};

/**
 * arena_open_parts - create, map, bind and touch a region.
 * @size: bytes, rounded up to the page kind.
 * @kind: PAGE_HUGE fails without huge pages; PAGE_THP falls back and tells.
 * @node: NUMA node, or NODE_ANY.
 * @parts: names; parts that begin beyond the end are left out.
 * @err: "" after a full success; after 0 with text in it, how PAGE_THP fell short.
 *
 * Returns 0; -ENOMEM; -ENOSPC: huge pages asked for and none are free (the line says how
 * to get some); other -errno of memfd_create, mmap (-EINVAL: a part not on a border) or mbind.
 */
int arena_open_parts(struct arena *a, size_t size, enum page_kind kind, int node,
		     const struct arena_parts *parts, struct vrb_err *err);

/** arena_open - the same without parts: all is called "vringbench". */
int arena_open(struct arena *a, size_t size, enum page_kind kind, int node, struct vrb_err *err);
void arena_close(struct arena *a);

/**
 * memory_swap - exchange the pages of two ranges; their addresses stay, their contents go along.
 * @a, @b: multiples of a page of 4 KiB, mapped alike, without overlap. @size: bytes, rounded up to whole pages.
 *
 * The pages stay mapped: neither range faults afterwards. No thread may use either range meanwhile.
 * Returns 0; -errno of mmap or mremap: then neither range may be used any more.
 */
int memory_swap(void *a, void *b, size_t size, struct vrb_err *err);

/**
 * memory_share - memory that this process and those that it forks from here on have in common: a memfd, mapped
 * alike in all, zero, every page there.
 * @size: bytes. Returns its page-aligned address; NULL: the line says why.
 */
void *memory_share(const char *name, size_t size, struct vrb_err *err);
void memory_unshare(void *at, size_t size);

/**
 * memory_frame - the number of the physical page at an address; of a virtual machine, its own.
 * 0: not visible (CAP_SYS_ADMIN is needed). Source: proc(5), /proc/pid/pagemap.
 */
uint64_t memory_frame(const void *at);

/**
 * memory_check_node - may memory be put on this node?
 * Returns 0; -ENOSYS: no NUMA support here and node is not 0; -EINVAL: no such node, or
 * not allowed for this process (the line lists the nodes that are).
 */
int memory_check_node(const char *option, int node, struct vrb_err *err);

/** memory_node_of_cpu - the node a CPU belongs to, 0 where there is no NUMA. */
int memory_node_of_cpu(int cpu);

/** memory_huge_free - free huge pages of the default size; -1 if not visible. */
long memory_huge_free(void);

/**
 * memory_page_size - bytes of a page of this kind, which borders of parts are multiples of.
 * 0: PAGE_HUGE, and there are none. PAGE_THP without any: as PAGE_4K.
 */
size_t memory_page_size(enum page_kind kind);

/** memory_huge_size - the default huge page size in bytes; 0 if there is none. */
size_t memory_huge_size(void);

#endif
