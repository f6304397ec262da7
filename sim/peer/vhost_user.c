/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_user.c - messages: received whole, checked against their rule, then done.
 */
#include "peer/vhost_user.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

void vhost_open(struct vhost *v, int fd, const struct vhost_offer *offer)
{
	const struct timeval second = {.tv_sec = 1};

	*v = (struct vhost){.fd = fd, .offer = *offer};
	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		peer_queue_open(&v->queue[i], offer->both_ways ? WAY_BOTH
					      : i % 2	       ? WAY_TRANSMITS
							       : WAY_RECEIVES);
	/* If they cannot be set, a front-end that stops in a message holds only itself up. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
}

void vhost_close(struct vhost *v)
{
	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		peer_queue_close(&v->queue[i]);
	peer_memory_unmap(&v->memory);
	peer_memory_unmap(&v->inflight);
	close(v->fd);
}

static uint64_t offered(const struct vhost *v)
{
	return v->offer.features | VHOST_F_PROTOCOL_FEATURES | VHOST_FEATURE(VIRTIO_F_VERSION_1);
}

static uint64_t protocol_offered(const struct vhost *v)
{
	return v->offer.protocol | VHOST_PROTOCOL_MQ | VHOST_PROTOCOL_REPLY_ACK |
	       VHOST_PROTOCOL_CONFIG | VHOST_PROTOCOL_STATUS;
}

/* ---- what each message does ---- */

typedef int handler(struct vhost *v, struct vhost_message *m, struct vrb_err *err);

static int out_of_order(const char *what, struct vrb_err *err)
{
	return vrb_fail(err, EPROTO, "out of order: %s", what);
}

static struct peer_queue *queue_of(struct vhost *v, uint64_t index, struct vrb_err *err)
{
	if (index < v->offer.queues)
		return &v->queue[index];
	vrb_fail(err, EPROTO, "queue %llu; legal: 0 to %u", (unsigned long long)index,
		 v->offer.queues - 1);
	return NULL;
}

/* Of a message that sets up a queue, which must not run then. */
static struct peer_queue *stopped_queue(struct vhost *v, uint64_t index, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, index, err);

	if (!q || !q->started)
		return q;
	out_of_order("the queue runs; GET_VRING_BASE stops it", err);
	return NULL;
}

static int only(const char *what, uint64_t asked, uint64_t offered, struct vrb_err *err)
{
	if (!(asked & ~offered))
		return 0;
	return vrb_fail(err, EPROTO, "%s %#llx; legal: of %#llx", what, (unsigned long long)asked,
			(unsigned long long)offered);
}

static int get_features(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)err;
	m->payload.u64 = offered(v);
	return 0;
}

static int set_features(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	const uint64_t features = m->payload.u64;
	const int ret = only("features", features, offered(v), err);

	if (ret)
		return ret;
	for (unsigned i = 0; i < VHOST_QUEUES && features != v->features; i++) {
		if (v->queue[i].started)
			return out_of_order("features change while a queue runs", err);
		v->queue[i].has_addresses = false; /* they decide what lies there */
		v->queue[i].desc = NULL;
	}
	v->features = features;
	v->has_features = true;
	return 0;
}

static int get_protocol(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)err;
	m->payload.u64 = protocol_offered(v);
	return 0;
}

static int set_protocol(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	const int ret = only("protocol features", m->payload.u64, protocol_offered(v), err);

	if (!ret)
		v->protocol = m->payload.u64;
	return ret;
}

static int get_queue_num(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)err;
	m->payload.u64 = v->offer.queue_num;
	return 0;
}

static int get_config(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	const uint32_t offset = m->payload.config.offset, size = m->payload.config.size;

	if (m->header.size != offsetof(struct vhost_message, payload.config.bytes) -
				      offsetof(struct vhost_message, payload) + size)
		return vrb_fail(err, EPROTO, "%u bytes of configuration in a message of %u", size,
				m->header.size);
	if (offset > v->offer.config_bytes || size > v->offer.config_bytes - offset)
		return vrb_fail(err, EPROTO, "bytes %u to %llu; legal: up to %u", offset,
				(unsigned long long)offset + size, v->offer.config_bytes);
	memcpy(m->payload.config.bytes, v->offer.config + offset, size);
	return 0;
}

static int set_config(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)v;
	(void)m;
	return vrb_fail(err, EPROTO, "no field may be written");
}

static void stop(struct peer_queue *q)
{
	q->started = false;
	if (q->kick_fd >= 0)
		close(q->kick_fd);
	q->kick_fd = -1;
}

/* 0 resets the device. */
static int set_status(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	if (m->payload.u64 > UINT8_MAX)
		return vrb_fail(err, EPROTO, "%#llx; legal: up to 0xff",
				(unsigned long long)m->payload.u64);
	v->status = m->payload.u64;
	for (unsigned i = 0; i < VHOST_QUEUES && !v->status; i++)
		stop(&v->queue[i]);
	return 0;
}

static int get_status(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)err;
	m->payload.u64 = v->status;
	return 0;
}

static int set_log(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)v;
	(void)m;
	return vrb_fail(err, EPROTO, "not supported: there is no log of written pages");
}

static int set_owner(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	(void)v;
	(void)m;
	(void)err;
	return 0; /* a connection has one owner */
}

/* At run time, too: the rings are found again in the new memory before the next buffer is looked at. */
static int set_mem_table(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	const uint32_t n = m->payload.memory.n;
	int ret = 0;

	if (n > PEER_REGIONS || n != m->nfds ||
	    m->header.size != 8 + n * sizeof(struct peer_region))
		return vrb_fail(
			err, EPROTO,
			"%u regions in %u bytes with %u descriptors; legal: 1 to %d, 8 bytes and %zu "
			"for each, a descriptor for each",
			n, m->header.size, m->nfds, PEER_REGIONS, sizeof(struct peer_region));
	peer_memory_unmap(&v->memory);
	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		v->queue[i].desc = NULL;
	ret = peer_memory_map(&v->memory, m->payload.memory.region, n, m->fds, err);
	for (unsigned i = 0; i < VHOST_QUEUES && !ret; i++) {
		if (v->queue[i].has_addresses)
			ret = peer_queue_attach(&v->queue[i], &v->memory, v->features, err);
	}
	return ret;
}

static int set_num(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = stopped_queue(v, m->payload.state.index, err);

	return q ? peer_queue_resize(q, m->payload.state.num, err) : -EPROTO;
}

static int set_addr(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = stopped_queue(v, m->payload.addr.index, err);
	int ret;

	if (!q)
		return -EPROTO;
	if (!q->size || !v->memory.n || !v->has_features)
		return out_of_order("addresses before SET_FEATURES, SET_VRING_NUM or SET_MEM_TABLE",
				    err);
	if (m->payload.addr.flags)
		return vrb_fail(err, EPROTO, "flags %#x; legal: 0, for there is no log",
				m->payload.addr.flags);
	q->desc_user = m->payload.addr.desc;
	q->avail_user = m->payload.addr.avail;
	q->used_user = m->payload.addr.used;
	ret = peer_queue_attach(q, &v->memory, v->features, err);
	q->has_addresses = !ret;
	return ret;
}

static int set_base(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = stopped_queue(v, m->payload.state.index, err);
	const uint32_t base = m->payload.state.num;

	if (!q)
		return -EPROTO;
	q->packed = v->features >> VIRTIO_F_RING_PACKED & 1;
	if (!q->packed && base > UINT16_MAX)
		return vrb_fail(err, EPROTO, "base %u; legal: 0 to %d", base, UINT16_MAX);
	q->base = base;
	q->next = q->done = (uint16_t)base;
	return 0;
}

static void replace_fd(int *fd, int by)
{
	if (*fd >= 0)
		close(*fd);
	*fd = by;
}

static int get_base(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, m->payload.state.index, err);

	if (!q)
		return -EPROTO;
	stop(q);
	m->payload.state.num = peer_queue_position(q);
	return 0;
}

/* The descriptor of KICK, CALL or ERR into @fd: none if the message says so. */
static int take_fd(struct vhost_message *m, int *fd, struct vrb_err *err)
{
	const bool none = m->payload.u64 & VHOST_NO_FD;
	int new_fd = -1;

	if (m->nfds != (none ? 0 : 1) || m->payload.u64 & ~(uint64_t)(VHOST_NO_FD | 0xff))
		return vrb_fail(
			err, EPROTO,
			"%#llx with %u descriptors; legal: an index with one, or %#x beside it",
			(unsigned long long)m->payload.u64, m->nfds, VHOST_NO_FD);
	if (!none) {
		new_fd = m->fds[0];
		/* So that neither a full one nor one that is no eventfd can hold the device up. */
		if (fcntl(new_fd, F_SETFL, O_NONBLOCK))
			return vrb_fail(err, errno, "a descriptor that cannot be non-blocking: %s",
					strerror(errno));
		m->fds[0] = -1;
	}
	replace_fd(fd, new_fd);
	return 0;
}

static int set_kick(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, m->payload.u64 & 0xff, err);
	int ret;

	if (!q)
		return -EPROTO;
	if (!v->has_features || !q->has_addresses || !q->desc)
		return out_of_order("a queue starts before its features or addresses are set", err);
	if (v->features & v->offer.chain_feature && q->size < v->offer.chain_most)
		return vrb_fail(
			err, EPROTO,
			"a ring of %u descriptors, and the driver may put %u of them into a request; "
			"legal: at least as many, or without the feature that says so",
			q->size, v->offer.chain_most);
	ret = take_fd(m, &q->kick_fd, err);
	if (ret || q->started)
		return ret;
	ret = peer_queue_start(q, err);
	if (ret)
		return ret;
	if (!(v->features & VHOST_F_PROTOCOL_FEATURES))
		q->enabled = true; /* there is no SET_VRING_ENABLE without them */
	return 0;
}

static int set_call(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, m->payload.u64 & 0xff, err);

	return q ? take_fd(m, &q->call_fd, err) : -EPROTO;
}

static int set_err(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, m->payload.u64 & 0xff, err);

	return q ? take_fd(m, &q->err_fd, err) : -EPROTO;
}

static int set_enable(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	struct peer_queue *q = queue_of(v, m->payload.state.index, err);

	if (!q)
		return -EPROTO;
	if (m->payload.state.num > 1)
		return vrb_fail(err, EPROTO, "%u; legal: 0, 1", m->payload.state.num);
	q->enabled = m->payload.state.num;
	return 0;
}

static int check_inflight(const struct vhost *v, const struct vhost_message *m, struct vrb_err *err)
{
	const unsigned n = m->payload.inflight.queues, size = m->payload.inflight.queue_size;

	if (!(v->protocol & VHOST_PROTOCOL_INFLIGHT))
		return out_of_order("INFLIGHT_SHMFD is not negotiated", err);
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		if (v->queue[i].started)
			return out_of_order("a queue runs", err);
	}
	if (n < 1 || n > v->offer.queues || size < 1 || size > PEER_RING_MAX)
		return vrb_fail(err, EPROTO, "%u queues of %u; legal: 1 to %u, 1 to %d", n, size,
				v->offer.queues, PEER_RING_MAX);
	return 0;
}

/* Queues from now on keep there what they hold: each has as much of it, whoever made it. */
static int adopt_inflight(struct vhost *v, const struct vhost_message *m, int fd,
			  struct vrb_err *err)
{
	const struct peer_region region = {.size = m->payload.inflight.size,
					   .offset = m->payload.inflight.offset};
	const unsigned n = m->payload.inflight.queues;
	const uint64_t each = region.size / n;
	int ret;

	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		v->queue[i].inflight.at = NULL;
	peer_memory_unmap(&v->inflight);
	if (each % sizeof(uint64_t) || region.offset % sizeof(uint64_t))
		return vrb_fail(
			err, EPROTO, "%llu bytes at %#llx for %u queues; legal: multiples of 8",
			(unsigned long long)region.size, (unsigned long long)region.offset, n);
	ret = peer_memory_map(&v->inflight, &region, 1, &fd, err);
	for (unsigned i = 0; i < n && !ret; i++) {
		v->queue[i].inflight.at = (void *)(v->inflight.base[0] + each * i);
		v->queue[i].inflight.bytes = each;
	}
	return ret;
}

static int get_inflight(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	const int ret = check_inflight(v, m, err);

	if (ret)
		return ret;
	m->payload.inflight.size =
		m->payload.inflight.queues * inflight_bytes(true, m->payload.inflight.queue_size);
	m->payload.inflight.offset = 0;
	m->fds[0] = memfd_create("inflight", MFD_CLOEXEC);
	m->nfds = 1; /* closed when it was sent */
	if (m->fds[0] < 0 || ftruncate(m->fds[0], (off_t)m->payload.inflight.size))
		return vrb_fail(err, errno, "%s", strerror(errno));
	return adopt_inflight(v, m, m->fds[0], err);
}

static int set_inflight(struct vhost *v, struct vhost_message *m, struct vrb_err *err)
{
	int ret;

	if (m->nfds != 1)
		return vrb_fail(err, EPROTO, "%u descriptors; legal: 1", m->nfds);
	ret = check_inflight(v, m, err);
	return ret ? ret : adopt_inflight(v, m, m->fds[0], err);
}

/* ---- what each message may be ---- */

#define PAYLOAD(field) sizeof(((struct vhost_message *)0)->payload.field)

static const struct rule {
	const char *name; /* NULL: refused */
	handler *handle;
	size_t least, most; /* bytes of the payload */
	unsigned fds;	    /* descriptors, at most */
	bool replies;
} rules[VHOST_REQUESTS] = {
	[VHOST_GET_FEATURES] = {"GET_FEATURES", get_features, 0, 0, 0, true},
	[VHOST_SET_FEATURES] = {"SET_FEATURES", set_features, 8, 8, 0, false},
	[VHOST_SET_OWNER] = {"SET_OWNER", set_owner, 0, 0, 0, false},
	[VHOST_SET_MEM_TABLE] = {"SET_MEM_TABLE", set_mem_table, 8, PAYLOAD(memory), PEER_REGIONS,
				 false},
	[VHOST_SET_LOG_BASE] = {"SET_LOG_BASE", set_log, 0, PAYLOAD(config), 1, true},
	[VHOST_SET_LOG_FD] = {"SET_LOG_FD", set_log, 0, 8, 1, false},
	[VHOST_SET_VRING_NUM] = {"SET_VRING_NUM", set_num, 8, 8, 0, false},
	[VHOST_SET_VRING_ADDR] = {"SET_VRING_ADDR", set_addr, PAYLOAD(addr), PAYLOAD(addr), 0,
				  false},
	[VHOST_SET_VRING_BASE] = {"SET_VRING_BASE", set_base, 8, 8, 0, false},
	[VHOST_GET_VRING_BASE] = {"GET_VRING_BASE", get_base, 8, 8, 0, true},
	[VHOST_SET_VRING_KICK] = {"SET_VRING_KICK", set_kick, 8, 8, 1, false},
	[VHOST_SET_VRING_CALL] = {"SET_VRING_CALL", set_call, 8, 8, 1, false},
	[VHOST_SET_VRING_ERR] = {"SET_VRING_ERR", set_err, 8, 8, 1, false},
	[VHOST_GET_PROTOCOL_FEATURES] = {"GET_PROTOCOL_FEATURES", get_protocol, 0, 0, 0, true},
	[VHOST_SET_PROTOCOL_FEATURES] = {"SET_PROTOCOL_FEATURES", set_protocol, 8, 8, 0, false},
	[VHOST_GET_QUEUE_NUM] = {"GET_QUEUE_NUM", get_queue_num, 0, 0, 0, true},
	[VHOST_SET_VRING_ENABLE] = {"SET_VRING_ENABLE", set_enable, 8, 8, 0, false},
	[VHOST_GET_CONFIG] = {"GET_CONFIG", get_config, 12, PAYLOAD(config), 0, true},
	[VHOST_SET_CONFIG] = {"SET_CONFIG", set_config, 12, PAYLOAD(config), 0, false},
	[VHOST_GET_INFLIGHT_FD] = {"GET_INFLIGHT_FD", get_inflight, 20, PAYLOAD(inflight), 0, true},
	[VHOST_SET_INFLIGHT_FD] = {"SET_INFLIGHT_FD", set_inflight, 20, PAYLOAD(inflight), 1,
				   false},
	[VHOST_SET_STATUS] = {"SET_STATUS", set_status, 8, 8, 0, false},
	[VHOST_GET_STATUS] = {"GET_STATUS", get_status, 0, 0, 0, true},
};

/* ---- a message ---- */

static int check_header(const struct vhost_message *m, bool cut, struct vrb_err *err)
{
	const struct rule *r =
		m->header.request < VHOST_REQUESTS ? &rules[m->header.request] : NULL;

	if ((m->header.flags & ~VHOST_NEED_REPLY) != VHOST_VERSION)
		return vrb_fail(err, EPROTO, "flags %#x of request %u; legal: 0x1, 0x9",
				m->header.flags, m->header.request);
	if (!r || !r->name)
		return vrb_fail(err, EPROTO, "request %u is not supported", m->header.request);
	if (m->header.size < r->least || m->header.size > r->most)
		return vrb_fail(err, EPROTO, "%s of %u bytes; legal: %zu to %zu", r->name,
				m->header.size, r->least, r->most);
	/* the kernel closes those that it could not install, and tells that alike */
	if (cut && m->nfds < VHOST_FDS && m->nfds <= r->fds)
		return vrb_fail(
			err, EMFILE,
			"%s: descriptors that came with it were lost: this process may have no "
			"more open",
			r->name);
	if (cut || m->nfds > r->fds)
		return vrb_fail(err, EPROTO, "%s with %u descriptors%s; legal: %u at most", r->name,
				m->nfds, cut ? " or more" : "", r->fds);
	return 0;
}

static int receive(int fd, struct vhost_message *m, struct vrb_err *err)
{
	bool lost = false;
	int ret = vhost_receive_header(fd, m, &lost, err);

	if (!ret)
		ret = check_header(m, lost, err);
	if (!ret && m->header.size)
		ret = vhost_receive_payload(fd, m, rules[m->header.request].name, err);
	return ret;
}

/* The first @size bytes of the payload of @m, and its descriptor if there is one. */
static int reply(int fd, struct vhost_message *m, uint32_t size, struct vrb_err *err)
{
	m->header.flags = VHOST_VERSION | VHOST_REPLY;
	m->header.size = size;
	if (vhost_send(fd, m, m->header.request == VHOST_GET_INFLIGHT_FD ? m->fds[0] : -1) !=
	    (ssize_t)(sizeof(m->header) + size))
		return vrb_fail(err, EPROTO, "a reply was not taken: %s", strerror(errno));
	return 0;
}

int vhost_message(struct vhost *v, struct vrb_err *err)
{
	struct vhost_message m = {0};
	int ret = receive(v->fd, &m, err);
	uint32_t answer = 0; /* bytes */

	if (!ret) {
		const struct rule *r = &rules[m.header.request];
		struct vrb_err why = {""};

		ret = r->handle(v, &m, &why);
		if (ret)
			ret = vrb_fail(err, EPROTO, "%s: %s", r->name, why.msg);
		if (r->replies && !ret) {
			answer = r->most > 8 ? m.header.size : 8;
		} else if (!r->replies && m.header.flags & VHOST_NEED_REPLY &&
			   v->protocol & VHOST_PROTOCOL_REPLY_ACK) {
			m.payload.u64 = ret != 0;
			answer = sizeof(m.payload.u64);
		}
	}
	if (answer) {
		const int sent = reply(v->fd, &m, answer, ret ? NULL : err);

		ret = ret ? ret : sent;
	}
	for (unsigned i = 0; i < m.nfds; i++) {
		if (m.fds[i] >= 0)
			close(m.fds[i]);
	}
	return ret;
}
