/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_wire.h - messages of vhost-user as they are between the two ends, whichever of them is ours: vhost_user.h is the
 * back-end, frontend.h the front-end.
 * Source: "Vhost-user Protocol" of QEMU's documentation.
 */
#ifndef VRB_PEER_VHOST_WIRE_H
#define VRB_PEER_VHOST_WIRE_H

#include "peer/memory.h"

#include <sys/socket.h>
#include <sys/un.h>

#define VHOST_FDS    (PEER_REGIONS + 2) /* even: CMSG_SPACE() has room for exactly as many */
#define VHOST_CONFIG 256		/* bytes of a device's configuration, at most */

enum vhost_request {
	VHOST_GET_FEATURES = 1,
	VHOST_SET_FEATURES = 2,
	VHOST_SET_OWNER = 3,
	VHOST_SET_MEM_TABLE = 5,
	VHOST_SET_LOG_BASE = 6,
	VHOST_SET_LOG_FD = 7,
	VHOST_SET_VRING_NUM = 8,
	VHOST_SET_VRING_ADDR = 9,
	VHOST_SET_VRING_BASE = 10,
	VHOST_GET_VRING_BASE = 11,
	VHOST_SET_VRING_KICK = 12,
	VHOST_SET_VRING_CALL = 13,
	VHOST_SET_VRING_ERR = 14,
	VHOST_GET_PROTOCOL_FEATURES = 15,
	VHOST_SET_PROTOCOL_FEATURES = 16,
	VHOST_GET_QUEUE_NUM = 17,
	VHOST_SET_VRING_ENABLE = 18,
	VHOST_GET_CONFIG = 24,
	VHOST_SET_CONFIG = 25,
	VHOST_GET_INFLIGHT_FD = 31,
	VHOST_SET_INFLIGHT_FD = 32,
	VHOST_SET_STATUS = 39,
	VHOST_GET_STATUS = 40,
	VHOST_REQUESTS
};

#define VHOST_VERSION	 0x1u
#define VHOST_REPLY	 0x4u
#define VHOST_NEED_REPLY 0x8u
#define VHOST_NO_FD	 0x100u /* of KICK, CALL, ERR, beside the index */

#define VHOST_FEATURE(bit)	  (1ull << (bit))
#define VHOST_F_PROTOCOL_FEATURES VHOST_FEATURE(30)
#define VHOST_PROTOCOL_MQ	  VHOST_FEATURE(0)
#define VHOST_PROTOCOL_REPLY_ACK  VHOST_FEATURE(3)
#define VHOST_PROTOCOL_CONFIG	  VHOST_FEATURE(9)
#define VHOST_PROTOCOL_INFLIGHT	  VHOST_FEATURE(12)
#define VHOST_PROTOCOL_STATUS	  VHOST_FEATURE(16)

struct vhost_message {
	struct {
		uint32_t request, flags, size;
	} header;
	union {
		uint64_t u64;
		struct {
			uint32_t index, num;
		} state;
		struct {
			uint32_t index, flags;
			uint64_t desc, used, avail, log;
		} addr;
		struct {
			uint32_t n, padding;
			struct peer_region region[PEER_REGIONS];
		} memory;
		struct {
			uint32_t offset, size, flags;
			unsigned char bytes[VHOST_CONFIG];
		} config;
		struct {
			uint64_t size, offset;
			uint16_t queues, queue_size;
		} inflight;
	} payload;
	int fds[VHOST_FDS]; /* -1: taken over */
	unsigned nfds;
};

/** vhost_address - of the socket at @path, which @option named. Returns 0 or -ENAMETOOLONG. */
int vhost_address(const char *option, const char *path, struct sockaddr_un *at,
		  struct vrb_err *err);

/** vhost_send - a message, with the descriptor @file unless that is -1, at once. Returns as sendmsg(). */
ssize_t vhost_send(int fd, struct vhost_message *m, int file);

/**
 * vhost_receive_header - of the next message, with its descriptors, which are the caller's.
 * @m: out, zeroed. @lost: out, some of its descriptors could not be received, or were too many.
 * Returns 0; 1: the other end has closed the connection; -EPROTO: it ends in the header; or another -errno. Descriptors are
 * in @m even then.
 */
int vhost_receive_header(int fd, struct vhost_message *m, bool *lost, struct vrb_err *err);

/** vhost_receive_payload - as long as its header says, and has room: checked before. @name: of the message. */
int vhost_receive_payload(int fd, struct vhost_message *m, const char *name, struct vrb_err *err);

#endif
