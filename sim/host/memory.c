/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.c - the memory that the two sides share: which pages, on which node.
 */
#include "host/memory.h"

#include "host/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <numa.h>
#include <numaif.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14 and 6.1; older C libraries do not name them. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define THP_DIR "/sys/kernel/mm/transparent_hugepage/"

static const char *const page_names[] = {
	[PAGE_4K] = "4k",
	[PAGE_THP] = "thp",
	[PAGE_HUGE] = "huge",
};

const char *page_kind_name(enum page_kind kind)
{
	return (unsigned)kind < ARRAY_SIZE(page_names) ? page_names[kind] : "unknown";
}

static size_t base_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

long memory_huge_free(void)
{
	return sysfile_field("/proc/meminfo", "HugePages_Free:");
}

size_t memory_huge_size(void)
{
	long kib = sysfile_field("/proc/meminfo", "Hugepagesize:");

	return kib > 0 ? (size_t)kib << 10 : 0;
}

/* What a transparent huge page is; 0: this kernel has none. */
static size_t thp_size(void)
{
	char line[32];

	if (!sysfile_read(THP_DIR "hpage_pmd_size", line, sizeof(line)))
		return 0;
	return (size_t)strtoull(line, NULL, 10);
}

size_t memory_page_size(enum page_kind kind)
{
	size_t thp;

	if (kind == PAGE_HUGE)
		return memory_huge_size();
	thp = kind == PAGE_THP ? thp_size() : 0;
	return thp ? thp : base_page();
}

/* ---- NUMA ---- */

int memory_node_of_cpu(int cpu)
{
	int node = numa_available() < 0 ? 0 : numa_node_of_cpu(cpu);

	return node < 0 ? 0 : node;
}

/* Nodes that have memory and that this process may use, as "0,1,4". */
static void list_nodes(const struct bitmask *allowed, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int node = 0; node <= numa_max_node(); node++)
		if (numa_bitmask_isbitset(allowed, (unsigned)node) && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%d", used ? "," : "",
						 node);
}

int memory_check_node(const char *option, int node, struct vrb_err *err)
{
	struct bitmask *allowed;
	char list[160];
	bool ok;

	if (numa_available() < 0) {
		if (node == 0)
			return 0;
		return vrb_fail(err, ENOSYS,
				"%s %d: this machine shows no NUMA nodes (legal: 0 only)", option,
				node);
	}
	allowed = numa_get_mems_allowed();
	if (!allowed)
		return vrb_fail(err, ENOMEM, "no memory to list the NUMA nodes");
	ok = node >= 0 && node <= numa_max_node() && numa_bitmask_isbitset(allowed, (unsigned)node);
	list_nodes(allowed, list, sizeof(list));
	numa_bitmask_free(allowed);
	if (ok)
		return 0;
	return vrb_fail(err, EINVAL,
			"%s %d: no such NUMA node, or not allowed for this process (legal: %s)",
			option, node, list);
}

static int bind_node(const struct arena *a, struct vrb_err *err)
{
	struct bitmask *nodes;
	int rc;

	if (a->node_asked == NODE_ANY)
		return 0;
	rc = memory_check_node("memory on node", a->node_asked, err);
	if (rc < 0 || numa_available() < 0)
		return rc;
	nodes = numa_allocate_nodemask();
	if (!nodes)
		return vrb_fail(err, ENOMEM, "no memory to bind to node %d", a->node_asked);
	numa_bitmask_setbit(nodes, (unsigned)a->node_asked);
	/* libnuma's own callers pass one more than the size: the kernel takes one off. */
	if (mbind(a->base, a->size, MPOL_BIND, nodes->maskp, nodes->size + 1, MPOL_MF_STRICT) < 0)
		rc = vrb_fail(err, errno, "cannot put %zu bytes on node %d: %s", a->size,
			      a->node_asked, strerror(errno));
	numa_bitmask_free(nodes);
	return rc;
}

static int node_of_page(void *page)
{
	int node;

	if (numa_available() < 0 ||
	    get_mempolicy(&node, NULL, 0, page, MPOL_F_NODE | MPOL_F_ADDR) < 0)
		return NODE_ANY;
	return node;
}

/* ---- pages ---- */

static int no_huge_pages(struct vrb_err *err, size_t size, size_t page)
{
	return vrb_fail(err, ENOSPC,
			"--pages huge: %zu pages of %zu KiB are needed and %ld are free; "
			"\"sysctl vm.nr_hugepages=N\" reserves some, or take --pages thp or 4k",
			page ? size / page : 0, page >> 10, memory_huge_free());
}

/* A size that cannot fit would otherwise end in the out-of-memory killer. */
static int check_fits(size_t size, struct vrb_err *err)
{
	long kib = sysfile_field("/proc/meminfo", "MemAvailable:");

	if (kib < 0 || size >> 10 < (size_t)kib)
		return 0;
	return vrb_fail(err, ENOMEM, "%zu MiB of ring memory are needed and %ld MiB are available",
			size >> 20, kib >> 10);
}

/*
 * Map one memfd of the part's name at its place. The mapping keeps it alive without its
 * descriptor.
 */
static int map_part(const struct arena *a, char *at, size_t size, const char *name,
		    struct vrb_err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | (a->asked == PAGE_HUGE ? MFD_HUGETLB : 0));
	int code = 0;

	if (fd < 0)
		return vrb_fail(err, errno, "cannot make shared memory: %s", strerror(errno));
	if (ftruncate(fd, (off_t)size) < 0) {
		code = errno;
		vrb_fail(err, code, "cannot make %zu bytes of shared memory: %s", size,
			 strerror(code));
	} else if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		   MAP_FAILED) {
		code = errno;
		vrb_fail(err, code, "cannot map %zu bytes: %s", size, strerror(code));
	}
	close(fd);
	return -code;
}

/* Every part over the pages that were held free for it at @base. */
static int map_parts(const struct arena *a, char *base, const struct arena_parts *parts,
		     struct vrb_err *err)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < parts->n && parts->part[i].at < a->size; i++) {
		const struct arena_part *part = &parts->part[i];
		bool last = i + 1 == parts->n || part[1].at >= a->size;

		rc = map_part(a, base + part->at, (last ? a->size : part[1].at) - part->at,
			      part->name, err);
	}
	return rc;
}

/* At an address that large pages can have. */
static int map_aligned(struct arena *a, size_t align, const struct arena_parts *parts,
		       struct vrb_err *err)
{
	size_t room = a->size + align;
	char *hole =
		mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *base;
	int rc;

	if (hole == MAP_FAILED)
		return vrb_fail(err, errno, "no address space for %zu bytes: %s", room,
				strerror(errno));
	base = (char *)(((uintptr_t)hole + align - 1) & ~(uintptr_t)(align - 1));
	rc = map_parts(a, base, parts, err);
	if (rc < 0) {
		munmap(hole, room);
		if (a->asked == PAGE_HUGE && (rc == -ENOMEM || rc == -ENOSPC))
			return no_huge_pages(err, a->size, align);
		return rc;
	}
	if (base > hole)
		munmap(hole, (size_t)(base - hole));
	if (base + a->size < hole + room)
		munmap(base + a->size, (size_t)(hole + room - base) - a->size);
	a->base = base;
	return 0;
}

static int touch(struct arena *a, struct vrb_err *err)
{
	/*
	 * The advice tells what a store would answer with SIGBUS: no huge page left on the node asked for.
	 * Not every kernel has it, and qemu-user 7.2 says 0 and does nothing; so all is touched as well.
	 */
	if (!madvise(a->base, a->size, MADV_POPULATE_WRITE) || errno == EINVAL) {
		for (size_t at = 0; at < a->size; at += base_page())
			((volatile char *)a->base)[at] = 0;
		return 0;
	}
	if (a->asked == PAGE_HUGE)
		return vrb_fail(
			err, ENOSPC,
			"--pages huge: not enough free huge pages on the node asked for (%s)",
			strerror(errno));
	return vrb_fail(err, ENOMEM, "cannot get %zu bytes of memory: %s", a->size,
			strerror(errno));
}

/* Bytes of the region that smaps accounts to each kind of large page. */
struct large_pages {
	size_t thp, huge;
};

static struct large_pages read_smaps(const struct arena *a)
{
	uintptr_t base = (uintptr_t)a->base, from, to;
	struct large_pages got = {0};
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512];
	bool ours = false;

	while (f && fgets(line, sizeof(line), f)) {
		size_t kib;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			ours = from < base + a->size && to > base;
		else if (!ours)
			continue;
		else if (sscanf(line, "ShmemPmdMapped: %zu", &kib) == 1)
			got.thp += kib << 10;
		else if (sscanf(line, "Shared_Hugetlb: %zu", &kib) == 1 ||
			 sscanf(line, "Private_Hugetlb: %zu", &kib) == 1)
			got.huge += kib << 10;
	}
	if (f)
		fclose(f);
	return got;
}

static void read_back(struct arena *a)
{
	struct large_pages got = read_smaps(a);
	size_t part = a->size;

	a->obtained = PAGE_4K;
	if (got.huge) {
		a->obtained = PAGE_HUGE;
		part = got.huge;
	} else if (got.thp) {
		/* Also where 4k was asked and the system forces large pages. */
		a->obtained = PAGE_THP;
		part = got.thp;
	}
	a->obtained_share = part < a->size ? (double)part / (double)a->size : 1;
	a->node_obtained = node_of_page(a->base);
}

static void tell_fallback(const struct arena *a, struct vrb_err *err)
{
	char chosen[32];

	if (a->asked != PAGE_THP || (a->obtained == PAGE_THP && a->obtained_share >= 1))
		return;
	sysfile_chosen(THP_DIR "shmem_enabled", chosen, sizeof(chosen));
	vrb_fail(err, 0,
		 "--pages thp: %.0f %% of the memory is in transparent huge pages "
		 "(" THP_DIR "shmem_enabled is \"%s\")",
		 a->obtained == PAGE_THP ? 100 * a->obtained_share : 0.0,
		 chosen[0] ? chosen : "not there");
}

static int arena_fill(struct arena *a, size_t page, const struct arena_parts *parts,
		      struct vrb_err *err)
{
	int rc = map_aligned(a, page, parts, err);

	if (rc < 0)
		return rc;
	rc = bind_node(a, err);
	if (rc < 0)
		return rc;
	/* Advice only; read_back() tells what became of it. */
	if (a->asked != PAGE_HUGE)
		madvise(a->base, a->size, a->asked == PAGE_THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	rc = touch(a, err);
	if (rc < 0)
		return rc;
	/* Does not ask shmem_enabled, which is "never" on most machines. */
	if (a->asked == PAGE_THP)
		madvise(a->base, a->size, MADV_COLLAPSE);
	read_back(a);
	tell_fallback(a, err);
	return 0;
}

/* The parts must be whole pages in order, or they would be mapped over each other. */
static bool parts_fit(const struct arena_parts *parts, size_t page)
{
	for (unsigned i = 0; i < parts->n; i++) {
		size_t at = parts->part[i].at;

		if (at % page || (i ? at <= parts->part[i - 1].at : at > 0))
			return false;
	}
	return parts->n > 0 && parts->n <= ARENA_PARTS;
}

int arena_open_parts(struct arena *a, size_t size, enum page_kind kind, int node,
		     const struct arena_parts *parts, struct vrb_err *err)
{
	size_t page = memory_page_size(kind);
	int rc;

	*a = (struct arena){.asked = kind, .node_asked = node, .node_obtained = NODE_ANY};
	if (err)
		err->msg[0] = '\0';
	if (!page)
		return vrb_fail(err, ENOSPC,
				"--pages huge: this kernel has no huge pages; take --pages thp or "
				"4k");
	if (!size || size > SIZE_MAX / 4)
		return vrb_fail(err, ENOMEM, "%zu bytes of ring memory cannot be had", size);
	if (!parts->n)
		return arena_open(a, size, kind, node, err);
	if (!parts_fit(parts, page))
		return vrb_fail(err, EINVAL,
				"%u parts of shared memory are not in order, or not on borders of "
				"%zu bytes",
				parts->n, page);
	a->size = (size + page - 1) & ~(page - 1);
	if (kind != PAGE_HUGE) {
		rc = check_fits(a->size, err);
		if (rc < 0)
			return rc;
	}
	rc = arena_fill(a, page, parts, err);
	if (rc < 0)
		arena_close(a);
	return rc;
}

int arena_open(struct arena *a, size_t size, enum page_kind kind, int node, struct vrb_err *err)
{
	static const struct arena_parts whole = {.n = 1, .part = {{0, "vringbench"}}};

	return arena_open_parts(a, size, kind, node, &whole, err);
}

void arena_close(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->size);
	a->base = NULL;
}

int memory_swap(void *a, void *b, size_t size, struct vrb_err *err)
{
	const size_t page = base_page();
	const int how = MREMAP_MAYMOVE | MREMAP_FIXED;
	char *one = a, *other = b;
	char *between = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool moved = between != MAP_FAILED;

	/* page by page, since one call moves pages of one mapping only */
	for (size_t at = 0; moved && at < size; at += page)
		moved = mremap(one + at, page, page, how, between) != MAP_FAILED &&
			mremap(other + at, page, page, how, one + at) != MAP_FAILED &&
			mremap(between, page, page, how, other + at) != MAP_FAILED;
	return moved ? 0
		     : vrb_fail(err, errno, "cannot exchange %zu bytes of memory: %s", size,
				strerror(errno));
}

void *memory_share(const char *name, size_t size, struct vrb_err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	void *at = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)size))
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		vrb_fail(err, errno, "no %zu bytes of shared memory: %s", size, strerror(errno));
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

void memory_unshare(void *at, size_t size)
{
	if (at)
		munmap(at, size);
}

uint64_t memory_frame(const void *at)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool seen = fd >= 0 && pread(fd, &entry, sizeof(entry),
				     (off_t)((uintptr_t)at / base_page() * sizeof(entry))) ==
				       (ssize_t)sizeof(entry);

	if (fd >= 0)
		close(fd);
	/* bit 63: present; bits 0 to 54: the frame, 0 for who may not know it */
	return seen && entry >> 63 ? entry & ((UINT64_C(1) << 55) - 1) : 0;
}
