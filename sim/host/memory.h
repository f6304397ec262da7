/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.h - the memory that the two sides share: which pages, on which node.
 */
#ifndef VRB_MEMORY_H
#define VRB_MEMORY_H

#include "vrb.h"

#include <stdbool.h>

enum page_kind { PAGE_4K, PAGE_THP, PAGE_HUGE };

/* "4k", "thp", "huge". */
const char *page_kind_name(enum page_kind kind);

#define NODE_ANY (-1)

/* A shared region: a memfd, mapped MAP_SHARED, every page touched. */
struct arena {
	void *base; /* page-aligned */
	size_t size;
	int fd;
	enum page_kind asked;
	enum page_kind obtained; /* what the kernel gave, read back from smaps */
	double obtained_share;	 /* of the region, 0..1, that has pages of kind `obtained` */
	int node_asked;		 /* NODE_ANY: not bound */
	int node_obtained;	 /* node of the first page, read back; NODE_ANY: not visible */
};

/**
 * arena_open - create, map, bind and touch a region.
 * @size: bytes, rounded up to the page kind.
 * @kind: PAGE_HUGE fails without huge pages; PAGE_THP falls back and tells.
 * @node: NUMA node, or NODE_ANY.
 * @err: "" after a full success; after 0 with text in it, how PAGE_THP fell short.
 *
 * Returns 0; -ENOMEM; -ENOSPC: huge pages asked for and none are free (the line says how
 * to get some); other -errno of memfd_create, mmap or mbind.
 */
int arena_open(struct arena *a, size_t size, enum page_kind kind, int node, struct vrb_err *err);
void arena_close(struct arena *a);

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

/** memory_huge_size - the default huge page size in bytes; 0 if there is none. */
size_t memory_huge_size(void);

#endif
