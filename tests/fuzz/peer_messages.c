/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_messages.c - fuzz target: what a front-end sends to a vhost-user device, of each kind. An input is a list of messages: request,
 * flags, bytes of payload, descriptors (a byte each), and the payload. A turn of each queue follows each message that
 * is taken.
 */
#include "fuzz.h"

#include "peer/blk.h"
#include "peer/net.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEMORY	 65536
#define MESSAGES 64

static int memory_file(void)
{
	static int fd = -1;

	if (fd < 0 && ((fd = memfd_create("memory", MFD_CLOEXEC)) < 0 || ftruncate(fd, MEMORY)))
		abort();
	return fd;
}

static void send_message(int to, struct fuzz_bytes *b)
{
	unsigned char wire[12 + 255] = {0};
	union {
		char room[CMSG_SPACE(sizeof(int) * 15)];
		struct cmsghdr aligned;
	} control = {0};
	const uint32_t request = (uint32_t)fuzz_take(b, 1), flags = (uint32_t)fuzz_take(b, 1);
	const uint32_t size = (uint32_t)fuzz_take(b, 1);
	const unsigned nfds = fuzz_take(b, 1) & 15;
	const int fd = memory_file();
	/* the highest bits of the flags: the size that is told, and how much there is */
	const uint32_t header[3] = {request, flags & 15, flags & 0x40 ? ~size : size};
	struct iovec iov = {wire, 12 + size - (flags & 0x80 && size ? 1 : 0)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	memcpy(wire, header, sizeof(header));
	for (uint32_t i = 0; i < size; i++)
		wire[12 + i] = (unsigned char)fuzz_take(b, 1);
	if (nfds) {
		struct cmsghdr *c = (void *)&control;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		for (unsigned i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
	}
	if (sendmsg(to, &msg, MSG_NOSIGNAL) < 0)
		abort();
}

static void turn(struct vhost *v, struct blk_disk *disk)
{
	const struct net_format format = net_format_of(v->features);
	static struct net_packet packet;

	if (v->offer.both_ways) {
		blk_turn(disk, &v->queue[0]);
		return;
	}
	packet.len = NET_FRAME_MIN;
	net_source(&v->queue[0], &format, &packet);
	net_forward(&v->queue[1], &format, &v->queue[0], &format, &packet);
}

static void serve(struct fuzz_bytes b, const struct vhost_offer *offer, struct blk_disk *disk)
{
	static struct vhost v;
	struct vrb_err err = {""};
	int pair[2], ret = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		abort();
	for (unsigned i = 0; i < MESSAGES && b.at < b.end; i++)
		send_message(pair[0], &b);
	shutdown(pair[0], SHUT_WR);
	vhost_open(&v, pair[1], offer);
	while (!ret) {
		ret = vhost_message(&v, &err);
		if (!ret)
			turn(&v, disk);
	}
	if (ret < 0)
		fuzz_returned(ret, &err);
	fuzz_check(ret <= 1, "a result that nobody knows");
	vhost_close(&v);
	close(pair[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_bytes b = {data, data + size};
	const struct blk_conf conf = {.mib = 1};
	struct vrb_err err = {""};
	struct blk_disk disk;
	struct vhost_offer offer = net_offer(VHOST_OPTIONAL, 1);

	serve(b, &offer, NULL);
	if (blk_open(&disk, &conf, &err))
		abort();
	offer = blk_offer(&disk, BLK_OPTIONAL, 1);
	serve(b, &offer, &disk);
	blk_close(&disk);
	return 0;
}
