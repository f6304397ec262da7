/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_drive_disk.c - our driver for a foreign disk: `serve` in another process, and disks that break what they
 * have agreed on.
 */
#include "peer_fixture.h"
#include "ring/variants.h"
#include "spawned.h"

#include <linux/virtio_blk.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a disk that is honest ---- */

static void drive_disk(const char *dir, const char *of_device, const char *of_driver,
		       const char *says)
{
	freed_by(spawn_free) struct spawned device;
	freed_by(spawn_free) struct spawned driver;
	char row[1000];

	spawn_words_start(&device, dir, "serve --socket s --once --device blk --disk-size 2 %s",
			  of_device);
	serve_listens(dir);
	spawn_words(&driver, dir, "drive -s s --device blk --overwrite --packets 500 --json row %s",
		    of_driver);
	cr_assert_eq(driver.code, EXIT_DONE, "%s: %s%s", of_driver, driver.out, driver.err);
	spawn_finish(&device);
	has_ended(&device, EXIT_DONE);
	expect_in(driver.out, ": done\n", "requests       500 of 500", "behind a later one");
	drive_row(dir, row);
	expect_in(row, "\"end\":\"done\"", "\"other_lengths\":0", says);
}

/* Each variant without vectors: in order, and if it allows that in another order. */
static void drive_disk_variant(const char *dir, const struct variant *v)
{
	char words[100];

	if (!variants_is_virtqueue(v) || v->kind == KIND_CONTROL || v->kind == KIND_COPY ||
	    v->opts.vec != VEC_NONE)
		return;
	/* 6 in flight, of 18 descriptors: entries of a lap differ from those of the lap before, but for the fixed layout */
	snprintf(words, sizeof(words), "-v %s --payload 512 --depth %u", v->name,
		 v->opts.avail == AVAIL_FIXED ? 8 : 6);
	drive_disk(dir, "", words, "\"late\":0,");
	snprintf(words, sizeof(words), "-v %s --ring-size 16 --burst 2", v->name);
	drive_disk(dir, "", words, "\"late\":0,");
	snprintf(words, sizeof(words), "-v %s --payload 512", v->name);
	if (v->opts.order == FREE_LIST)
		drive_disk(dir, "--device-order reversed-bursts:1:1", words, "\"sectors\":4096");
}

Test(peer_drive_disk, each_byte_of_a_disk_is_verified_in_whatever_order_requests_return,
     .timeout = 2 * HANG_S)
{
	static const char *const rings[] = {
		"-v baseline --notify off", "-v baseline --notify event-idx",
		"-v packed --notify desc", "-v packed --ring-size 10 --burst 4",
		"-v shadow-avail --ring-size 4 --burst 1"};
	TEMP_DIR(dir);

	for (size_t i = 0; i < ARRAY_SIZE(rings); i++) {
		char words[100];

		snprintf(words, sizeof(words), "%s --payload 512", rings[i]);
		drive_disk(dir, "--device-order reversed-bursts:1:1", words, "\"sectors\":4096");
		snprintf(words, sizeof(words), "%s --mode read --access sequential", rings[i]);
		drive_disk(dir, "", words, "reads\":500,\"writes\":0");
	}
	for (unsigned i = 0; i < variants_count(); i++)
		drive_disk_variant(dir, variants_get(i));
	/* of 500 requests in bursts of 32, reversed: all but the last of a burst are behind it */
	drive_disk(dir, "--device-order reversed-bursts:1:1 --wait kick", "--mode write",
		   "\"late_by\":31,");
	drive_disk(dir, "", "--depth 1", "\"late_by\":0,");
}

/* What a shadow spared is in the session, and on what reads it. */
Test(peer_drive_disk, a_session_is_read_as_any_other, .timeout = HANG_S)
{
	TEMP_DIR(dir);

	/* the first lap of 256 entries is stored; 4096 + 500 + 4096 requests, of slots in their order */
	drive_disk(dir, "", "-v shadow-avail --payload 512 --depth 32 --label x",
		   "\"posted\":8692,\"entries_spared\":8436");
	RAN(table, EXIT_DONE, dir, "table --format tsv row");
	expect_in(table.out, "peer\tvariant\tmode\t",
		  "x\tshadow-avail\tblk random mixed\tflags\t256\t32\t512\t32\t500\t500\t");
	RAN(page, EXIT_DONE, dir, "report --format md row");
	expect_in(page.out, "1 of 1 runs ended with all back and verified", "| shadow-avail |");
	SPAWNED(plot, dir, "plot row");
	cr_assert_eq(plot.code, EXIT_NOT_WRITTEN, "%d %s", plot.code, plot.err);
	expect_in(plot.err, "row: a session of drive has no plots");
}

Test(peer_drive_disk, a_disk_that_is_too_small_is_named, .timeout = HANG_S)
{
	static const struct {
		const char *words, *why;
	} cases[] = {
		{"--span 3", "--span 3: the disk has 4096 sectors of 512 bytes"},
		{"--payload 1048576", "--depth 32: the 2 blocks of 1048576 bytes"},
	};
	TEMP_DIR(dir);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		freed_by(spawn_free) struct spawned device;
		freed_by(spawn_free) struct spawned driver;

		spawn_words_start(&device, dir, "serve -s s --once --device blk --disk-size 2");
		serve_listens(dir);
		spawn_words(&driver, dir, "drive -s s --device blk --overwrite %s", cases[i].words);
		has_ended(&driver, EXIT_USAGE);
		expect_in(driver.err, cases[i].why);
		spawn_finish(&device);
	}
	/* a net device of ours has no configuration, and refuses to be asked for it */
	freed_by(spawn_free) struct spawned device;

	spawn_words_start(&device, dir, "serve -s s --once");
	serve_listens(dir);
	SPAWNED(driver, dir, "drive -s s --device blk --overwrite");
	has_ended(&driver, EXIT_USAGE);
	expect_in(driver.err, "message 24: the device has closed the connection");
	spawn_finish(&device);
}

/* ---- disks that are not ---- */

/* What a disk does with the first requests, which are writes of a chain of three descriptors each. */
static const struct {
	uint32_t idx, id;
	int status; /* -1: it writes none */
	int code;
	const char *says;
	const char *variant;
} disk_deeds[] = {
	{1, 1, 0, EXIT_INVALID, "an id outside the ring: expected 255, seen 1", "baseline"},
	{1, 96, 0, EXIT_INVALID, "an id outside the ring: expected 255, seen 96", "baseline"},
	{1, UINT32_MAX - 2, 0, EXIT_INVALID, "an id outside the ring", "baseline"},
	{33, 0, 0, EXIT_INVALID, "index ran past", "baseline"},
	{2, 0, 0, EXIT_INVALID, "not outstanding", "baseline"}, /* the same one twice */
	{1, 0, 1, EXIT_INVALID, "status 1, at sector 0", "baseline"},
	{1, 0, -1, EXIT_INVALID, "status 255, at sector 0", "baseline"},
	{1, 0, 0, EXIT_INVALID, ": stalled", "baseline"}, /* and nothing more */
	/* not the oldest one, of a device that has agreed to return them in order */
	{1, 3, 0, EXIT_INVALID, "an id outside the ring: expected 0, seen 1", "fixed-layout"},
	/* a batch of two, and the index says that one is back; of 32, and it says that two are */
	{1, 3, 0, EXIT_INVALID, "does not fit its batch: expected 1, seen 2", "in-order"},
	{2, 93, 0, EXIT_INVALID, "does not fit its batch: expected 2, seen 32",
	 "fixed-layout+in-order"},
	{1, 96, 0, EXIT_INVALID, "an id outside the ring: expected 255, seen 96", "in-order"},
};

/* Until the driver has started its queue. */
static void disk_starts(struct vhost *device, int at)
{
	const struct vhost_offer offer = {.features = VHOST_FEATURE(VIRTIO_F_RING_PACKED) |
						      VHOST_FEATURE(VIRTIO_F_IN_ORDER),
					  .queues = 1,
					  .queue_num = 1,
					  .both_ways = true,
					  .config_bytes = VHOST_CONFIG,
					  .config = {[1] = 0x10}}; /* 4096 sectors */
	struct vrb_err err = {""};

	vhost_open(device, accept(at, NULL, NULL), &offer);
	while (!device->queue[0].started || !device->queue[0].enabled)
		cr_assert_eq(vhost_message(device, &err), 0, "%s", err.msg);
}

static void disk_misdeeds(const char *dir, int at, size_t deed)
{
	static struct vhost device;
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[0];

	spawn_words_start(&driver, dir, "drive -s s --timeout 1 --device blk --overwrite -v %s",
			  disk_deeds[deed].variant);
	disk_starts(&device, at);
	while (!__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE))
		sleep_ms(1);
	for (uint32_t i = 0; i < 2; i++) {
		struct vring_used_elem *e = &q->used->ring[i];

		*e = (struct vring_used_elem){disk_deeds[deed].id, 1};
		if (disk_deeds[deed].status >= 0) /* the third descriptor's byte */
			device.memory.base[0][q->desc[2].addr] =
				(unsigned char)disk_deeds[deed].status;
	}
	__atomic_store_n(&q->used->idx, (uint16_t)disk_deeds[deed].idx, __ATOMIC_RELEASE);
	spawn_finish(&driver);
	vhost_close(&device);
	cr_assert_eq(driver.code, disk_deeds[deed].code, "case %zu: %d %s%s", deed, driver.code,
		     driver.out, driver.err);
	expect_in(driver.out, disk_deeds[deed].says, "requests       0 of 100000");
}

Test(peer_drive_disk, a_disk_that_breaks_its_ring_or_fails_ends_the_run, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(disk_deeds); i++)
		disk_misdeeds(dir, at, i);
	close(at);
}

/* A driver of each ring for the disk that @serve is. */
static void in_both_rings(void (*serve)(const char *dir, int at, const char *variant))
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	signal(SIGPIPE, SIG_IGN);
	serve(dir, at, "baseline");
	serve(dir, at, "packed");
	close(at);
}

/* A disk that says that all went well, and moves no byte. */
static void serve_forgetfully(const char *dir, int at, const char *variant)
{
	static struct vhost device;
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[0];
	struct chain *chain;
	char byte;

	spawn_words_start(&driver, dir, "drive -s s --device blk --overwrite -v %s", variant);
	disk_starts(&device, at);
	while (recv(device.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
		while ((chain = peer_queue_take(q))) {
			*(unsigned char *)chain->piece[chain->n - 1].at = 0;
			peer_queue_give(q, chain, 1);
		}
		peer_queue_publish(q);
	}
	drive_ends(&device, &driver, EXIT_INVALID);
	expect_in(driver.out, ": broken by the device\n", "wrong payload: expected ");
}

Test(peer_drive_disk, a_disk_that_forgets_is_found_out, .timeout = HANG_S)
{
	in_both_rings(serve_forgetfully);
}

#define DISK_BYTES (2u << 20)

/* Does a request whose chain is header, data, status. Returns how many bytes were written. */
static uint32_t move(unsigned char *disk, const struct chain *chain, bool skips)
{
	const struct virtio_blk_outhdr *header = (void *)chain->piece[0].at;
	const struct chain_piece *data = &chain->piece[1];
	const bool reads = header->type == VIRTIO_BLK_T_IN;

	if (!reads)
		memcpy(disk + header->sector * 512, data->at, data->len);
	else if (!skips)
		memcpy(data->at, disk + header->sector * 512, data->len);
	*(unsigned char *)chain->piece[2].at = 0;
	return reads ? data->len + 1 : 1;
}

/*
 * A disk that returns a batch, of 1 to 7 requests, by one used element: of the last one, in the place of the first.
 * Virtio 1.4, 2.7.9 and 2.8.8.
 */
static void serve_in_batches(const char *dir, int at, const struct variant *v)
{
	static struct vhost device;
	static unsigned char disk[DISK_BYTES];
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[0];
	unsigned most = 1, longest = 0;
	char byte, row[1000];

	spawn_words_start(
		&driver, dir,
		"drive -s s --device blk --overwrite --depth 16 --packets 500 --json row -v %s",
		v->name);
	disk_starts(&device, at);
	while (recv(device.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
		struct chain batch, *chain;
		unsigned n = 0, slots = 0;
		uint32_t len = 0;

		while (n != most && (chain = peer_queue_take(q))) {
			len = move(disk, chain, false);
			slots += chain->slots;
			batch = *chain;
			n++;
		}
		if (!n)
			continue;
		batch.slots = (uint16_t)slots;
		peer_queue_return(q, &batch, len);
		peer_queue_publish(q);
		longest = n > longest ? n : longest;
		most = most % 7 + 1;
	}
	drive_ends(&device, &driver, EXIT_DONE);
	cr_assert_gt(longest, 1, "%s", v->name);
	drive_row(dir, row);
	expect_in(row, "\"end\":\"done\"", "\"done\":500", "\"late\":0,", "\"other_lengths\":0");
}

Test(peer_drive_disk, batches_of_a_disk_are_taken_apart, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);
	unsigned variants = 0;

	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);

		if (v->opts.used == USED_BATCH && v->opts.vec == VEC_NONE) {
			serve_in_batches(dir, at, v);
			variants++;
		}
	}
	cr_assert_eq(variants, 4); /* in-order with each use of the available ring; packed */
	close(at);
}

/* A disk that keeps what is written, and skips each read of what it knows that the buffer holds. */
static void serve_lazily(const char *dir, int at, const char *variant)
{
	static struct vhost device;
	static unsigned char disk[DISK_BYTES];
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[0];
	uint64_t holds = UINT64_MAX;
	unsigned skipped = 0;
	struct chain *chain;
	char byte;

	spawn_words_start(&driver, dir,
			  "drive -s s --device blk --overwrite --depth 1 --payload 524288 "
			  "--packets 100 -v %s",
			  variant);
	disk_starts(&device, at);
	while (recv(device.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
		while ((chain = peer_queue_take(q))) {
			const struct virtio_blk_outhdr *header = (void *)chain->piece[0].at;
			const bool skips = header->sector == holds;

			skipped += skips && header->type == VIRTIO_BLK_T_IN;
			holds = header->sector;
			peer_queue_give(q, chain, move(disk, chain, skips));
		}
		peer_queue_publish(q);
	}
	drive_ends(&device, &driver, EXIT_INVALID);
	cr_assert_gt(skipped, 0U);
	expect_in(driver.out, ": broken by the device\n", "wrong payload: expected ",
		  "seen 11936128518282651045");
	cr_assert(!strstr(driver.out, "ns a request"), "%s", driver.out);
}

Test(peer_drive_disk, a_disk_that_skips_a_read_is_found_out, .timeout = HANG_S)
{
	in_both_rings(serve_lazily);
}
