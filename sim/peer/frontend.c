/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frontend.c - messages of a front-end, and what is answered.
 */
#include "peer/frontend.h"

#include "peer/queue.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* A device's socket is there a moment before it listens: so many tries, so far apart. */
#define CONNECT_TRIES 20
#define CONNECT_NS    10000000

static bool connected(int fd, const struct sockaddr_un *at)
{
	static const struct timespec pause = {.tv_nsec = CONNECT_NS};

	for (unsigned i = 0; i < CONNECT_TRIES; i++) {
		if (!connect(fd, (const struct sockaddr *)at, sizeof(*at)))
			return true;
		if (errno != ECONNREFUSED)
			return false;
		nanosleep(&pause, NULL);
		errno = ECONNREFUSED;
	}
	return false;
}

int frontend_connect(struct frontend *f, const char *path, unsigned timeout_ms, int stop,
		     struct vrb_err *err)
{
	const struct timeval most = {timeout_ms / 1000, (suseconds_t)(timeout_ms % 1000) * 1000};
	struct sockaddr_un at;
	int code = vhost_address("--socket", path, &at, err);

	if (code)
		return code;
	*f = (struct frontend){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
			       .stop = stop,
			       .timeout_ms = (int)timeout_ms};
	if (f->fd >= 0 && !setsockopt(f->fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) &&
	    connected(f->fd, &at))
		return 0;
	code = errno;
	frontend_close(f);
	return vrb_fail(
		err, code,
		"--socket %s: %s; legal: a Unix socket at which a vhost-user device listens", path,
		strerror(code));
}

void frontend_close(struct frontend *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* What a send() or recv() that returned @n of @bytes means. */
static int broken_off(const struct vhost_message *m, ssize_t n, size_t bytes, struct vrb_err *err)
{
	const int code = errno;

	if (n > 0)
		return vrb_fail(err, EPROTO, "message %u: it stops after %zd of %zu bytes",
				m->header.request, n, bytes);
	if (!n || code == EPIPE || code == ECONNRESET)
		return vrb_fail(err, ECONNRESET, "message %u: the device has closed the connection",
				m->header.request);
	if (code == EINTR)
		return vrb_fail(err, EINTR, "message %u: interrupted", m->header.request);
	if (code == EAGAIN)
		return vrb_fail(err, ETIMEDOUT, "message %u: no answer in time", m->header.request);
	return vrb_fail(err, code, "message %u: %s", m->header.request, strerror(code));
}

/* @file: goes with it; -1: none. */
static int send_message(struct frontend *f, struct vhost_message *m, int file, struct vrb_err *err)
{
	const size_t bytes = sizeof(m->header) + m->header.size;
	const ssize_t n = vhost_send(f->fd, m, file);

	return n == (ssize_t)bytes ? 0 : broken_off(m, n, bytes, err);
}

/* As recv(), of all @bytes: fewer if the device stops in their middle. */
static ssize_t receive(const struct frontend *f, void *to, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		struct pollfd on[] = {{f->fd, POLLIN, 0}, {f->stop, POLLIN, 0}};
		const int ready = poll(on, ARRAY_SIZE(on), f->timeout_ms);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -1;
		if (on[1].revents) {
			errno = EINTR;
			return -1;
		}
		errno = EAGAIN;
		n = ready ? recv(f->fd, (char *)to + done, bytes - done, MSG_DONTWAIT) : -1;
		if (n <= 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* The reply of @bytes takes the place of the payload. */
static int take_reply(struct frontend *f, struct vhost_message *m, uint32_t bytes,
		      struct vrb_err *err)
{
	const uint32_t request = m->header.request;
	ssize_t n = receive(f, &m->header, sizeof(m->header));

	if (n != (ssize_t)sizeof(m->header)) {
		m->header.request = request;
		return broken_off(m, n, sizeof(m->header), err);
	}
	if (m->header.request != request || m->header.flags != (VHOST_VERSION | VHOST_REPLY) ||
	    m->header.size != bytes)
		return vrb_fail(
			err, EPROTO,
			"message %u: the reply is of %u, flags %#x, %u bytes; legal: of %u, "
			"flags %#x, %u bytes",
			request, m->header.request, m->header.flags, m->header.size, request,
			VHOST_VERSION | VHOST_REPLY, bytes);
	n = receive(f, &m->payload, bytes);
	return n == (ssize_t)bytes ? 0 : broken_off(m, n, bytes, err);
}

#define MESSAGE(name, bytes, ...)                                                      \
	(struct vhost_message)                                                         \
	{                                                                              \
		.header = {VHOST_##name, VHOST_VERSION, bytes}, .payload = __VA_ARGS__ \
	}

/* A step that has no reply of its own. */
static int tell(struct frontend *f, struct vhost_message m, int file, struct vrb_err *err)
{
	int ret;

	if (f->acks)
		m.header.flags |= VHOST_NEED_REPLY;
	ret = send_message(f, &m, file, err);
	if (ret || !f->acks)
		return ret;
	ret = take_reply(f, &m, sizeof(m.payload.u64), err);
	if (!ret && m.payload.u64)
		ret = vrb_fail(err, EPROTO, "message %u: the device refuses it", m.header.request);
	return ret;
}

static int ask(struct frontend *f, struct vhost_message m, uint64_t *to, struct vrb_err *err)
{
	int ret = send_message(f, &m, -1, err);

	if (!ret)
		ret = take_reply(f, &m, sizeof(m.payload.u64), err);
	*to = ret ? 0 : m.payload.u64;
	return ret;
}

int frontend_agree(struct frontend *f, uint64_t features, uint64_t protocol, struct vrb_err *err)
{
	int ret = ask(f, MESSAGE(GET_FEATURES, 0, {0}), &f->offered, err);
	const uint64_t has = f->offered;

	if (ret)
		return ret;
	if (features & ~has)
		return vrb_fail(err, ENOTSUP,
				"the device offers features %#llx, and lacks %#llx of %#llx",
				(unsigned long long)has, (unsigned long long)(features & ~has),
				(unsigned long long)features);
	if (has & VHOST_F_PROTOCOL_FEATURES) {
		ret = ask(f, MESSAGE(GET_PROTOCOL_FEATURES, 0, {0}), &f->offered_protocol, err);
		if (ret)
			return ret;
	}
	if (protocol & ~f->offered_protocol)
		return vrb_fail(
			err, ENOTSUP,
			"the device offers protocol features %#llx, and lacks %#llx of %#llx",
			(unsigned long long)f->offered_protocol,
			(unsigned long long)(protocol & ~f->offered_protocol),
			(unsigned long long)protocol);
	if (has & VHOST_F_PROTOCOL_FEATURES) {
		const uint64_t acks = f->offered_protocol & VHOST_PROTOCOL_REPLY_ACK;

		features |= VHOST_F_PROTOCOL_FEATURES;
		f->protocol = true;
		ret = tell(f, MESSAGE(SET_PROTOCOL_FEATURES, 8, {.u64 = protocol | acks}), -1, err);
		if (ret)
			return ret;
		f->acks = acks;
	}
	ret = tell(f, MESSAGE(SET_OWNER, 0, {0}), -1, err);
	return ret ? ret : tell(f, MESSAGE(SET_FEATURES, 8, {.u64 = features}), -1, err);
}

int frontend_config(struct frontend *f, void *to, uint32_t n, struct vrb_err *err)
{
	const uint32_t bytes = 3 * sizeof(uint32_t) + n;
	struct vhost_message m = MESSAGE(GET_CONFIG, bytes, {.config = {.size = n}});
	int ret = send_message(f, &m, -1, err);

	if (!ret)
		ret = take_reply(f, &m, bytes, err);
	if (!ret)
		memcpy(to, m.payload.config.bytes, n);
	return ret;
}

int frontend_memory(struct frontend *f, int fd, const void *at, uint64_t size, struct vrb_err *err)
{
	return tell(f,
		    MESSAGE(SET_MEM_TABLE, 40,
			    {.memory = {1, 0, {{0, size, (uint64_t)(uintptr_t)at, 0}}}}),
		    fd, err);
}

int frontend_queue_start(struct frontend *f, const struct frontend_queue *q, struct vrb_err *err)
{
	/* packed: position 0 in a lap whose wrap counter is 1, of what is available and of what is used */
	const uint32_t base = q->packed ? PEER_WRAP | PEER_WRAP << 16 : 0;
	const struct {
		struct vhost_message message;
		int file;
	} steps[] = {
		{MESSAGE(SET_VRING_CALL, 8, {.u64 = q->index | (q->call < 0 ? VHOST_NO_FD : 0)}),
		 q->call},
		{MESSAGE(SET_VRING_NUM, 8, {.state = {q->index, q->size}}), -1},
		{MESSAGE(SET_VRING_BASE, 8, {.state = {q->index, base}}), -1},
		{MESSAGE(SET_VRING_ADDR, 40,
			 {.addr = {q->index, 0, (uint64_t)(uintptr_t)q->desc,
				   (uint64_t)(uintptr_t)q->used, (uint64_t)(uintptr_t)q->avail,
				   0}}),
		 -1},
		{MESSAGE(SET_VRING_KICK, 8, {.u64 = q->index | (q->kick < 0 ? VHOST_NO_FD : 0)}),
		 q->kick},
		{MESSAGE(SET_VRING_ENABLE, 8, {.state = {q->index, 1}}), -1}, /* last: see below */
	};
	/* without PROTOCOL_FEATURES queues are enabled from the start, and there is no such message */
	const size_t n = ARRAY_SIZE(steps) - !f->protocol;
	int ret = 0;

	for (size_t i = 0; i < n && !ret; i++)
		ret = tell(f, steps[i].message, steps[i].file, err);
	return ret;
}

int frontend_queue_stop(struct frontend *f, unsigned index, struct vrb_err *err)
{
	uint64_t state;
	int ret = ask(f, MESSAGE(GET_VRING_BASE, 8, {.state = {index, 0}}), &state, err);

	if (!ret && (uint32_t)state != index)
		ret = vrb_fail(err, EPROTO, "GET_VRING_BASE of queue %u: the reply is of queue %u",
			       index, (uint32_t)state);
	return ret;
}

bool frontend_gone(const struct frontend *f)
{
	char byte;
	const ssize_t n = recv(f->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}
