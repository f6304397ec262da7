/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_fixture.c - a small front-end of one queue.
 */
#include "peer_fixture.h"

#include "session/head.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void front_open(struct front *f, const struct vhost_offer *offer)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->fd = pair[0];
	vhost_open(&f->device, pair[1], offer);
	f->ring = RING;
	f->memory_fd = memfd_create("driver", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(f->memory_fd, BYTES), 0);
	f->memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->memory_fd, 0);
	cr_assert_neq(f->memory, MAP_FAILED);
	f->packed = (void *)f->memory;
	f->driver_event = (void *)(f->memory + AVAIL);
	f->device_event = (void *)(f->memory + USED);
	f->desc = (void *)f->memory;
	f->avail = (void *)(f->memory + AVAIL);
	f->used = (void *)(f->memory + USED);
}

void front_close(struct front **front)
{
	struct front *f = *front;

	vhost_close(&f->device);
	munmap(f->memory, BYTES);
	close(f->memory_fd);
	front_leaves(f);
}

const struct vhost_message memory_table =
	MESSAGE(SET_MEM_TABLE, 40, .memory = {1, 0, {{GUEST, BYTES, USER, 0}}});

void front_send(const struct front *f, const struct vhost_message *m, size_t bytes, unsigned nfds)
{
	unsigned char wire[sizeof(*m)] = {0};
	union {
		char room[CMSG_SPACE(sizeof(int) * 64)];
		struct cmsghdr aligned;
	} control = {0};
	struct iovec iov = {wire, bytes};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	/* The payload begins behind padding to 8 bytes in the struct, but not on the wire. */
	memcpy(wire, &m->header, sizeof(m->header));
	memcpy(wire + sizeof(m->header), &m->payload, sizeof(m->payload));
	if (nfds) {
		struct cmsghdr *c = (void *)&control;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		for (unsigned i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &f->memory_fd, sizeof(int));
	}
	cr_assert_eq(sendmsg(f->fd, &msg, 0), (ssize_t)bytes);
}

int front_tell(struct front *f, const struct vhost_message *m, unsigned nfds, struct vrb_err *err)
{
	const size_t most = sizeof(m->header) + sizeof(m->payload);
	const size_t bytes = sizeof(m->header) + m->header.size;

	front_send(f, m, bytes < most ? bytes : most, nfds);
	return vhost_message(&f->device, err);
}

/* Of these, the first three prepare a queue, the others start it. */
#define STEPS 6
static void make_steps(const struct front *f, struct vhost_message *step, unsigned queue,
		       uint64_t features)
{
	const struct vhost_message all[STEPS] = {
		MESSAGE(SET_FEATURES, 8, .u64 = features),
		memory_table,
		MESSAGE(SET_VRING_NUM, 8, .state = {queue, f->ring}),
		MESSAGE(SET_VRING_ADDR, 40, .addr = {queue, 0, USER, USER + USED, USER + AVAIL, 0}),
		MESSAGE(SET_VRING_BASE, 8, .state = {queue, 0x8000}),
		MESSAGE(SET_VRING_KICK, 8, .u64 = queue | VHOST_NO_FD),
	};

	memcpy(step, all, sizeof(all));
}

void front_say(struct front *f, unsigned queue, uint64_t features)
{
	struct vhost_message step[STEPS];

	make_steps(f, step, queue, features);
	for (unsigned i = 0; i < STEPS; i++)
		front_send(f, &step[i], sizeof(step[i].header) + step[i].header.size, i == 1);
}

static void tell_steps(struct front *f, unsigned queue, uint64_t features, unsigned n)
{
	struct vhost_message step[STEPS];

	make_steps(f, step, queue, features);
	for (unsigned i = 0; i < n; i++)
		must(front_tell, f, &step[i], i == 1);
}

void front_prepare(struct front *f, unsigned queue, uint64_t features)
{
	tell_steps(f, queue, features, 3);
}

void front_start_again(struct front *f, unsigned queue)
{
	struct vhost_message step[STEPS];

	make_steps(f, step, queue, 0);
	must(front_tell, f, &step[3], 0);
	must(front_tell, f, &step[5], 0);
}

void front_start(struct front *f, unsigned queue, uint64_t features)
{
	tell_steps(f, queue, features, STEPS);
}

void front_start_both(struct front *f, uint64_t features)
{
	const uint64_t at = USER + SECOND;
	const struct vhost_message more[] = {
		MESSAGE(SET_VRING_NUM, 8, .state = {TX, f->ring}),
		MESSAGE(SET_VRING_ADDR, 40, .addr = {TX, 0, at, at + USED, at + AVAIL, 0}),
		MESSAGE(SET_VRING_BASE, 8, .state = {TX, 0x8000}),
		MESSAGE(SET_VRING_KICK, 8, .u64 = TX | VHOST_NO_FD),
	};

	front_start(f, RX, features);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		must(front_tell, f, &more[i], 0);
}

int front_connect(const char *dir, const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name);
	while (connect(fd, (struct sockaddr *)&at, sizeof(at)))
		usleep(1000);
	return fd;
}

void front_joins(struct front *f, const char *dir)
{
	front_leaves(f);
	f->fd = front_connect(dir, "s");
}

void front_leaves(struct front *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void front_awaits(const struct front *f, uint16_t used)
{
	while (__atomic_load_n(&f->used->idx, __ATOMIC_ACQUIRE) != used)
		usleep(1000);
}

uint32_t front_base(struct front *f, unsigned queue)
{
	const struct vhost_message get = MESSAGE(GET_VRING_BASE, 8, .state = {queue, 0});
	uint32_t reply[5];

	must(front_tell, f, &get, 0);
	cr_assert_eq(read(f->fd, reply, sizeof(reply)), 20);
	return reply[4];
}

unsigned front_sink(struct front *f)
{
	const struct net_format format = net_format_of(f->device.features);
	const struct queue_stats *s = &f->device.queue[TX].stats;
	const uint64_t before = s->buffers;

	net_sink(&f->device.queue[TX], &format, &f->packet);
	return (unsigned)(s->buffers - before);
}

unsigned front_source(struct front *f, uint32_t frame)
{
	const struct net_format format = net_format_of(f->device.features);
	const struct queue_stats *s = &f->device.queue[RX].stats;
	const uint64_t before = s->buffers;

	f->packet.len = frame;
	net_source(&f->device.queue[RX], &format, &f->packet);
	return (unsigned)(s->buffers - before);
}

void set_desc(struct vring_desc *d, uint32_t offset, uint32_t len, unsigned flags, unsigned next)
{
	*d = (struct vring_desc){GUEST + offset, len, (uint16_t)flags, (uint16_t)next};
}

void post(struct front *f, uint16_t head)
{
	f->avail->ring[f->avail->idx % f->ring] = head;
	f->avail->idx++;
}

void serve_listens(const char *dir)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/s", dir);
	while (access(path, F_OK))
		usleep(1000);
}

int listen_in(const char *dir)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", dir);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	return fd;
}

void drive_ends(struct vhost *device, struct spawned *driver, enum vrb_exit code)
{
	struct vrb_err err;

	while (!vhost_message(device, &err)) {
	}
	vhost_close(device);
	spawn_finish(driver);
	has_ended(driver, code);
}

void drive_row(const char *dir, char *row)
{
	struct session s;
	char path[300], line[8192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/row", dir);
	must(session_load, path, &s);
	cr_assert_eq(session_kind(&s), SESSION_DRIVEN);
	cr_assert_eq(s.ndriven, 1);
	session_free(&s);
	file = fopen(path, "r");
	*row = '\0';
	while (!*row && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "{\"type\":\"drive\"", 15))
			snprintf(row, 1000, "%.999s", line);
	}
	fclose(file);
}
