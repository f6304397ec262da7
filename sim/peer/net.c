/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * net.c - packets out of transmit buffers, and into receive buffers.
 */
#include "peer/net.h"

#include <string.h>

/* num_buffers, in a header of 12 bytes. */
#define COUNT_AT 10u

struct vhost_offer net_offer(uint64_t features, unsigned pairs)
{
	/* The features of the other fields are not offered. */
	const struct virtio_net_config config = {.max_virtqueue_pairs = (uint16_t)pairs};
	struct vhost_offer offer = {
		.features = features | (pairs > 1 ? VHOST_FEATURE(VIRTIO_NET_F_MQ) : 0),
		.queues = 2 * pairs,
		.queue_num = pairs,
		.config_bytes = sizeof(config),
	};

	memcpy(offer.config, &config, sizeof(config));
	return offer;
}

/* The frame in a chain, behind @skip bytes. It has room: checked before. */
static void read_frame(const struct peer_queue *q, const struct chain *chain, uint32_t skip,
		       struct net_packet *packet)
{
	uint32_t len = 0;

	for (uint32_t i = 0; i < chain->n; i++) {
		const struct chain_piece *p = &q->piece[i];
		const uint32_t drop = skip < p->len ? skip : p->len, n = p->len - drop;

		skip -= drop;
		if (n)
			memcpy(packet->bytes + NET_HEADER_MAX + len, p->at + drop, n);
		len += n;
	}
	packet->len = len;
}

/* Takes what a driver transmits; a chain in which there is no frame is returned, and the next one is taken. */
static bool take_frame(struct peer_queue *tx, const struct net_format *format, struct chain *chain,
		       struct net_packet *packet)
{
	while (tx->given < PEER_BURST && peer_queue_take(tx, chain)) {
		if (!chain->error && chain->bytes <= format->header)
			chain->error = CHAIN_SHORT;
		if (!chain->error && chain->bytes > format->header + NET_FRAME_MAX)
			chain->error = CHAIN_LONG;
		if (!chain->error) {
			read_frame(tx, chain, format->header, packet);
			return true;
		}
		peer_queue_give(tx, chain, 0);
	}
	return false;
}

static void give_frame(struct peer_queue *tx, const struct chain *chain,
		       const struct net_packet *packet)
{
	tx->stats.packets++;
	tx->stats.bytes += packet->len;
	peer_queue_give(tx, chain, 0);
}

/* Copies what a chain has room for. Returns how much. */
static uint32_t write_chain(const struct peer_queue *q, const struct chain *chain,
			    const unsigned char *from, uint32_t len)
{
	uint32_t done = 0;

	for (uint32_t i = 0; i < chain->n && done < len; i++) {
		const struct chain_piece *p = &q->piece[i];
		const uint32_t n = p->len < len - done ? p->len : len - done;

		if (n)
			memcpy(p->at, from + done, n);
		done += n;
	}
	return done;
}

/* Where byte @at of a chain is, which has as many. */
static unsigned char *byte_of(const struct peer_queue *q, uint32_t at)
{
	const struct chain_piece *p = q->piece;

	for (; at >= p->len; p++)
		at -= p->len;
	return p->at + at;
}

enum put {
	PUT_DONE,
	PUT_NO_BUFFER, /* now */
	PUT_NO_ROOM,   /* in all buffers that are available; they stay so */
	PUT_REFUSED,   /* by a buffer, which is returned with length 0 */
};

/* The driver receives @packet. */
static enum put put_packet(struct peer_queue *rx, const struct net_format *format,
			   struct net_packet *packet)
{
	const uint32_t len = format->header + packet->len;
	unsigned char *at = packet->bytes + NET_HEADER_MAX - format->header;
	const uint16_t before = rx->next;
	struct chain chain[PEER_MERGED];
	uint32_t wrote[PEER_MERGED], done = 0, n = 0;
	unsigned char *count[2] = {NULL, NULL};
	bool bad;

	/* No offloads; num_buffers is 1 unless it is changed below. */
	memset(at, 0, format->header);
	if (format->header > COUNT_AT)
		at[COUNT_AT] = 1;
	do {
		if (!peer_queue_take(rx, &chain[n])) {
			if (!n)
				return PUT_NO_BUFFER;
			peer_queue_untake(rx, before);
			return rx->given ? PUT_NO_BUFFER : PUT_NO_ROOM;
		}
		if (!chain[n].error && chain[n].bytes < (n		     ? 1
							 : format->mergeable ? format->header
									     : len))
			chain[n].error = CHAIN_SHORT;
		bad = chain[n].error;
		wrote[n] = bad ? 0 : write_chain(rx, &chain[n], at + done, len - done);
		done += wrote[n];
		if (!n && !bad && format->mergeable) {
			count[0] = byte_of(rx, COUNT_AT);
			count[1] = byte_of(rx, COUNT_AT + 1);
		}
		n++;
	} while (!bad && done < len && n < PEER_MERGED);
	bad = bad || done < len;
	if (!bad && count[0]) {
		*count[0] = (unsigned char)n;
		*count[1] = (unsigned char)(n >> 8);
	}
	for (uint32_t i = 0; i < n; i++)
		peer_queue_give(rx, &chain[i], bad ? 0 : wrote[i]);
	if (bad)
		return PUT_REFUSED;
	rx->stats.packets++;
	rx->stats.bytes += packet->len;
	return PUT_DONE;
}

bool net_sink(struct peer_queue *tx, const struct net_format *format, struct net_packet *packet)
{
	struct chain chain;
	bool any;

	while (take_frame(tx, format, &chain, packet))
		give_frame(tx, &chain, packet);
	any = tx->given;
	peer_queue_publish(tx);
	return any;
}

bool net_source(struct peer_queue *rx, const struct net_format *format, struct net_packet *packet)
{
	enum put put;
	bool any;

	do
		put = put_packet(rx, format, packet);
	while (rx->given < PEER_BURST && (put == PUT_DONE || put == PUT_REFUSED));
	any = rx->given;
	peer_queue_publish(rx);
	return any;
}

bool net_forward(struct peer_queue *tx, const struct net_format *from, struct peer_queue *rx,
		 const struct net_format *to, struct net_packet *packet)
{
	struct chain chain;
	bool any;

	while (take_frame(tx, from, &chain, packet)) {
		if (!peer_queue_runs(rx)) {
			tx->stats.dropped++;
		} else {
			const enum put put = put_packet(rx, to, packet);

			if (put == PUT_NO_BUFFER && peer_queue_runs(rx)) {
				peer_queue_untake(tx, chain.at);
				break;
			}
			tx->stats.dropped += put != PUT_DONE;
		}
		give_frame(tx, &chain, packet);
	}
	any = tx->given || rx->given;
	peer_queue_publish(rx);
	peer_queue_publish(tx);
	return any;
}
