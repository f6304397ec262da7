/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.c - a memory table is believed only as far as it can be checked: no row wraps, overlaps
 * another one, or leaves its file.
 */
#include "peer/memory.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size; /* neither wraps: checked before */
}

static int check_row(const struct peer_region *table, unsigned i, uint64_t file,
		     struct vrb_err *err)
{
	const struct peer_region *r = &table[i];
	uint64_t end;

	if (!r->size || __builtin_add_overflow(r->guest, r->size, &end) ||
	    __builtin_add_overflow(r->user, r->size, &end) ||
	    __builtin_add_overflow(r->offset, r->size, &end))
		return vrb_fail(err, EINVAL,
				"memory region %u: %#llx bytes: empty, or its addresses wrap", i,
				(unsigned long long)r->size);
	if (end > file)
		return vrb_fail(err, EINVAL,
				"memory region %u: ends at %#llx of its file; legal: %#llx at most",
				i, (unsigned long long)end, (unsigned long long)file);
	for (unsigned j = 0; j < i; j++) {
		if (overlap(r->guest, r->size, table[j].guest, table[j].size) ||
		    overlap(r->user, r->size, table[j].user, table[j].size))
			return vrb_fail(err, EINVAL, "memory region %u overlaps region %u", i, j);
	}
	return 0;
}

/* A file of huge pages is mapped and unmapped in these only. */
static uint64_t page_of(int fd)
{
	struct statfs fs;

	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC && fs.f_bsize > 0)
		return (uint64_t)fs.f_bsize;
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A region on its way into the memory. */
struct row {
	const struct peer_region *region;
	unsigned number; /* in the table */
	int fd;
	uint64_t page, skip; /* of its file; bytes of a page before the region's first one */
};

static uint64_t to_pages(uint64_t bytes, uint64_t page)
{
	return (bytes + page - 1) / page * page;
}

/* Can @b be mapped behind @a, which ends @bytes behind a border of both's pages, so that nothing lies between them? */
static bool joins(const struct row *a, const struct row *b, uint64_t bytes)
{
	return b->region->guest == a->region->guest + a->region->size && !b->skip &&
	       !(bytes % a->page) && !(bytes % b->page) &&
	       b->region->size <= INT64_MAX - bytes; /* no sum wraps */
}

/* Free addresses of @bytes, whole pages, from a multiple of @align on. */
static unsigned char *reserve(uint64_t bytes, uint64_t align)
{
	unsigned char *room = mmap(NULL, bytes + align, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t before;

	if (room == MAP_FAILED)
		return NULL;
	before = to_pages((uintptr_t)room, align) - (uintptr_t)room;
	if (before)
		munmap(room, before);
	if (align - before)
		munmap(room + before + bytes, align - before);
	return room + before;
}

/*
 * The first of @n rows, and those that follow it without a gap in the guest's memory and can do so here, too: one window,
 * so that a buffer may lie in several of them. Returns how many, or a negative errno.
 */
static int map_window(struct peer_memory *m, const struct row *row, unsigned n, struct vrb_err *err)
{
	uint64_t bytes = row->skip + row->region->size, align = row->page, size, done = 0;
	unsigned char *at;
	unsigned k = 1;

	for (; k < n && joins(&row[k - 1], &row[k], bytes); k++) {
		bytes += row[k].region->size;
		align = row[k].page > align ? row[k].page : align;
	}
	size = to_pages(bytes, row[k - 1].page);
	at = reserve(size, align);
	for (unsigned i = 0; i < k; i++) {
		const struct peer_region *r = row[i].region;
		const uint64_t own = to_pages(row[i].skip + r->size, row[i].page);

		if (!at || mmap(at + done, own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
				row[i].fd, (off_t)(r->offset - row[i].skip)) == MAP_FAILED) {
			const int ret = vrb_fail(err, errno, "memory region %u: mmap: %s",
						 row[i].number, strerror(errno));

			if (at)
				munmap(at, size);
			m->n -= i;
			return ret;
		}
		m->region[m->n] = *r;
		m->mapped[m->n].at = at + done;
		m->mapped[m->n].size = own;
		m->base[m->n++] = at + done + row[i].skip;
		done += own;
	}
	m->window[m->windows++] =
		(struct peer_window){row->region->guest, bytes - row->skip, at + row->skip};
	return (int)k;
}

int peer_memory_map(struct peer_memory *m, const struct peer_region *table, unsigned n,
		    const int *fds, struct vrb_err *err)
{
	struct row row[PEER_REGIONS] = {0}; /* by their addresses of the guest */
	int ret = 0;

	m->n = m->windows = 0;
	if (n < 1 || n > PEER_REGIONS)
		return vrb_fail(err, EINVAL, "a memory table of %u regions; legal: 1 to %d", n,
				PEER_REGIONS);
	for (unsigned i = 0; i < n && !ret; i++) {
		const uint64_t page = page_of(fds[i]);
		struct stat st;
		unsigned at = i;

		if (fstat(fds[i], &st))
			ret = vrb_fail(err, errno, "memory region %u: %s", i, strerror(errno));
		else
			ret = check_row(table, i, (uint64_t)st.st_size, err);
		for (; at && row[at - 1].region->guest > table[i].guest; at--)
			row[at] = row[at - 1];
		row[at] = (struct row){&table[i], i, fds[i], page, table[i].offset % page};
	}
	for (unsigned i = 0; i < n && ret >= 0; i += (unsigned)ret)
		ret = map_window(m, &row[i], n - i, err);
	if (ret >= 0)
		return 0;
	peer_memory_unmap(m);
	return ret;
}

void peer_memory_unmap(struct peer_memory *m)
{
	m->last.size = 0;
	m->windows = 0;
	while (m->n) {
		m->n--;
		munmap(m->mapped[m->n].at, m->mapped[m->n].size);
	}
}

void *peer_memory_find(struct peer_memory *m, uint64_t address, uint64_t len)
{
	for (unsigned i = 0; i < m->windows; i++) {
		const struct peer_window *w = &m->window[i];

		if (!peer_region_holds(w->guest, w->size, address, len))
			continue;
		m->last = *w;
		return w->base + (address - w->guest);
	}
	return NULL;
}

void *peer_memory_user(const struct peer_memory *m, uint64_t address, uint64_t len)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (peer_region_holds(m->region[i].user, m->region[i].size, address, len))
			return m->base[i] + (address - m->region[i].user);
	}
	return NULL;
}

/* A signal handler has no argument of ours: this is the one place where it finds what is guarded. */
static struct peer_memory *volatile guarded[PEER_GUARDS];

/*
 * Zeroes in place of the region: the access goes on, and whatever is read there is checked as ever. mmap()
 * is no more than its system call. The region as a whole, for a part of a huge page cannot be replaced.
 */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	const uintptr_t at = (uintptr_t)info->si_addr;
	const int saved = errno;

	(void)context;
	for (unsigned g = 0; g < PEER_GUARDS; g++) {
		struct peer_memory *m = guarded[g];

		for (unsigned i = 0; m && i < m->n; i++) {
			const uintptr_t start = (uintptr_t)m->mapped[i].at;

			if (at < start || at - start >= m->mapped[i].size)
				continue;
			if (mmap(m->mapped[i].at, m->mapped[i].size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
				 0) == MAP_FAILED)
				break;
			m->lost = 1;
			errno = saved;
			return;
		}
	}
	signal(number, SIG_DFL); /* not ours: it strikes again, and ends the process */
}

void peer_memory_guard(unsigned slot, struct peer_memory *m)
{
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

	guarded[slot] = m;
	for (unsigned g = 0; g < PEER_GUARDS; g++) {
		if (guarded[g]) {
			sigaction(SIGBUS, &action, NULL);
			return;
		}
	}
	signal(SIGBUS, SIG_DFL);
}
