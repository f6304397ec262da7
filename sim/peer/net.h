/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * net.h - what a net device does with the buffers of its queues. Virtio 1.4, 5.1.6.
 */
#ifndef VRB_PEER_NET_H
#define VRB_PEER_NET_H

#include "peer/vhost_user.h"

#define NET_HEADER_MAX 12
#define NET_FRAME_MAX  65536 /* bytes */
#define NET_FRAME_MIN  60    /* of Ethernet, without its checksum */

/* A packet on its way: header and frame, one behind the other. */
struct net_packet {
	unsigned char bytes[NET_HEADER_MAX + NET_FRAME_MAX];
	uint32_t len; /* of the frame */
};

/* How a driver's packets look, as negotiated. */
struct net_format {
	unsigned header; /* bytes: 12 with VERSION_1 or MRG_RXBUF, else 10 */
	bool mergeable;	 /* a packet may take several buffers of a receive queue */
};

/** net_offer - the device: @features of VHOST_OPTIONAL, @pairs of queues, 1 to VHOST_PAIRS_MAX. */
struct vhost_offer net_offer(uint64_t features, unsigned pairs);

/** net_format_of - by the features of a device. */
static inline struct net_format net_format_of(uint64_t features)
{
	const bool mergeable = features >> VIRTIO_NET_F_MRG_RXBUF & 1;

	return (struct net_format){
		.header = mergeable || features >> VIRTIO_F_VERSION_1 & 1 ? NET_HEADER_MAX : 10,
		.mergeable = mergeable,
	};
}

/* Each takes PEER_BURST buffers at most, and publishes them. They return whether any was returned. */

/** net_sink - what the driver transmits is copied to @packet, and dropped. */
bool net_sink(struct peer_queue *tx, const struct net_format *format, struct net_packet *packet);

/** net_source - the driver receives @packet in each of its buffers. */
bool net_source(struct peer_queue *rx, const struct net_format *format, struct net_packet *packet);

/**
 * net_forward - what one driver transmits, another one (or the same) receives.
 * @packet: on its way.
 *
 * Without a buffer to receive it, it stays in its ring. It is dropped and counted where that queue does not run, or
 * its next buffer (with mergeable buffers: all that are available) has no room for it.
 */
bool net_forward(struct peer_queue *tx, const struct net_format *from, struct peer_queue *rx,
		 const struct net_format *to, struct net_packet *packet);

#endif
