/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_user.h - the back-end's side of vhost-user, for one connection; of what device, its offer says.
 * What a message may be is a table of rules; anything else is refused, and the connection is at its end.
 * Source: "Vhost-user Protocol" of QEMU's documentation.
 */
#ifndef VRB_PEER_VHOST_USER_H
#define VRB_PEER_VHOST_USER_H

#include "peer/queue.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/un.h>

#define VHOST_PAIRS_MAX 8
#define VHOST_QUEUES	(2 * VHOST_PAIRS_MAX)
#define VHOST_FDS	(PEER_REGIONS + 2) /* even: CMSG_SPACE() has room for exactly as many */
#define VHOST_CONFIG	256		   /* bytes of a device's configuration, at most */

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

/* What a user may leave out; the others are always offered. */
#define VHOST_OPTIONAL                                                                        \
	(VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF) | VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC) | \
	 VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX) | VHOST_FEATURE(VIRTIO_F_RING_PACKED) |       \
	 VHOST_FEATURE(VIRTIO_F_IN_ORDER))

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

/* Of a device, before anybody connects to it. */
struct vhost_offer {
	uint64_t features;  /* beside those that each device has */
	uint64_t protocol;  /* likewise */
	unsigned queues;    /* up to VHOST_QUEUES */
	unsigned queue_num; /* as GET_QUEUE_NUM counts them */
	uint64_t
		chain_feature; /* with this bit a driver may make chains of @chain_most descriptors; 0: none is so */
	unsigned chain_most;
	bool both_ways; /* all queues; else even ones receive, odd ones transmit */
	unsigned config_bytes;
	unsigned char config[VHOST_CONFIG];
};

struct vhost {
	int fd;
	struct vhost_offer offer;
	uint64_t features, protocol, status;
	bool has_features;
	struct peer_memory memory;
	struct peer_memory inflight; /* one region, which the queues share; or none */
	struct peer_queue queue[VHOST_QUEUES];
};

/** vhost_address - of the socket at @path, which @option named. Returns 0 or -ENAMETOOLONG. */
int vhost_address(const char *option, const char *path, struct sockaddr_un *at,
		  struct vrb_err *err);

/** vhost_send - a message, with the descriptor @file unless that is -1, at once. Returns as sendmsg(). */
ssize_t vhost_send(int fd, struct vhost_message *m, int file);

/** vhost_open - a device for the front-end at the other end of @fd, which it takes over. */
void vhost_open(struct vhost *v, int fd, const struct vhost_offer *offer);

/** vhost_close - close the connection and all that came over it. */
void vhost_close(struct vhost *v);

/**
 * vhost_message - receive a message and do it, and reply if it wants one.
 *
 * Returns 0; 1: the front-end has closed the connection; -EPROTO or another -errno: it is refused, @err
 * says why, and vhost_close() is all that is left. A message that stops in its middle is refused after 1 s.
 */
int vhost_message(struct vhost *v, struct vrb_err *err);

#endif
