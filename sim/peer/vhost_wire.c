/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_wire.c - a message and its descriptors through a socket.
 */
#include "peer/vhost_wire.h"

#include <errno.h>
#include <string.h>

static void take_control(struct vhost_message *m, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		const size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n && m->nfds < VHOST_FDS; i++)
			memcpy(&m->fds[m->nfds++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
}

/* Descriptors come with the first byte; those that come with a later one are closed by the kernel. */
int vhost_receive_header(int fd, struct vhost_message *m, bool *lost, struct vrb_err *err)
{
	union {
		char room[CMSG_SPACE(sizeof(int) * VHOST_FDS)];
		struct cmsghdr aligned;
	} control;
	struct iovec iov = {&m->header, sizeof(m->header)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL);

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return 1;
	if (n < 0)
		return vrb_fail(err, errno, "recvmsg: %s", strerror(errno));
	take_control(m, &msg);
	*lost = msg.msg_flags & MSG_CTRUNC;
	if (n < (ssize_t)sizeof(m->header))
		return vrb_fail(err, EPROTO, "a message ends after %zd bytes of its header", n);
	return 0;
}

int vhost_receive_payload(int fd, struct vhost_message *m, const char *name, struct vrb_err *err)
{
	const ssize_t n = recv(fd, &m->payload, m->header.size, MSG_WAITALL);

	if (n != (ssize_t)m->header.size)
		return vrb_fail(err, EPROTO, "%s ends after %zd of %u bytes", name, n < 0 ? 0 : n,
				m->header.size);
	return 0;
}

int vhost_address(const char *option, const char *path, struct sockaddr_un *at, struct vrb_err *err)
{
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(at->sun_path))
		return vrb_fail(err, ENAMETOOLONG, "%s %s: %zu bytes; legal: %zu at most", option,
				path, strlen(path), sizeof(at->sun_path) - 1);
	strcpy(at->sun_path, path);
	return 0;
}

ssize_t vhost_send(int fd, struct vhost_message *m, int file)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control = {.aligned = {.cmsg_level = SOL_SOCKET,
				 .cmsg_type = SCM_RIGHTS,
				 .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec iov[] = {{&m->header, sizeof(m->header)}, {&m->payload, m->header.size}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = ARRAY_SIZE(iov)};

	if (file >= 0) {
		memcpy(CMSG_DATA(&control.aligned), &file, sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}
