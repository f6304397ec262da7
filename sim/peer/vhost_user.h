/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vhost_user.h - the back-end's side of vhost-user, for one connection; of what device, its offer says.
 * What a message may be is a table of rules; anything else is refused, and the connection is at its end.
 * Source: "Vhost-user Protocol" of QEMU's documentation.
 */
#ifndef VRB_PEER_VHOST_USER_H
#define VRB_PEER_VHOST_USER_H

#include "peer/queue.h"
#include "peer/vhost_wire.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#define VHOST_PAIRS_MAX 8
#define VHOST_QUEUES	(2 * VHOST_PAIRS_MAX)

/* What a user may leave out; the others are always offered. */
#define VHOST_OPTIONAL                                                                        \
	(VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF) | VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC) | \
	 VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX) | VHOST_FEATURE(VIRTIO_F_RING_PACKED) |       \
	 VHOST_FEATURE(VIRTIO_F_IN_ORDER))

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
