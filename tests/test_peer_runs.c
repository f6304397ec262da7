/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_runs.c - runs of plain buffers in rings of the sizes that drivers have, one of no power of two: to the end of
 * the ring and over it, with buffers of other kinds among them, in one region of memory, in several, and over their borders.
 */
#include "peer_side.h"
#include "spawned.h"

#include <fcntl.h>
#include <unistd.h>

TestSuite(peer_runs, .init = may_not_spin);

/* Of frames, buffer by buffer. 28 ends at the border, 29 behind it. */
static const uint32_t frames[] = {1, 63, 28, 64, 29, 65, LARGEST};

#define BORDERS                                                                   \
	{                                                                         \
		{0, 0}, {0x10000, 0x30000}, {0x20000, 0x10000}, {SECOND, SECOND}, \
			{SECOND + 0x10000, SECOND + 0x30000},                     \
			{SECOND + 0x20000, SECOND + 0x10000},                     \
	}
static const struct layout one = {1, {{0}}, 0}, joined = {6, BORDERS, 0},
			   apart = {6, BORDERS, 0x100000};

/* ---- the device's turns ---- */

static unsigned left(const struct side *s)
{
	const uint32_t n = s->posted - s->taken;

	return n < PEER_BURST ? n : PEER_BURST;
}

/* Of a buffer that is good else: has it room for a frame of @frame bytes, or more than a header? */
static enum chain_error error_of(const struct sent *b, uint32_t frame)
{
	return b->error ? b->error : b->len < HEADER + frame ? CHAIN_SHORT : CHAIN_OK;
}

static uint32_t frame_in(const struct sent *b)
{
	return b->len > HEADER ? b->len - HEADER : 0;
}

/* The device has the last good frame of those that it took. */
static void sink_turn(struct side *s)
{
	static const uint32_t nothing[PEER_BURST];
	const unsigned n = left(s);
	const struct sent *last = NULL;
	uint32_t number = 0;

	cr_assert_eq(front_sink(s->f), n, "%s, buffer %u", s->name, s->taken);
	for (unsigned i = 0; i < n; i++) {
		const struct sent *b = side_sent(s, s->taken);
		const enum chain_error error = error_of(b, 1);

		if (!error) {
			last = b;
			number = s->taken;
		}
		side_want(s, frame_in(b), error);
	}
	for (uint32_t i = HEADER; last && i < last->len; i++)
		side_eq(s, s->f->packet.bytes[i], (number + i) % 200);
	side_expect_returned(s, nothing, n);
}

static void source_turn(struct side *s, uint32_t frame)
{
	const unsigned n = left(s);
	const uint32_t first = s->taken;
	uint32_t len[PEER_BURST];

	for (uint32_t i = HEADER; i < HEADER + frame; i++)
		s->f->packet.bytes[i] = (unsigned char)((first + i) % 200);
	cr_assert_eq(front_source(s->f, frame), n, "%s, buffer %u", s->name, s->taken);
	for (unsigned i = 0; i < n; i++) {
		const struct sent *b = side_sent(s, s->taken);
		const enum chain_error error = error_of(b, frame);

		len[i] = error ? 0 : HEADER + frame;
		if (!error)
			side_expect_frame(s, b, frame, first);
		side_want(s, frame, error);
	}
	side_expect_returned(s, len, n);
}

/*
 * Each good frame takes a buffer to receive it, and is lost if that one is bad; the first without one waits. The index of
 * receive buffers is not looked at again before what was received is published.
 */
static void forward_turn(struct side *tx, struct side *rx)
{
	static const uint32_t nothing[PEER_BURST];
	const struct net_format format = net_format_of(tx->f->device.features);
	uint32_t len[PEER_BURST];
	unsigned sent = 0, received = 0;

	net_forward(tx->q, &format, rx->q, &format, &tx->f->packet);
	for (const unsigned n = left(tx); sent < n; sent++) {
		const struct sent *b = side_sent(tx, tx->taken), *to = side_sent(rx, rx->taken);
		const enum chain_error error = error_of(b, 1);
		const uint32_t frame = frame_in(b);

		if (!error) {
			enum chain_error refused;

			if (!received && rx->seen == rx->taken)
				rx->seen = rx->posted;
			if (rx->taken == (rx->packed ? rx->posted : rx->seen))
				break;
			refused = error_of(to, frame);
			tx->want.dropped += refused != CHAIN_OK;
			if (!refused)
				side_expect_frame(rx, to, frame, tx->taken);
			len[received++] = refused ? 0 : HEADER + frame;
			side_want(rx, frame, refused);
		}
		side_want(tx, frame, error);
	}
	side_expect_returned(rx, len, received);
	side_expect_returned(tx, nothing, sent);
}

/* ---- the tests ---- */

static const struct {
	uint64_t features;
	uint32_t size;
} rings[] = {{SPLIT, 256},  {SPLIT | ORDER, 256},  {PACKED, 256},
	     {PACKED, 100}, {PACKED | ORDER, 256}, {PACKED | ORDER, 100}};

#define P8 "pppppppp"
/* What is made available together. Rings end behind a run (of 32, and of 20), or within one. */
static const char *const bursts[] = {
	"p",	     "ppppppp",	   P8 P8 "pppp", P8 P8 P8 P8, P8 P8 P8 P8 "ppppp",
	"pppcppp",   "cpppppp",	   "ppppppc",	 "pipppippp", "pppoppp",
	"ppwpppspp", "oppzpppppw", "ocisp",
};
/* So that each of the frames is in each of the areas. */
#define BUFFERS (7 * AREAS + 1)

/* Indices go round in the middle. */
static void start(struct front *f, uint64_t features, uint32_t size)
{
	const uint16_t begin = features >> VIRTIO_F_RING_PACKED & 1 ? 0 : 65500;

	f->ring = size;
	if (begin) {
		f->used->idx = f->avail->idx = begin;
		((struct vring_used *)(void *)(f->memory + SECOND + USED))->idx = begin;
		((struct vring_avail *)(void *)(f->memory + SECOND + AVAIL))->idx = begin;
	}
	front_start_both(f, features);
}

static void sink_and_source(const struct layout *l, uint64_t features, uint32_t size,
			    const char *burst)
{
	FRONT(f);
	struct side tx, rx;

	start(f, features, size);
	layout_tell(f, l);
	tx = side_of(f, l, TX, burst);
	rx = side_of(f, l, RX, burst);
	for (unsigned n = 0; tx.posted < BUFFERS; n++) {
		const uint32_t frame = frames[n % ARRAY_SIZE(frames)];

		for (const char *kind = burst; *kind; kind++) {
			side_post(&tx, *kind, frames[tx.posted % ARRAY_SIZE(frames)]);
			side_post(&rx, *kind, frame);
		}
		side_publish(&tx);
		side_publish(&rx);
		while (left(&tx))
			sink_turn(&tx);
		while (left(&rx))
			source_turn(&rx, frame);
	}
	side_expect_counts(&tx);
	side_expect_counts(&rx);
}

/* Of @ahead buffers to receive, or less, with kinds of their own. */
static void forward(const struct layout *l, uint64_t features, uint32_t size, const char *burst,
		    const char *receives, unsigned ahead)
{
	FRONT(f);
	struct side tx, rx;
	const char *next = receives;

	start(f, features, size);
	layout_tell(f, l);
	tx = side_of(f, l, TX, burst);
	rx = side_of(f, l, RX, burst);
	while (tx.posted < BUFFERS) {
		for (const char *kind = burst; *kind; kind++)
			side_post(&tx, *kind, frames[tx.posted % ARRAY_SIZE(frames)]);
		side_publish(&tx);
		while (left(&tx)) {
			for (; rx.posted - rx.taken < ahead; next = next[1] ? next + 1 : receives)
				side_post(&rx, *next, *next == 's' ? 65 : LARGEST);
			side_publish(&rx);
			forward_turn(&tx, &rx);
		}
	}
	side_expect_counts(&tx);
	side_expect_counts(&rx);
}

Test(peer_runs, each_buffer_of_a_run_comes_back_and_is_counted_once)
{
	for (size_t r = 0; r < ARRAY_SIZE(rings); r++) {
		for (size_t b = 0; b < ARRAY_SIZE(bursts); b++) {
			sink_and_source(&one, rings[r].features, rings[r].size, bursts[b]);
		}
	}
}

Test(peer_runs, each_frame_of_a_run_is_received_or_counted_as_lost)
{
	static const struct {
		const char *kinds;
		unsigned ahead;
	} receives[] = {{"p", 40}, {"p", 5}, {"pppcpppippsppoppw", 40}};

	for (size_t r = 0; r < ARRAY_SIZE(rings); r++) {
		for (size_t b = 0; b < ARRAY_SIZE(bursts); b++) {
			for (size_t i = 0; i < ARRAY_SIZE(receives); i++)
				forward(&one, rings[r].features, rings[r].size, bursts[b],
					receives[i].kinds, receives[i].ahead);
		}
	}
}

/* ---- frames over several buffers ---- */

/* Buffer @b of a frame, which has @from bytes of it before, its header included: @len of them, and nothing behind. */
static void expect_part(const struct side *s, const struct sent *b, uint32_t from, uint32_t len,
			unsigned parts)
{
	for (uint32_t i = 0; i <= b->len; i++) {
		const uint32_t at = from + i;
		const unsigned char want = i >= len	  ? GUARD
					   : at >= HEADER ? s->f->packet.bytes[at]
					   : at == 10	  ? (unsigned char)parts
							  : 0;

		cr_assert_eq(s->f->memory[b->at + i], want, "%s, buffer %u, byte %u", s->name,
			     s->taken, i);
	}
}

/* The device has written @n more buffers with frames of @frame bytes, each over so many buffers as it needs. */
static void expect_merged(struct side *s, unsigned n, uint32_t frame, unsigned parts)
{
	uint32_t len[ARRAY_SIZE(s->sent)];

	cr_assert(n % parts == 0 && n <= ARRAY_SIZE(len), "%s, buffer %u: %u taken", s->name,
		  s->taken, n);
	for (unsigned i = 0; i < n; i++) {
		const struct sent *b = side_sent(s, s->taken);
		const uint32_t from = i % parts * b->len, rest = HEADER + frame - from;

		len[i] = rest < b->len ? rest : b->len;
		expect_part(s, b, from, len[i], parts);
		side_want(s, i % parts ? len[i] : len[i] - HEADER, CHAIN_OK);
		s->want.packets -= i % parts != 0;
	}
	side_expect_returned(s, len, n);
}

/* Of buffers with room for @room bytes, of which some are left over in each round: a frame is given all that it needs, or none. */
static void merge(uint64_t features, uint32_t size, uint32_t room, uint32_t frame)
{
	const unsigned parts = (HEADER + frame + HEADER + room - 1) / (HEADER + room);
	FRONT(f);
	struct side s;

	start(f, features | MERGE, size);
	layout_tell(f, &one);
	s = side_of(f, &one, RX, "merged");
	for (uint32_t i = HEADER; i < HEADER + frame; i++)
		f->packet.bytes[i] = (unsigned char)(i % 200);
	for (unsigned round = 0; s.posted < 3 * size; round++) {
		for (unsigned i = 0; i < parts + round % 3; i++)
			side_post(&s, 'p', room);
		side_publish(&s);
		while (s.posted - s.taken >= parts)
			expect_merged(&s, front_source(f, frame), frame, parts);
		cr_assert_eq(front_source(f, frame), 0, "%s: fewer than a frame needs", s.name);
	}
	side_expect_counts(&s);
}

Test(peer_runs, a_frame_takes_the_buffers_that_it_needs_over_the_end_of_the_ring)
{
	static const uint32_t rooms[] = {28, 100, 700};

	for (size_t r = 0; r < ARRAY_SIZE(rings); r++) {
		for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
			merge(rings[r].features, rings[r].size, rooms[i], 100);
			merge(rings[r].features, rings[r].size, rooms[i], 1000);
		}
	}
}

/*
 * A buffer may lie in two regions that follow each other in the guest's memory, wherever they are in the front-end and
 * its files: QEMU and DPDK take it, too. Where something is between them it is outside the memory.
 */
Test(peer_runs, runs_go_over_regions_and_a_buffer_over_their_border)
{
	static const struct layout *const layouts[] = {&joined, &apart};
	static const char *const some[] = {"ppppppp", "pppcpippp"};

	for (size_t r = 0; r < ARRAY_SIZE(rings); r++) {
		for (size_t i = 0; i < ARRAY_SIZE(layouts) * ARRAY_SIZE(some); i++) {
			const struct layout *l = layouts[i / ARRAY_SIZE(some)];
			const char *burst = some[i % ARRAY_SIZE(some)];

			sink_and_source(l, rings[r].features, rings[r].size, burst);
			forward(l, rings[r].features, rings[r].size, burst, "ppppcpp", 30);
		}
	}
}

static unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned n = 0;

	for (int c = fgetc(maps); c != EOF; c = fgetc(maps))
		n += c == '\n';
	fclose(maps);
	return n;
}

/* The last of three that follow each other may not be written. */
Test(peer_runs, a_memory_table_that_cannot_be_mapped_leaves_nothing)
{
	const struct peer_region table[] = {{GUEST, 4096, USER, 0},
					    {GUEST + 4096, 8192, USER + 4096, 8192},
					    {GUEST + 12288, 4096, USER + 12288, 4096}};
	struct peer_memory m = {0};
	unsigned before;
	char path[64];
	FRONT(f);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->memory_fd);
	const int closed = open(path, O_RDONLY | O_CLOEXEC);
	const int good[] = {f->memory_fd, f->memory_fd, f->memory_fd};
	const int bad[] = {f->memory_fd, f->memory_fd, closed};

	before = mappings();
	expect_in(refusal(-EACCES, peer_memory_map, &m, table, 3, bad), "memory region 2: mmap");
	cr_assert_eq(m.n, 0);
	cr_assert_null(peer_memory_guest(&m, GUEST, 1));
	cr_assert_eq(mappings(), before);
	must(peer_memory_map, &m, table, 3, good);
	cr_assert_not_null(peer_memory_guest(&m, GUEST, 16384));
	cr_assert_null(peer_memory_guest(&m, GUEST, 16385));
	cr_assert_null(peer_memory_user(&m, USER, 4097));
	peer_memory_unmap(&m);
	cr_assert_eq(mappings(), before);
	close(closed);
}

/* What the ring cannot mean, behind @n good buffers: each of them is returned and counted once, and nothing after it. */
Test(peer_runs, what_is_good_before_a_bad_head_is_returned_once)
{
	for (uint32_t n = 0; n < 40; n++) {
		for (unsigned receives = 0; receives < 2; receives++) {
			FRONT(f);
			struct side s;

			start(f, SPLIT, SIZE);
			s = side_of(f, &one, receives ? RX : TX, "a bad head");
			for (uint32_t i = 0; i < n + 3; i++) {
				side_post(&s, 'p', 64);
				if (i == n)
					s.avail->ring[(s.position - 1) % SIZE] = SIZE;
			}
			side_publish(&s);
			s.posted = n;
			s.position -= 3;
			while (left(&s)) {
				if (receives)
					source_turn(&s, 64);
				else
					sink_turn(&s);
			}
			cr_assert_eq(receives ? front_source(f, 64) : front_sink(f), 0);
			cr_assert_str_eq(s.q->broken, "a head is no descriptor", "%u", n);
			s.q->broken = NULL;
			side_expect_counts(&s);
		}
	}
}
