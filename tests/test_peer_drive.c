/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer_drive.c - our driver for a foreign device: `serve` in another process, and devices that lie.
 */
#include "peer_fixture.h"
#include "ring/variants.h"
#include "spawned.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a device that is honest ---- */

static void drive_variant(const char *dir, const struct variant *v, const char *mode)
{
	freed_by(spawn_free) struct spawned device;
	freed_by(spawn_free) struct spawned driver;

	spawn_words_start(&device, dir, "serve --socket s --once --mode %s", mode);
	serve_listens(dir);
	spawn_words(&driver, dir,
		    "drive --socket s --ring-size 64 --burst %d --packets 1000 --mode %s -v %s",
		    *mode == 'e' ? 1 : 32, mode, v->name);
	has_ended(&driver, EXIT_DONE);
	spawn_finish(&device);
	has_ended(&device, EXIT_DONE);
	expect_in(driver.out, ": done\n", "transmitted    1000 of 1000 packets of 64 bytes");
	expect_in(device.out, "queue 1 (the driver transmits): 1000 packets, 64000 bytes");
	if (*mode == 'e') {
		expect_in(driver.out, "received       1000, each unchanged");
		expect_in(device.out, "queue 0 (the driver receives): 1000 packets, 64000 bytes");
	}
}

Test(peer_drive, every_variant_moves_and_verifies_every_packet, .timeout = 4 * HANG_S)
{
	TEMP_DIR(dir);

	for (unsigned i = 0; i < variants_count(); i++) {
		const struct variant *v = variants_get(i);

		if (!variants_is_virtqueue(v) || v->kind == KIND_CONTROL || v->kind == KIND_COPY)
			continue;
		drive_variant(dir, v, "sink");
		drive_variant(dir, v, "echo");
	}
	cr_assert_eq(temp_dir_entries(dir), 0);
}

/* Kicks, of a device that sleeps until it is kicked, and of one that asks for none. */
Test(peer_drive, a_device_that_sleeps_is_kicked, .timeout = HANG_S)
{
	static const char *const ways[] = {"-v baseline --notify flags",
					   "-v baseline --notify event-idx",
					   "-v packed --notify flags", "-v packed --notify desc"};
	TEMP_DIR(dir);

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		for (unsigned polls = 0; polls < 2; polls++) {
			freed_by(spawn_free) struct spawned device;
			freed_by(spawn_free) struct spawned driver;

			spawn_words_start(&device, dir,
					  "serve --socket s --once --mode echo --wait %s",
					  polls ? "poll" : "kick");
			serve_listens(dir);
			spawn_words(&driver, dir, "drive -s s --packets 2000 --mode echo %s",
				    ways[i]);
			has_ended(&driver, EXIT_DONE);
			spawn_finish(&device);
			expect_in(driver.out, ": done\n", "received       2000, each", "kicks  ");
			if (!polls)
				cr_assert(!strstr(driver.out, "kicks          0,"), "%s",
					  driver.out);
		}
	}
}

Test(peer_drive, a_feature_that_the_device_lacks_is_named, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned device;

	spawn_words_start(&device, dir, "serve --socket s --once --offer none");
	serve_listens(dir);
	SPAWNED(driver, dir, "drive --socket s --variant packed");
	has_ended(&driver, EXIT_USAGE);
	expect_in(driver.err, "lacks 0x400000000");
	spawn_finish(&device);
}

Test(peer_drive, refuses_bad_options)
{
	static const struct bad_line bad[] = {
		{"", {"drive needs --socket PATH"}},
		{"-s nowhere", {"--socket nowhere", "No such file"}},
		{"-s s --variant null", {"--variant null is no virtqueue"}},
		{"-s s --variant nonsense", {"nonsense"}},
		{"-s s --ring-size 100", {"--ring-size 100", "a power of two"}},
		{"-s s --ring-size 8 --burst 9", {"--burst 9", "--ring-size 8"}},
		{"-s s --payload 13", {"--payload 13", "14..9000"}},
		{"-s s --payload 9001", {"--payload 9001", "14..9000"}},
		{"-s s --payload 0", {"--payload 0: too small"}},
		{"-s s --notify desc", {"--notify desc"}},
		{"-s s --notify event-idx -v packed", {"--notify event-idx"}},
		{"-s s --mode mixed", {"--mode mixed", "sink, echo"}},
		{"-s s --device blk", {"needs --overwrite"}},
		{"-s s --device blk --overwrite --mode sink",
		 {"--mode sink", "read, write, mixed"}},
		{"-s s --device blk --overwrite -v vectorized",
		 {"--variant vectorized", "one descriptor", "a chain of 3"}},
		{"-s s --device blk --overwrite -v packed+vectorized+in-order",
		 {"--variant packed+vectorized+in-order", "a chain of 3"}},
		{"-s s --device blk --overwrite -v fixed-layout --depth 24",
		 {"--depth 24", "1..64", "a power of two"}},
		{"-s s --device blk --overwrite -v fixed-layout+in-order --depth 128",
		 {"--depth 128", "1..64"}},
		{"-s s --device blk --overwrite --payload 513", {"--payload 513", "512 bytes"}},
		{"-s s --device blk --overwrite --depth 86", {"--depth 86", "1..85"}},
		{"-s s --device blk --overwrite --ring-size 2 -b 2",
		 {"--ring-size 2", "3 at least"}},
		{"-s s --device blk --overwrite --ring-size 32768 --depth 300 --payload 1048576",
		 {"--depth 300", "1..256"}},
		{"-s s --device blk --overwrite --span 5000", {"--span 5000", "1..4096"}},
		{"-s s --packets 0", {"--packets 0: too small", "1..4000000000"}},
		{"-s s --packets -1", {"--packets -1: negative"}},
		{"-s s --timeout 0", {"--timeout 0: too small", "1..3600"}},
		{"-s s --mode loop", {"--mode 'loop'"}},
		{"-s s --device disk", {"--device 'disk'"}},
		/* what a net device has not */
		{"-s s --depth 4", {"--depth: legal with --device blk"}},
		{"-s s --span 4", {"--span: legal with --device blk"}},
		{"-s s --access random", {"--access: legal with --device blk"}},
		{"-s s --overwrite", {"--overwrite: legal with --device blk"}},
		/* before anything runs: else the socket is what is missing */
		{"-s s --label x", {"--label of 1 bytes; legal: with --json, 127 at most"}},
		{"-s s --json no/such", {"session no/such", "No such file"}},
		{"-s s --json .", {"session .", "not a plain file"}},
	};
	TEMP_DIR(dir);

	expect_refused(dir, "drive ", bad, ARRAY_SIZE(bad));
}

/* ---- devices that are not ---- */

/* Replies to GET_FEATURES: @bytes of it, then the connection is closed; 0 bytes and @open: it is not. */
static const struct {
	uint32_t reply[5];
	size_t bytes;
	bool open;
	const char *why;
} lies[] = {
	{{0}, 0, false, "message 1: the device has closed the connection"},
	{{0}, 0, true, "message 1: no answer in time"},
	{{1, 5, 8}, 7, false, "message 1: it stops after 7 of 12 bytes"},
	{{1, 5, 8, 0}, 16, false, "message 1: it stops after 4 of 8 bytes"},
	{{2, 5, 8, 0, 1}, 20, false, "message 1: the reply is of 2, flags 0x5, 8 bytes"},
	{{1, 1, 8, 0, 1}, 20, false, "message 1: the reply is of 1, flags 0x1, 8 bytes"},
	{{1, 5, UINT32_MAX, 0, 1}, 20, false, "flags 0x5, 4294967295 bytes; legal: of 1"},
	{{1, 5, 8, 0, 0}, 20, false, "offers features 0, and lacks 0x100000000"},
};

Test(peer_drive, replies_that_are_none_are_refused_in_words, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		freed_by(spawn_free) struct spawned driver;
		char request[12];
		int fd;

		spawn_words_start(&driver, dir, "drive --socket s --timeout 1");
		fd = accept(at, NULL, NULL);
		cr_assert_eq(read(fd, request, sizeof(request)), 12);
		cr_assert_eq(write(fd, lies[i].reply, lies[i].bytes), (ssize_t)lies[i].bytes);
		if (!lies[i].open)
			close(fd);
		spawn_finish(&driver);
		cr_assert_eq(driver.code, EXIT_USAGE, "case %zu: %d %s", i, driver.code,
			     driver.err);
		expect_in(driver.err, lies[i].why);
		cr_assert_str_empty(driver.out);
		if (lies[i].open)
			close(fd);
	}
	close(at);
}

/* While the device does not answer; nothing was transmitted, which is what the session says. */
Test(peer_drive, a_signal_ends_what_has_not_begun, .timeout = HANG_S)
{
	static const int signals[] = {SIGINT, SIGTERM};
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		freed_by(spawn_free) struct spawned driver;
		char request[12], row[1000];
		int fd;

		spawn_words_start(&driver, dir, "drive --socket s --timeout 600 --json row");
		fd = accept(at, NULL, NULL);
		cr_assert_eq(read(fd, request, sizeof(request)), 12);
		kill(driver.pid, signals[i]);
		spawn_finish(&driver);
		close(fd);
		has_ended(&driver, EXIT_INTERRUPTED);
		expect_in(driver.out, ": interrupted\n", "transmitted    0 of 1000000 packets");
		drive_row(dir, row);
		expect_in(row, "\"end\":\"interrupted\"", "\"done\":0");
	}
	close(at);
	cr_assert_eq(temp_dir_entries(dir), 2, "the socket and a session");
}

/* From the moment that the session has a temporary name, before there is a connection. */
Test(peer_drive, a_signal_at_the_very_start_leaves_no_temporary_file, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);
	char path[80], row[1000];

	fcntl(at, F_SETFL, O_NONBLOCK); /* it need not have come to its connection */
	snprintf(path, sizeof(path), "%s/row", dir);
	for (unsigned i = 0; i < 20; i++) {
		freed_by(spawn_free) struct spawned driver;

		spawn_words_start(&driver, dir, "drive --socket s --timeout 600 --json row");
		while (temp_dir_entries(dir) < 2)
			continue;
		kill(driver.pid, SIGTERM);
		spawn_finish(&driver);
		close(accept(at, NULL, NULL));
		has_ended(&driver, EXIT_INTERRUPTED);
		drive_row(dir, row);
		cr_assert_eq(temp_dir_entries(dir), 2, "the socket and a session");
		cr_assert_eq(unlink(path), 0);
	}
	close(at);
}

/* What a device does once the transmit queue runs. */
enum misdeed { DEED_INDEX, DEED_ID, DEED_AGAIN, DEED_NOTHING, DEED_DIES, DEED_SIGNAL, DEEDS };

static const struct {
	int code;
	const char *says;
} deeds[DEEDS] = {
	[DEED_INDEX] = {EXIT_INVALID, ": broken by the device\n"},
	[DEED_ID] = {EXIT_INVALID, ": broken by the device\n"},
	[DEED_AGAIN] = {EXIT_INVALID, ": broken by the device\n"},
	[DEED_NOTHING] = {EXIT_INVALID, ": stalled\n"},
	[DEED_DIES] = {EXIT_INVALID, ": connection closed by the device\n"},
	[DEED_SIGNAL] = {EXIT_INTERRUPTED, ": interrupted\n"},
};

static void misdo(struct vring_used *used, enum misdeed deed, uint32_t burst)
{
	for (uint32_t i = 0; i < burst; i++)
		used->ring[i].id = deed == DEED_ID ? 99999 : deed == DEED_AGAIN ? 0 : i;
	__atomic_store_n(&used->idx, (uint16_t)(deed == DEED_INDEX ? 9999 : burst),
			 __ATOMIC_RELEASE);
}

/* Until the driver has started the transmit queue. */
static void device_starts(struct vhost *device, int at, struct vrb_err *err)
{
	const struct vhost_offer offer = net_offer(VHOST_OPTIONAL, 1);

	vhost_open(device, accept(at, NULL, NULL), &offer);
	while (!device->queue[1].started || !device->queue[1].enabled)
		cr_assert_eq(vhost_message(device, err), 0, "%s", err->msg);
}

/* As DPDK's vhost: a packet that was transmitted comes back with its length. */
static void serve_with_lengths(const char *dir, int at, const char *variant)
{
	static struct vhost device;
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[1];
	struct vrb_err err = {""};
	struct chain *chain;

	spawn_words_start(&driver, dir, "drive --socket s --packets 1000 -v %s", variant);
	device_starts(&device, at, &err);
	while (q->stats.buffers < 1000) {
		while ((chain = peer_queue_take(q)))
			peer_queue_give(q, chain, (uint32_t)chain->bytes);
		peer_queue_publish(q);
	}
	drive_ends(&device, &driver, EXIT_DONE);
	expect_in(driver.out, ": done\n", "transmitted    1000 of 1000 packets");
}

Test(peer_drive, lengths_of_transmitted_packets_in_a_packed_ring_mean_nothing, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < variants_count(); i++) {
		if (variants_get(i)->ring == RING_PACKED)
			serve_with_lengths(dir, at, variants_get(i)->name);
	}
	close(at);
}

static void serve_badly(const char *dir, int at, enum misdeed deed)
{
	static struct vhost device;
	freed_by(spawn_free) struct spawned driver;
	struct vrb_err err = {""};

	spawn_words_start(&driver, dir, "drive --socket s --timeout %d",
			  deed == DEED_NOTHING ? 1 : 60);
	device_starts(&device, at, &err);
	while (!__atomic_load_n(&device.queue[1].avail->idx, __ATOMIC_ACQUIRE))
		sleep_ms(1);
	if (deed < DEED_NOTHING)
		misdo(device.queue[1].used, deed, 32);
	else if (deed == DEED_SIGNAL)
		kill(driver.pid, SIGINT);
	if (deed == DEED_DIES) /* else it is there, and does not answer */
		vhost_close(&device);
	spawn_finish(&driver);
	if (deed != DEED_DIES)
		vhost_close(&device);
	cr_assert_eq(driver.code, deeds[deed].code, "case %d: %d %s%s", (int)deed, driver.code,
		     driver.out, driver.err);
	expect_in(driver.out, deeds[deed].says, " of 1000000 packets of 64 bytes");
	cr_assert(!strstr(driver.out, "ns a packet"), "%s", driver.out);
}

Test(peer_drive, a_device_that_breaks_its_ring_stalls_or_dies_ends_the_run, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	for (enum misdeed deed = 0; deed < DEEDS; deed++)
		serve_badly(dir, at, deed);
	close(at);
}

/* A device that has returned all, and then does not answer GET_VRING_BASE, or hangs up, or a driver that gets a signal then. */
enum stop { STOP_SILENT, STOP_DIES, STOP_SIGNAL, STOPS };

static void serve_until_the_stop(const char *dir, int at, enum stop stop)
{
	const char *const end =
		stop == STOP_SIGNAL ? "interrupted" : "all is back, and the queues did not stop";
	static struct vhost device;
	freed_by(spawn_free) struct spawned driver;
	struct peer_queue *q = &device.queue[1];
	struct vrb_err err = {""};
	struct chain *chain;
	char row[1000];

	spawn_words_start(&driver, dir,
			  "drive --socket s --packets 1000 --timeout %d --json row --label it",
			  stop == STOP_SIGNAL ? 600 : 1);
	device_starts(&device, at, &err);
	while (q->stats.buffers < 1000) {
		while ((chain = peer_queue_take(q)))
			peer_queue_give(q, chain, 0);
		peer_queue_publish(q);
	}
	/* it has taken all back when it asks for something */
	cr_assert_eq(poll(&(struct pollfd){.fd = device.fd, .events = POLLIN}, 1, 5000), 1);
	if (stop == STOP_SIGNAL)
		kill(driver.pid, SIGTERM);
	if (stop == STOP_DIES)
		vhost_close(&device);
	spawn_finish(&driver);
	if (stop != STOP_DIES)
		vhost_close(&device);
	has_ended(&driver, stop == STOP_SIGNAL ? EXIT_INTERRUPTED : EXIT_INVALID);
	expect_in(driver.out, end, "transmitted    1000 of 1000 packets", "ns a packet");
	drive_row(dir, row);
	expect_in(row, "{\"type\":\"drive\",\"peer\":\"it\",\"variant\":\"baseline\",", end,
		  "\"done\":1000");
}

Test(peer_drive, queues_that_do_not_stop_are_no_good_end, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	const int at = listen_in(dir);

	signal(SIGPIPE, SIG_IGN);
	for (enum stop stop = 0; stop < STOPS; stop++)
		serve_until_the_stop(dir, at, stop);
	close(at);
}
