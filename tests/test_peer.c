/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peer.c - messages of vhost-user, good and hostile, and the command that serves them.
 */
#include "peer_fixture.h"
#include "recording/recording.h"
#include "spawned.h"

#include <dirent.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* ---- messages ---- */

Test(peer, offers_only_what_it_has)
{
	FRONT(f);
	const struct vhost_message get = MESSAGE(GET_FEATURES, 0, .u64 = 0);
	struct {
		uint32_t request, flags, size;
		uint32_t low, high;
	} reply = {0};

	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, &reply, sizeof(reply)), 20);
	cr_assert_eq(reply.flags, 5);
	cr_assert_eq(reply.size, 8);
	cr_assert_eq(reply.low | (uint64_t)reply.high << 32,
		     VHOST_OPTIONAL | VHOST_F_PROTOCOL_FEATURES |
			     VHOST_FEATURE(VIRTIO_F_VERSION_1));
}

Test(peer, acknowledges_what_is_done_and_what_is_refused)
{
	FRONT(f);
	const struct vhost_message ack =
		MESSAGE(SET_PROTOCOL_FEATURES, 8, .u64 = VHOST_PROTOCOL_REPLY_ACK);
	struct vhost_message enable = MESSAGE(SET_VRING_ENABLE, 8, .state = {1, 1});
	struct vrb_err err = {""};
	uint32_t reply[5];

	enable.header.flags |= VHOST_NEED_REPLY;
	must(front_tell, f, &ack, 0);
	must(front_tell, f, &enable, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 20);
	cr_expect_eq(reply[3], 0);
	enable.payload.state.num = 2;
	cr_assert_eq(front_tell(f, &enable, 0, &err), -EPROTO);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 20);
	cr_expect_eq(reply[3], 1);
}

/* What is refused at once, of a device that knows its features, memory and ring size. */
static const struct {
	struct vhost_message m;
	unsigned nfds;
	const char *why;
} refused[] = {
	{{.header = {0, 1, 0}}, 0, "request 0 is not supported"},
	{{.header = {4, 1, 0}}, 0, "request 4 is not supported"},
	{{.header = {VHOST_REQUESTS, 1, 0}}, 0, "is not supported"},
	{{.header = {UINT32_MAX, 1, 0}}, 0, "is not supported"},
	{{.header = {VHOST_GET_FEATURES, 0, 0}}, 0, "flags 0"},
	{{.header = {VHOST_GET_FEATURES, 5, 0}}, 0, "flags 0x5"},
	{{.header = {VHOST_SET_LOG_BASE, 1, 16}},
	 1,
	 "SET_LOG_BASE: not supported: there is no log"},
	{{.header = {VHOST_SET_LOG_FD, 1, 0}}, 1, "SET_LOG_FD: not supported"},
	{MESSAGE(SET_FEATURES, 4, .u64 = 0), 0, "SET_FEATURES of 4 bytes; legal: 8 to 8"},
	{MESSAGE(SET_FEATURES, 16, .u64 = 0), 0, "SET_FEATURES of 16 bytes"},
	{MESSAGE(SET_FEATURES, UINT32_MAX, .u64 = 0), 0, "SET_FEATURES of 4294967295 bytes"},
	{MESSAGE(SET_FEATURES, 8, .u64 = 1ull << 26), 0,
	 "SET_FEATURES: features 0x4000000; legal: of"},
	{MESSAGE(SET_PROTOCOL_FEATURES, 8, .u64 = 2), 0, "protocol features 0x2"},
	{MESSAGE(SET_STATUS, 8, .u64 = 256), 0, "SET_STATUS: 0x100; legal: up to 0xff"},
	{MESSAGE(SET_CONFIG, 13, .config = {0, 1, 0, {0}}), 0, "no field may be written"},
	{MESSAGE(GET_CONFIG, 11, .config = {0, 0, 0, {0}}), 0, "GET_CONFIG of 11 bytes; legal: 12"},
	{MESSAGE(GET_CONFIG, 13, .config = {0, 2, 0, {0}}), 0,
	 "2 bytes of configuration in a message of 13"},
	{MESSAGE(GET_CONFIG, 14, .config = {UINT32_MAX, 2, 0, {0}}), 0,
	 "bytes 4294967295 to 4294967297"},
	{MESSAGE(GET_CONFIG, 268, .config = {0, 256, 0, {0}}), 0, "bytes 0 to 256; legal: up to"},
	{MESSAGE(SET_FEATURES, 8, .u64 = 0), 1, "with 1 descriptors; legal: 0"},
	{MESSAGE(SET_FEATURES, 8, .u64 = 0), 40, "or more; legal: 0"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES, USER, 0}}}), 0,
	 "with 0 descriptors"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES, USER, 0}}}), 2,
	 "with 2 descriptors"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES, USER, 0}}}), 9,
	 "with 9 descriptors"},
	{MESSAGE(SET_MEM_TABLE, 8, .memory = {0}), 0, "a memory table of 0 regions"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {UINT32_MAX, 0, {{GUEST, BYTES, USER, 0}}}), 1,
	 "4294967295 regions"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES + 1, USER, 0}}}), 1,
	 "of its file"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES, USER, 4096}}}), 1,
	 "of its file"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, 0, USER, 0}}}), 1, "empty"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{UINT64_MAX, 2, USER, 0}}}), 1, "wrap"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, 2, UINT64_MAX, 0}}}), 1, "wrap"},
	{MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, 2, USER, UINT64_MAX}}}), 1, "wrap"},
	{MESSAGE(SET_MEM_TABLE, 72,
		 .memory = {2, 0, {{GUEST, 4096, USER, 0}, {GUEST + 4095, 4096, 0, 0}}}),
	 2, "region 1 overlaps region 0"},
	{MESSAGE(SET_MEM_TABLE, 72,
		 .memory = {2, 0, {{GUEST, 4096, USER, 0}, {0, 4096, USER - 4095, 0}}}),
	 2, "region 1 overlaps region 0"},
	{MESSAGE(SET_VRING_NUM, 8, .state = {2, RING}), 0, "queue 2; legal: 0 to 1"},
	{MESSAGE(SET_VRING_NUM, 8, .state = {1, 0}), 0, "a ring of 0"},
	{MESSAGE(SET_VRING_NUM, 8, .state = {1, 65536}), 0,
	 "a ring of 65536 descriptors; legal: 1 to 32768"},
	{MESSAGE(SET_VRING_BASE, 8, .state = {1, 65536}), 0, "base 65536"},
	{MESSAGE(GET_VRING_BASE, 8, .state = {UINT32_MAX, 0}), 0, "queue 4294967295"},
	{MESSAGE(SET_VRING_ENABLE, 8, .state = {9, 1}), 0, "queue 9"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {0, 0, USER, USER, USER, 0}), 0, "out of order"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {1, 1, USER, USER, USER, 0}), 0, "there is no log"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {1, 0, USER + 8, USER + USED, USER + AVAIL, 0}), 0,
	 "descriptor table at 0x7000008: misaligned"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {1, 0, USER, USER + 2, USER + AVAIL, 0}), 0,
	 "used ring"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {1, 0, USER, USER + USED, USER + BYTES - 34, 0}), 0,
	 "available ring at 0x707ffde: not in the memory table"},
	{MESSAGE(SET_VRING_ADDR, 40, .addr = {1, 0, GUEST, USER + USED, USER + AVAIL, 0}), 0,
	 "descriptor table"},
	{MESSAGE(SET_VRING_KICK, 8, .u64 = 1 | VHOST_NO_FD), 0, "out of order"},
	{MESSAGE(SET_VRING_KICK, 8, .u64 = 2 | VHOST_NO_FD), 0, "queue 2"},
	{MESSAGE(SET_VRING_CALL, 8, .u64 = 1), 0, "with 0 descriptors"},
	{MESSAGE(SET_VRING_CALL, 8, .u64 = 1 | VHOST_NO_FD), 1, "with 1 descriptors"},
	{MESSAGE(SET_VRING_CALL, 8, .u64 = 1 | 0x10000), 1, "0x10001 with"},
	{MESSAGE(SET_VRING_ERR, 8, .u64 = 1), 2, "with 2 descriptors"},
};

Test(peer, refuses_what_is_no_message_and_leaks_no_descriptor, .timeout = HANG_S)
{
	const unsigned before = open_descriptors();

	for (unsigned lap = 0; lap < 200; lap++) { /* about 10,000 connections */
		for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
			/* qemu-user leaves those open that a program has no room for */
			if (getenv("EMULATOR") && refused[i].nfds > VHOST_FDS)
				continue;
			FRONT(f);
			struct vrb_err err = {""};

			front_prepare(f, TX, SPLIT);
			cr_assert_lt(front_tell(f, &refused[i].m, refused[i].nfds, &err), 0,
				     "case %zu", i);
			cr_assert_neq(strstr(err.msg, refused[i].why), NULL,
				      "case %zu: '%s' is not in '%s'", i, refused[i].why, err.msg);
		}
	}
	cr_assert_eq(open_descriptors(), before);
}

Test(peer, a_message_that_ends_early_is_refused)
{
	for (size_t bytes = 0; bytes < 52; bytes++) {
		FRONT(f);
		struct vrb_err err = {""};

		if (bytes)
			front_send(f, &memory_table, bytes, 1);
		front_leaves(f);
		if (bytes) {
			cr_assert_eq(vhost_message(&f->device, &err), -EPROTO, "%zu bytes", bytes);
			expect_in(err.msg, "ends after");
		} else {
			cr_assert_eq(vhost_message(&f->device, &err), 1);
		}
		cr_assert_eq(f->device.memory.n, 0);
	}
}

Test(peer, a_queue_is_not_changed_while_it_runs)
{
	static const struct vhost_message late[] = {
		MESSAGE(SET_VRING_NUM, 8, .state = {TX, RING}),
		MESSAGE(SET_VRING_BASE, 8, .state = {TX, 0}),
		MESSAGE(SET_VRING_ADDR, 40, .addr = {TX, 0, USER, USER + USED, USER + AVAIL, 0}),
		MESSAGE(SET_FEATURES, 8, .u64 = 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(late); i++) {
		FRONT(f);
		struct vrb_err err = {""};

		front_start(f, TX, SPLIT);
		cr_assert_eq(front_tell(f, &late[i], 0, &err), -EPROTO, "case %zu", i);
		expect_in(err.msg, "out of order");
	}
}

Test(peer, a_split_ring_has_a_power_of_two)
{
	FRONT(f);
	const struct vhost_message num = MESSAGE(SET_VRING_NUM, 8, .state = {TX, 24});
	const struct vhost_message addr =
		MESSAGE(SET_VRING_ADDR, 40, .addr = {TX, 0, USER, USER + USED, USER + AVAIL, 0});
	struct vrb_err err = {""};

	front_prepare(f, TX, SPLIT);
	must(front_tell, f, &num, 0);
	cr_assert_eq(front_tell(f, &addr, 0, &err), -EPROTO);
	expect_in(err.msg, "a split ring of 24 descriptors; legal: a power of two");
}

/* Whoever stops it before it starts, and goes on later, must not go on elsewhere. */
Test(peer, a_queue_that_has_not_started_is_where_it_was_told)
{
	static const struct {
		uint64_t features;
		uint32_t told, answer;
	} cases[] = {
		{SPLIT, 77, 77},
		{PACKED, 0x80058005, 0x80058005},
		/* DPDK's front-end leaves the upper half 0 */
		{PACKED, 0x8005, 0x80058005},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FRONT(f);
		const struct vhost_message base =
			MESSAGE(SET_VRING_BASE, 8, .state = {TX, cases[i].told});

		front_prepare(f, TX, cases[i].features);
		must(front_tell, f, &base, 0);
		cr_assert_eq(front_base(f, TX), cases[i].answer, "case %zu", i);
	}
}

/* Virtio 1.4, 2.8.1 "Driver and Device Ring Wrap Counters": they begin with 1. */
Test(peer, a_packed_ring_without_a_base_begins_as_a_new_one)
{
	FRONT(f);
	const struct vhost_message addr = MESSAGE(
					   SET_VRING_ADDR, 40,
					   .addr = {TX, 0, USER, USER + USED, USER + AVAIL, 0}),
				   kick = MESSAGE(SET_VRING_KICK, 8, .u64 = TX | VHOST_NO_FD);

	front_prepare(f, TX, PACKED);
	must(front_tell, f, &addr, 0);
	must(front_tell, f, &kick, 0);
	f->packed[0] = (struct vring_packed_desc){GUEST + DATA, 76, 3, PEER_AVAIL};
	cr_assert_eq(front_sink(f), 1);
	cr_assert_eq(f->packed[0].flags & (PEER_AVAIL | PEER_USED), PEER_AVAIL | PEER_USED);
}

Test(peer, features_that_were_refused_are_not_those_of_the_connection)
{
	FRONT(f);
	const struct vhost_message features = MESSAGE(SET_FEATURES, 8, .u64 = UINT64_MAX),
				   protocol = MESSAGE(SET_PROTOCOL_FEATURES, 8, .u64 = UINT64_MAX);
	struct vrb_err err = {""};

	cr_assert_eq(front_tell(f, &features, 0, &err), -EPROTO);
	cr_assert_eq(f->device.features, 0);
	cr_assert_eq(front_tell(f, &protocol, 0, &err), -EPROTO);
	cr_assert_eq(f->device.protocol, 0);
}

Test(peer, says_how_many_pairs_it_has_and_resets)
{
	FRONT(f);
	const struct vhost_message get = MESSAGE(GET_CONFIG, 14, .config = {8, 2, 0, {0}}),
				   reset = MESSAGE(SET_STATUS, 8, .u64 = 0);
	unsigned char reply[26];

	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 26);
	cr_assert_eq(reply[24] | reply[25] << 8, 1);
	front_start(f, TX, SPLIT);
	must(front_tell, f, &reset, 0);
	cr_assert_not(f->device.queue[TX].started);
}

Test(peer, pairs_of_queues_are_offered_and_no_more)
{
	FRONT(f);
	const struct vhost_message get = MESSAGE(GET_QUEUE_NUM, 0, .u64 = 0),
				   ask = MESSAGE(GET_FEATURES, 0, .u64 = 0),
				   last = MESSAGE(SET_VRING_ENABLE, 8, .state = {5, 1}),
				   more = MESSAGE(SET_VRING_ENABLE, 8, .state = {6, 1});
	struct vrb_err err = {""};
	uint32_t reply[5];

	f->device.offer = net_offer(VHOST_OPTIONAL, 3);
	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 20);
	cr_assert_eq(reply[3], 3);
	must(front_tell, f, &ask, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 20);
	cr_assert(reply[3] >> VIRTIO_NET_F_MQ & 1);
	must(front_tell, f, &last, 0);
	cr_assert(f->device.queue[5].enabled);
	cr_assert_eq(front_tell(f, &more, 0, &err), -EPROTO);
	expect_in(err.msg, "queue 6; legal: 0 to 5");
}

/* ---- the command ---- */

Test(peer, serve_refuses_what_it_cannot_listen_at)
{
	TEMP_DIR(dir);
	static const struct {
		const char *words, *why;
	} cases[] = {
		{"serve", "serve needs --socket PATH"},
		{"serve --socket s --mode bridge", "bridge"},
		{"serve --socket s --mode loop",
		 "--other-socket PATH goes with --mode loop, which needs it"},
		{"serve --socket s --other-socket t",
		 "--other-socket PATH goes with --mode loop, and no other"},
		{"serve --socket s --mode loop --other-socket taken",
		 "--other-socket taken: Address already in use"},
		{"serve --socket s --offer packed,", "unknown value for --offer ''"},
		{"serve --socket s --offer none,packed",
		 "--offer none,packed: none goes with no other"},
		{"serve --socket s --offer packed,none", "none goes with no other"},
		{"serve --socket s --offer paked", "did you mean packed?"},
		{"serve --socket s --queues 0", "--queues 0: too small; legal: 1..16"},
		{"serve --socket s --queues 99999999999999999999", "too large; legal: 1..16"},
		{"serve --socket s --frame 59", "legal: 60..65536"},
		{"serve --socket s --frame 60", "--frame 60: legal with --mode source alone"},
		{"serve --socket s --label a", "--label goes with --record"},
		{"serve --socket s --record r --label "
		 "0123456789012345678901234567890123456789012345678901234567890123456789"
		 "01234567890123456789012345",
		 "--label of 96 bytes; legal: 95 at most"},
		{"serve --socket s --record-limit 9", "--record-limit goes with --record"},
		{"serve --socket none/s", "No such file"},
		{"serve --socket taken", "Address already in use"},
		{"serve --socket 0123456789012345678901234567890123456789012345678901234567890123456789"
		 "0123456789012345678901234567890123456789",
		 "110 bytes; legal: 107 at most"},
	};

	temp_dir_put(dir, "taken", "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SPAWNED(s, dir, "%s", cases[i].words);

		cr_assert_eq(s.code, EXIT_USAGE, "%s: %d", cases[i].words, s.code);
		expect_in(s.err, cases[i].why);
	}
	cr_assert_eq(temp_dir_entries(dir), 1);
}

Test(peer, serve_reports_a_refused_connection_and_ends, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned s;
	const uint32_t hostile[3] = {99, 1, 0};
	int fd;

	spawn_words_start(&s, dir, "serve --socket s --once");
	fd = front_connect(dir, "s");
	cr_assert_eq(write(fd, hostile, sizeof(hostile)), 12);
	spawn_finish(&s);
	close(fd);
	cr_assert_eq(s.code, EXIT_INVALID);
	expect_in(s.err, "connection closed: request 99 is not supported");
	expect_in(s.out, "queue 1 (the driver transmits): 0 packets", "same slot      not known");
	cr_assert_eq(temp_dir_entries(dir), 0);
}

/* The front-end truncates its memory below a ring that is polled: SIGBUS in the device. */
Test(peer, serve_survives_memory_that_is_taken_away, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, dir, "serve --socket s --once");
	front_joins(f, dir);
	front_say(f, TX, SPLIT);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	post(f, 0);
	front_awaits(f, 1);
	cr_assert_eq(ftruncate(f->memory_fd, 0), 0);
	spawn_finish(&s);
	has_ended(&s, EXIT_INVALID);
	expect_in(s.err, "connection closed: a file of the memory table was truncated");
	expect_in(s.out, "queue 1 (the driver transmits): 1 packets, 64 bytes");
}

/* Killed, gone, and back: serve goes on with the next one until it is told to stop. */
Test(peer, serve_takes_one_front_end_after_the_other, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, dir, "serve --socket s --wait kick");
	for (uint16_t i = 1; i <= 3; i++) {
		front_joins(f, dir);
		set_desc(&f->desc[0], DATA, 76, 0, 0);
		post(f, 0); /* before it starts: no kick comes for it */
		front_say(f, TX, SPLIT);
		front_awaits(f, i);
	}
	front_leaves(f);
	kill(s.pid, SIGTERM);
	spawn_finish(&s);
	has_ended(&s, EXIT_DONE);
	cr_assert_eq(temp_dir_entries(dir), 0);
}

/* Without a connection of the type that it waits for. */
static bool is_listened_at(const char *dir, const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name);
	is = connect(fd, (struct sockaddr *)&at, sizeof(at)) && errno == EPROTOTYPE;
	close(fd);
	return is;
}

/* A socket that a killed one left is taken; that of one that lives is not, and it does not notice. */
Test(peer, serve_takes_the_socket_of_one_that_was_killed, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned killed, s;

	spawn_words_start(&killed, dir, "serve --socket s");
	close(front_connect(dir, "s"));
	kill(killed.pid, SIGKILL);
	spawn_finish(&killed);
	cr_assert_eq(temp_dir_entries(dir), 1, "it could not remove its socket");
	spawn_words_start(&s, dir, "serve --socket s --once");
	while (!is_listened_at(dir, "s"))
		sleep_ms(1);
	RAN(second, EXIT_USAGE, dir, "serve --socket s");
	expect_in(second.err, "--socket s: Address already in use");
	close(front_connect(dir, "s"));
	spawn_finish(&s);
	has_ended(&s, EXIT_DONE);
	cr_assert_eq(temp_dir_entries(dir), 0);
}

Test(peer, a_queue_without_a_descriptor_for_kicks_is_polled, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, dir, "serve --socket s --once --wait kick");
	front_joins(f, dir);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	front_say(f, TX, SPLIT);
	for (uint16_t i = 1; i <= 3; i++) {
		usleep(20000); /* it has found nothing by now */
		post(f, 0);
		front_awaits(f, i);
	}
	front_leaves(f);
	spawn_finish(&s);
	has_ended(&s, EXIT_DONE);
}

/* Is it asleep for a while? One that polls is never seen so. */
static bool sleeps(pid_t pid)
{
	char path[64], line[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (unsigned i = 0; i < 20; i++) {
		const char *state = NULL;
		FILE *file = fopen(path, "re");

		if (file && fgets(line, sizeof(line), file))
			state = strrchr(line, ')');
		if (file)
			fclose(file);
		if (!state || state[2] != 'S')
			return false;
		usleep(1000);
	}
	return true;
}

/* A sink takes nothing of receive queues: one that has no kicks must not keep it awake. */
Test(peer, a_sink_sleeps_beside_a_receive_queue_until_the_other_is_kicked, .timeout = HANG_S)
{
	const struct vhost_message kick = MESSAGE(SET_VRING_KICK, 8, .u64 = TX);
	const int kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;
	const int memory_fd = f->memory_fd;

	spawn_words_start(&s, dir, "serve --socket s --once --wait kick");
	front_joins(f, dir);
	front_say(f, RX, SPLIT);
	front_say(f, TX, SPLIT);
	f->memory_fd = kick_fd;
	front_send(f, &kick, sizeof(kick.header) + 8, 1);
	f->memory_fd = memory_fd;
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	for (uint16_t i = 1; i <= 3; i++) {
		while (!sleeps(s.pid))
			usleep(1000);
		post(f, 0);
		cr_assert_eq(eventfd_write(kick_fd, 1), 0);
		front_awaits(f, i);
	}
	front_leaves(f);
	close(kick_fd);
	spawn_finish(&s);
	has_ended(&s, EXIT_DONE);
}

Test(peer, what_a_driver_does_is_recorded, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;
	freed_by(rec_free) struct recording r = {0};
	char path[512];

	spawn_words_start(&s, dir, "serve --socket s --once --record traced --label three-buffers");
	front_joins(f, dir);
	set_desc(&f->desc[3], DATA, 12, NEXT, 7);
	set_desc(&f->desc[7], DATA, 64, 0, 0);
	set_desc(&f->desc[5], DATA, 76, 0, 0);
	f->avail->ring[0] = f->avail->ring[2] = 3;
	f->avail->ring[1] = 5;
	f->avail->idx = 2;
	front_say(f, TX, SPLIT);
	front_awaits(f, 2);
	__atomic_store_n(&f->avail->idx, 3, __ATOMIC_RELEASE);
	front_awaits(f, 3);
	front_leaves(f);
	spawn_finish(&s);
	has_ended(&s, EXIT_DONE);
	snprintf(path, sizeof(path), "%s/traced-q1.rec", dir);
	must(rec_read, &r, path);
	cr_assert_str_eq(r.head.source, "three-buffers");
	assert_have(&r.head, ring == REC_SPLIT, ring_size == RING, device == 1, queue == 1,
		    by == REC_DEVICE, features == SPLIT, buffers == 3, lost == 0, batches == 2,
		    start == 0, calls == 0);
	assert_have(&r.records[0].buffer, head == 3, link == 7, after == 1, order == 0);
	cr_assert_eq(rec_descs(&r.records[0].buffer), 2);
	cr_assert_eq(rec_bytes(&r.records[0].buffer), 76);
	cr_assert_eq(r.records[0].buffer.flags, REC_FIRST | REC_READ | REC_RETURNED);
	cr_assert_eq(r.records[1].buffer.flags, REC_READ | REC_RETURNED);
	assert_have(&r.records[1].buffer, head == 5, link == 0, after == 0);
	cr_assert_eq(r.records[2].buffer.flags, REC_FIRST | REC_READ | REC_RETURNED);
	cr_assert_eq(temp_dir_entries(dir), 1);
}

Test(peer, a_recording_that_cannot_be_written_is_said, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	FRONT(f);
	freed_by(spawn_free) struct spawned s;

	spawn_words_start(&s, dir, "serve --socket s --once --record none/traced");
	front_joins(f, dir);
	set_desc(&f->desc[0], DATA, 76, 0, 0);
	post(f, 0);
	front_say(f, TX, SPLIT);
	front_awaits(f, 1);
	front_leaves(f);
	spawn_finish(&s);
	has_ended(&s, EXIT_NOT_WRITTEN);
	expect_in(s.err, "none/traced-q1.rec");
}
