/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_blk.c - a disk in memory for a foreign driver: requests of any layout, and what is no request.
 */
#include "peer/blk.h"
#include "peer_fixture.h"
#include "spawned.h"

#include <fcntl.h>
#include <linux/virtio_blk.h>
#include <signal.h>
#include <unistd.h>

TestSuite(peer_blk, .init = may_not_spin);

#define SECTORS (1u << 20 >> 9) /* of a disk of 1 MiB */

/* Where a request has its parts. */
#define HEADER 0x3800u
#define STATUS 0x3f00u

#define DISK(f, disk, ...)                                           \
	freed_by(blk_close) struct blk_disk disk;                    \
	const struct blk_conf disk##_conf = {.mib = 1, __VA_ARGS__}; \
	must(blk_open, &(disk), &disk##_conf);                       \
	FRONT_OF(f, blk_offer(&(disk), BLK_OPTIONAL, 1))

static void put_header(struct front *f, unsigned at, uint32_t type, uint64_t sector)
{
	const struct virtio_blk_outhdr h = {.type = type, .sector = sector};

	memcpy(f->memory + at, &h, sizeof(h));
}

/* A chain of the ring from descriptor @first on, or of the table that descriptor @first names. */
static void put_chain(struct front *f, unsigned first, bool indirect, const struct link *links)
{
	struct vring_desc *d = indirect ? (void *)(f->memory + TABLE) : f->desc + first;
	const unsigned base = indirect ? 0 : first;
	unsigned n = 0;

	for (; links[n].flags & NEXT; n++)
		set_desc(&d[n], links[n].offset, links[n].len, links[n].flags, base + n + 1);
	set_desc(&d[n], links[n].offset, links[n].len, links[n].flags, 0);
	if (indirect)
		set_desc(&f->desc[first], TABLE, 16 * (n + 1), INDIR, 0);
}

/* The used element and the status of the request that came back last. */
static uint32_t last_len(const struct front *f)
{
	return f->used->ring[(f->used->idx - 1) % RING].len;
}

static void fill(struct front *f, unsigned at, unsigned len, unsigned seed)
{
	for (unsigned i = 0; i < len; i++)
		f->memory[at + i] = (unsigned char)(seed + i * 7 + (i >> 8));
}

/* Two sectors, by chains that differ in how they are cut. */
static const struct layout {
	struct link out[6], in[6];
} layouts[] = {
	{{{HEADER, 16, NEXT, 0}, {DATA, 1024, NEXT, 0}, {STATUS, 1, WRITE, 0}},
	 {{HEADER, 16, NEXT, 0}, {DATA, 1024, NEXT | WRITE, 0}, {STATUS, 1, WRITE, 0}}},
	{{{HEADER, 1040, NEXT, 0}, {STATUS, 1, WRITE, 0}},
	 {{HEADER, 16, NEXT, 0}, {DATA, 1025, WRITE, 0}}},
	{{{HEADER, 5, NEXT, 0},
	  {HEADER + 5, 11, NEXT, 0},
	  {DATA, 1, NEXT, 0},
	  {DATA + 1, 1000, NEXT, 0},
	  {DATA + 1001, 23, NEXT, 0},
	  {STATUS, 1, WRITE, 0}},
	 {{HEADER, 5, NEXT, 0},
	  {HEADER + 5, 11, NEXT, 0},
	  {DATA, 0, NEXT | WRITE, 0},
	  {DATA, 1001, NEXT | WRITE, 0},
	  {DATA + 1001, 24, NEXT | WRITE, 0},
	  {DATA, 0, WRITE, 0}}},
};

Test(peer_blk, sectors_are_written_and_read_however_a_request_is_cut)
{
	for (unsigned indirect = 0; indirect < 2; indirect++) {
		DISK(f, disk);

		front_start(f, 0, SPLIT);
		for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
			const bool joined = i == 1; /* header and data are one piece */
			const unsigned from = joined ? HEADER + 16 : DATA;
			const uint64_t sector = SECTORS - 2 - i;
			const unsigned status = i ? DATA + 1024 : STATUS;

			put_header(f, HEADER, VIRTIO_BLK_T_OUT, sector);
			fill(f, from, 1024, (unsigned)i);
			f->memory[STATUS] = 0xff;
			put_chain(f, 1, indirect, layouts[i].out);
			post(f, 1);
			cr_assert(blk_turn(&disk, &f->device.queue[0]));
			cr_assert_eq(last_len(f), 1);
			cr_assert_eq(f->memory[STATUS], VIRTIO_BLK_S_OK);

			memset(f->memory + DATA, 0xee, 1024);
			put_header(f, HEADER, VIRTIO_BLK_T_IN, sector);
			f->memory[status] = 0xff;
			put_chain(f, 1, indirect, layouts[i].in);
			post(f, 1);
			cr_assert(blk_turn(&disk, &f->device.queue[0]));
			cr_assert_eq(last_len(f), 1025);
			cr_assert_eq(f->memory[status], VIRTIO_BLK_S_OK);
			for (unsigned j = 0; j < 1024; j++)
				cr_assert_eq(f->memory[DATA + j],
					     (unsigned char)(i + j * 7 + (j >> 8)),
					     "layout %zu, byte %u", i, j);
		}
		assert_have(&f->device.queue[0].stats, packets == 6, bytes == 6 * 1024, failed == 0,
			    indirect == (indirect ? 6u : 0u));
	}
}

static const struct {
	uint32_t type;
	uint64_t sector;
	uint32_t out, in; /* bytes of data */
	unsigned char status;
} requests[] = {
	{VIRTIO_BLK_T_IN, SECTORS - 1, 0, 512, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_IN, SECTORS, 0, 0, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_IN, SECTORS, 0, 512, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_IN, SECTORS - 1, 0, 1024, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_IN, UINT64_MAX, 0, 512, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_IN, UINT64_MAX / 512 + 1, 0, 512, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_IN, 0, 0, 511, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_IN, 0, 512, 512, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_OUT, SECTORS - 1, 512, 0, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_OUT, SECTORS, 512, 0, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_OUT, 0, 513, 0, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_OUT, 0, 512, 512, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_FLUSH, 0, 0, 0, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_FLUSH, 0, 512, 0, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_GET_ID, 0, 0, 20, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_GET_ID, 0, 0, 4, VIRTIO_BLK_S_OK},
	{VIRTIO_BLK_T_GET_ID, 0, 0, 21, VIRTIO_BLK_S_IOERR},
	{VIRTIO_BLK_T_DISCARD, 0, 16, 0, VIRTIO_BLK_S_UNSUPP},
	{UINT32_MAX, 0, 0, 512, VIRTIO_BLK_S_UNSUPP},
};

/* Its file is truncated while it is served: no request is done any more, and none is said to be. */
Test(peer_blk, a_disk_that_is_gone_answers_that_it_failed)
{
	static const struct link links[] = {
		{HEADER, 16, NEXT, 0}, {DATA, 512, NEXT | WRITE, 0}, {STATUS, 1, WRITE, 0}};
	char path[300];
	FILE *file;
	TEMP_DIR(dir);

	snprintf(path, sizeof(path), "%s/disk", dir);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(ftruncate(fileno(file), 65536), 0);

	DISK(f, disk, .path = path);

	front_start(f, 0, SPLIT);
	peer_memory_guard(PEER_GUARDS - 1, &disk.memory);
	for (unsigned gone = 0; gone < 2; gone++) {
		put_header(f, HEADER, VIRTIO_BLK_T_IN, 3);
		f->memory[STATUS] = 0xff;
		put_chain(f, 1, false, links);
		post(f, 1);
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_assert_eq(f->memory[STATUS], gone ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK,
			     "%u: %u", gone, f->memory[STATUS]);
		cr_assert_eq(ftruncate(fileno(file), 0), 0);
	}
	cr_assert_eq(f->device.queue[0].stats.failed, 1);
	peer_memory_guard(PEER_GUARDS - 1, NULL);
	fclose(file);
}

Test(peer_blk, what_is_not_there_is_answered_by_its_status)
{
	DISK(f, disk);
	unsigned failed = 0;

	front_start(f, 0, SPLIT);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct link links[] = {{HEADER, 16, NEXT, 0},
					     {DATA, requests[i].out, NEXT, 0},
					     {DATA + 4096, requests[i].in, NEXT | WRITE, 0},
					     {STATUS, 1, WRITE, 0}};

		put_header(f, HEADER, requests[i].type, requests[i].sector);
		memset(f->memory + DATA + 4096, 0xee, 1025);
		f->memory[STATUS] = 0xff;
		put_chain(f, 0, false, links);
		post(f, 0);
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_expect_eq(f->memory[STATUS], requests[i].status, "case %zu: %u", i,
			     f->memory[STATUS]);
		/* The length covers what is before the status, so all of it was written. */
		cr_expect_eq(last_len(f), requests[i].in + 1, "case %zu", i);
		for (unsigned j = 0; j < requests[i].in; j++)
			cr_expect_neq(f->memory[DATA + 4096 + j], 0xee, "case %zu", i);
		cr_expect_eq(f->memory[DATA + 4096 + requests[i].in], 0xee, "case %zu", i);
		failed += requests[i].status != VIRTIO_BLK_S_OK;
		if (requests[i].type == VIRTIO_BLK_T_GET_ID && requests[i].in == 20)
			cr_expect_str_eq((char *)f->memory + DATA + 4096, "vringbench");
	}
	assert_have(&f->device.queue[0].stats, packets == ARRAY_SIZE(requests), failed == failed,
		    errors[CHAIN_OK] == ARRAY_SIZE(requests));
}

static const struct {
	enum chain_error want;
	struct link links[4];
} bad[] = {
	{CHAIN_SHORT, {{HEADER, 16, 0, 0}}},
	{CHAIN_SHORT, {{HEADER, 16, NEXT, 0}, {DATA, 0, WRITE, 0}}},
	{CHAIN_SHORT, {{HEADER, 15, NEXT, 0}, {STATUS, 1, WRITE, 0}}},
	{CHAIN_SHORT, {{STATUS, 1, WRITE, 0}}},
	{CHAIN_DIRECTION, {{HEADER, 16, NEXT, 0}, {STATUS, 1, WRITE | NEXT, 0}, {DATA, 512, 0, 0}}},
	{CHAIN_OUTSIDE,
	 {{HEADER, 16, NEXT, 0}, {BYTES, 512, WRITE | NEXT, 0}, {STATUS, 1, WRITE, 0}}},
	{CHAIN_INDIRECT, {{HEADER, 16, NEXT, 0}, {DATA, 17, INDIR, 0}}},
};

Test(peer_blk, a_chain_that_is_no_request_comes_back_and_the_queue_goes_on)
{
	DISK(f, disk);

	front_start(f, 0, SPLIT);
	put_header(f, HEADER, VIRTIO_BLK_T_IN, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const uint64_t before = f->device.queue[0].stats.errors[bad[i].want];

		put_chain(f, 0, false, bad[i].links);
		post(f, 0);
		f->used->ring[(f->avail->idx - 1) % RING].len = 99;
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_expect_eq(f->device.queue[0].stats.errors[bad[i].want], before + 1,
			     "case %zu: not %s", i, chain_error_name(bad[i].want));
		cr_expect_eq(last_len(f), 0, "case %zu", i);
	}
	assert_have(&f->device.queue[0].stats, packets == 0, failed == 0);
	cr_assert_null(f->device.queue[0].broken);
}

/* More than the disk has: nobody may make the device copy without an end. */
Test(peer_blk, a_request_that_is_larger_than_the_disk_comes_back)
{
	for (unsigned out = 0; out < 2; out++) {
		DISK(f, disk);

		front_start(f, 0, SPLIT);
		put_header(f, HEADER, out ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN, 0);
		set_desc(&f->desc[0], HEADER, 16, NEXT, 1);
		for (unsigned i = 1; i < RING; i++) {
			const bool last = i + 1 == RING;

			set_desc(&f->desc[i], 0, BYTES,
				 (out && !last ? 0 : WRITE) | (last ? 0 : NEXT), i + 1);
		}
		disk.memory.region[0].size = (15 - out) * BYTES - BLK_SECTOR;
		post(f, 0);
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_assert_eq(last_len(f), 0);
		assert_have(&f->device.queue[0].stats, errors[CHAIN_LONG] == 1);
	}
}

/* Three requests of one, two and three pieces of data, whose sectors say which is which. */
static void three_requests(struct front *f, bool packed)
{
	unsigned at = 0;

	for (unsigned i = 0; i < 3; i++) {
		const unsigned header = HEADER + 16 * i, pieces = 2 + i;

		put_header(f, header, VIRTIO_BLK_T_IN, i);
		for (unsigned j = 0; j < pieces; j++) {
			const bool last = j + 1 == pieces, data = j && !last;
			const uint32_t offset = !j     ? header
						: last ? STATUS + i
						       : DATA + 512 * (at + j);
			const uint32_t len = !j ? 16 : data ? 512 : 1;
			const unsigned flags = (j ? WRITE : 0) | (last ? 0 : NEXT);

			if (packed)
				f->packed[at + j] = (struct vring_packed_desc){
					GUEST + offset, len, (uint16_t)(10 + i),
					(uint16_t)(flags | 1u << VRING_PACKED_DESC_F_AVAIL)};
			else
				set_desc(&f->desc[at + j], offset, len, flags, at + j + 1);
		}
		if (!packed)
			post(f, (uint16_t)at);
		at += pieces;
	}
}

/* Other queues and Ctrl-C wait for the end of a turn. */
Test(peer_blk, a_turn_ends_where_it_has_moved_enough)
{
	DISK(f, disk);

	front_start(f, 0, SPLIT);
	cr_assert_eq(disk.turn_bytes, BLK_TURN_BYTES);
	disk.turn_bytes = 1;
	three_requests(f, false);
	for (unsigned i = 1; i <= 3; i++) {
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_expect_eq(f->used->idx, i);
	}
	cr_assert_not(blk_turn(&disk, &f->device.queue[0]));
}

Test(peer_blk, a_reversed_burst_of_a_split_ring_returns_from_its_last_request_on)
{
	static const uint16_t forward[] = {0, 2, 5}, backward[] = {5, 2, 0};

	for (unsigned reversed = 0; reversed < 2; reversed++) {
		DISK(f, disk, .reversed = reversed, .seed = 3);

		front_start(f, 0, SPLIT);
		three_requests(f, false);
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		cr_assert_eq(f->used->idx, 3);
		for (unsigned i = 0; i < 3; i++) {
			const uint16_t id = (reversed ? backward : forward)[i];

			cr_expect_eq(f->used->ring[i].id, id, "%u", f->used->ring[i].id);
			cr_expect_eq(f->used->ring[i].len, 1 + (id == 0	  ? 0
								: id == 2 ? 512
									  : 1024));
		}
		cr_assert_eq(front_base(f, 0), 3);
	}
}

/* In a packed ring each used descriptor stands where the one before it ended: its own chain's length further on. */
Test(peer_blk, a_reversed_burst_of_a_packed_ring_has_its_places_by_the_chains_that_were_returned)
{
	static const unsigned forward[] = {0, 2, 5}, backward[] = {0, 4, 7};

	for (unsigned reversed = 0; reversed < 2; reversed++) {
		DISK(f, disk, .reversed = reversed, .seed = 3);
		const unsigned *at = reversed ? backward : forward;

		front_start(f, 0, PACKED);
		three_requests(f, true);
		cr_assert(blk_turn(&disk, &f->device.queue[0]));
		for (unsigned i = 0; i < 3; i++) {
			const struct vring_packed_desc *d = &f->packed[at[i]];
			const unsigned which = reversed ? 2 - i : i;

			cr_expect_eq(d->id, 10 + which, "%u: %u", i, d->id);
			cr_expect_eq(d->len, 1 + 512 * which);
			cr_expect_eq(d->flags, 1u << VRING_PACKED_DESC_F_AVAIL |
						       1u << VRING_PACKED_DESC_F_USED | WRITE);
		}
		cr_assert_eq(front_base(f, 0), 0x80098009);
	}
}

Test(peer_blk, says_how_large_it_is)
{
	DISK(f, disk);
	/* QEMU asks for all fields that it knows of, which may be more than we know of */
	const struct vhost_message get = MESSAGE(GET_CONFIG, 108, .config = {0, 96, 0, {0}}),
				   num = MESSAGE(GET_QUEUE_NUM, 0, .u64 = 0);
	struct virtio_blk_config config;
	unsigned char reply[120];

	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 120);
	memcpy(&config, reply + 24, sizeof(config));
	assert_have(&config, capacity == SECTORS, seg_max == BLK_SEG_MAX, blk_size == 512,
		    num_queues == 1);
	f->device.offer = blk_offer(&disk, 0, 4);
	must(front_tell, f, &num, 0);
	cr_assert_eq(read(f->fd, reply, 20), 20);
	cr_assert_eq(reply[12], 4);
	cr_assert(f->device.offer.features >> VIRTIO_BLK_F_MQ & 1);
}

/* Of a request of 126 segments, a header and a status. */
Test(peer_blk, a_ring_without_room_for_the_largest_request_does_not_start)
{
	DISK(f, disk);
	const struct vhost_message addr = MESSAGE(
					   SET_VRING_ADDR, sizeof(addr.payload.addr),
					   .addr = {0, 0, USER, USER + USED, USER + AVAIL, 0}),
				   kick = MESSAGE(SET_VRING_KICK, 8, .u64 = VHOST_NO_FD);
	struct vrb_err err = {""};

	front_prepare(f, 0, SPLIT | VHOST_FEATURE(VIRTIO_BLK_F_SEG_MAX));
	must(front_tell, f, &addr, 0);
	cr_assert_eq(front_tell(f, &kick, 0, &err), -EPROTO);
	expect_in(err.msg, "SET_VRING_KICK: a ring of 16 descriptors, and the driver may put 128");
	cr_assert_not(f->device.queue[0].started);
}

/* ---- the command ---- */

Test(peer_blk, serve_refuses_what_is_no_disk)
{
	TEMP_DIR(dir);
	static const struct {
		const char *words, *why;
	} cases[] = {
		{"--device floppy", "unknown value for --device 'floppy'"},
		{"--device blk --mode source", "--mode and --frame go with --device net"},
		{"--device blk --other-socket t", "--other-socket PATH goes with --mode loop"},
		{"--device blk --offer mrg-rxbuf", "--offer mrg-rxbuf goes with --device net"},
		{"--device blk --disk-size 0", "--disk-size 0: too small; legal: 1..65536"},
		{"--device blk --disk-size 65537", "too large; legal: 1..65536"},
		{"--device blk --queues 17", "too large; legal: 1..16"},
		{"--queues 9", "--queues 9: legal: 1 to 8 pairs"},
		{"--disk f", "go with --device blk"},
		{"--device-order reversed-bursts:1:1", "go with --device blk"},
		{"--device-order in-order", "go with --device blk"},
		{"--device blk --mode sink", "--mode and --frame go with --device net"},
		{"--device blk --frame 60", "--mode and --frame go with --device net"},
		{"--device blk --device-order early:0.5:1",
		 "legal: in-order, or reversed-bursts:SHARE:SEED"},
		{"--device blk --device-order reversed-bursts:2:1", "SHARE '2' is not in 0..1"},
		{"--device blk --disk none", "--disk none: No such file or directory"},
		{"--device blk --disk empty", "a plain file of whole sectors of 512 bytes"},
		{"--device blk --disk odd", "a plain file of whole sectors of 512 bytes"},
		{"--device blk --disk .", "--disk .: Is a directory"},
		{"--device blk --disk /dev/null", "a plain file of whole sectors"},
		{"--device blk --disk odd --disk-size 1", "no --disk-size"},
	};

	temp_dir_put(dir, "empty", "");
	temp_dir_put(dir, "odd", "xyz");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SPAWNED(s, dir, "serve --socket s %s", cases[i].words);

		cr_assert_eq(s.code, EXIT_USAGE, "%s: %d", cases[i].words, s.code);
		expect_in(s.err, cases[i].why);
	}
	cr_assert_eq(temp_dir_entries(dir), 2);
}

/*
 * Another process reads what the driver has written, over a connection that came later, and out of the file, whose
 * place no recording takes.
 */
Test(peer_blk, serve_keeps_what_was_written, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT_OF(f, net_offer(0, 1)); /* of no use: the device is in another process */
	freed_by(spawn_free) struct spawned s;
	char text[8 * BLK_SECTOR + 1] = "", path[128];
	int fd;

	memset(text, '.', sizeof(text) - 1);
	temp_dir_put(dir, "disk-q0.rec", text);
	spawn_words_start(
		&s, dir,
		"serve --device blk --disk disk-q0.rec --record disk --socket s --wait kick");
	for (unsigned i = 0; i < 2; i++) {
		const struct link *links = i ? layouts[0].in : layouts[0].out;

		front_joins(f, dir);
		put_header(f, HEADER, i ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT, 6);
		memset(f->memory + DATA, i ? 0 : 'w', 1024);
		f->memory[STATUS] = 0xff;
		put_chain(f, 0, false, links);
		post(f, 0);
		front_say(f, 0, SPLIT);
		front_awaits(f, (uint16_t)(i + 1));
		cr_assert_eq(f->memory[STATUS], VIRTIO_BLK_S_OK);
	}
	cr_assert_eq(f->memory[DATA + 1023], 'w');
	front_leaves(f);
	kill(s.pid, SIGTERM);
	spawn_finish(&s);
	has_ended(&s, EXIT_NOT_WRITTEN);
	expect_in(s.err, "--record disk-q0.rec: --disk disk-q0.rec is the same file");
	expect_in(s.out, "queue 0 (the driver writes and reads): ");
	snprintf(path, sizeof(path), "%s/disk-q0.rec", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_eq(read(fd, text, sizeof(text)), 8 * BLK_SECTOR);
	close(fd);
	cr_assert(text[6 * BLK_SECTOR - 1] == '.' && text[6 * BLK_SECTOR] == 'w' &&
		  text[8 * BLK_SECTOR - 1] == 'w');
}
