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
APART void read_frame(const struct chain *chain, uint32_t skip, struct net_packet *packet)
{
	unsigned char *to = packet->bytes + NET_HEADER_MAX;

	for (const struct chain_piece *p = chain->piece, *end = p + chain->n; p < end; p++) {
		const uint32_t drop = skip < p->len ? skip : p->len, n = p->len - drop;

		skip -= drop;
		if (n)
			to = mempcpy(to, p->at + drop, n);
	}
}

/* Takes what a driver transmits; a chain in which there is no frame is returned, and the next one is taken. */
static inline struct chain *take_frame(struct peer_queue *tx, const struct net_format *format,
				       struct net_packet *packet)
{
	struct chain *chain = NULL;

	while (tx->given < PEER_BURST && (chain = peer_queue_take(tx))) {
		if (!chain->error && chain->bytes <= format->header)
			chain->error = CHAIN_SHORT;
		if (!chain->error && chain->bytes > format->header + NET_FRAME_MAX)
			chain->error = CHAIN_LONG;
		if (!chain->error) {
			packet->len = (uint32_t)chain->bytes - format->header;
			if (chain->n == 1)
				memcpy(packet->bytes + NET_HEADER_MAX,
				       chain->piece->at + format->header, packet->len);
			else
				read_frame(chain, format->header, packet);
			break;
		}
		peer_queue_give(tx, chain, 0);
		chain = NULL;
	}
	return chain;
}

static void give_frame(struct peer_queue *tx, const struct chain *chain,
		       const struct net_packet *packet)
{
	tx->stats.packets++;
	tx->stats.bytes += packet->len;
	peer_queue_give(tx, chain, 0);
}

/* Copies what a chain has room for. Returns how much. */
static uint32_t write_chain(const struct chain *chain, const unsigned char *from, uint32_t len)
{
	uint32_t left = len;

	for (const struct chain_piece *p = chain->piece, *end = p + chain->n; p < end && left;
	     p++) {
		const uint32_t n = p->len < left ? p->len : left;

		if (n)
			memcpy(p->at, from, n);
		from += n;
		left -= n;
	}
	return len - left;
}

/* Where byte @at of a chain is, which has as many. */
static unsigned char *byte_of(const struct chain *chain, uint32_t at)
{
	const struct chain_piece *p = chain->piece;

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

static enum put refuse(struct peer_queue *rx, struct chain *chain)
{
	peer_queue_give(rx, chain, 0);
	return PUT_REFUSED;
}

/* What has no room in @first alone. */
APART enum put put_merged(struct peer_queue *rx, const struct chain *first,
			  const unsigned char *from, uint32_t len)
{
	const uint16_t before = first->at;
	unsigned char *const count[] = {byte_of(first, COUNT_AT), byte_of(first, COUNT_AT + 1)};
	uint32_t wrote[PEER_MERGED], done = write_chain(first, from, len), n = 1;
	struct chain chain[PEER_MERGED];
	bool bad = false;

	chain[0] = *first;
	wrote[0] = done;
	for (; !bad && done < len && n < PEER_MERGED; n++) {
		struct chain *next = peer_queue_take(rx);

		if (!next) {
			peer_queue_untake(rx, before);
			return rx->given ? PUT_NO_BUFFER : PUT_NO_ROOM;
		}
		if (!next->error && !next->bytes)
			next->error = CHAIN_SHORT;
		bad = next->error;
		wrote[n] = bad ? 0 : write_chain(next, from + done, len - done);
		done += wrote[n];
		chain[n] = *next;
	}
	bad = bad || done < len;
	if (!bad) {
		*count[0] = (unsigned char)n;
		*count[1] = (unsigned char)(n >> 8);
	}
	for (uint32_t i = 0; i < n; i++)
		peer_queue_give(rx, &chain[i], bad ? 0 : wrote[i]);
	return bad ? PUT_REFUSED : PUT_DONE;
}

/* The driver receives @packet. */
static inline enum put put_packet(struct peer_queue *rx, const struct net_format *format,
				  struct net_packet *packet)
{
	const uint32_t len = format->header + packet->len;
	const unsigned char *from = packet->bytes + NET_HEADER_MAX - format->header;
	struct chain *chain = peer_queue_take(rx);
	enum put put = PUT_DONE;

	if (!chain)
		return PUT_NO_BUFFER;
	if (chain->error)
		return refuse(rx, chain);
	/* No offloads; num_buffers, where there is one, is 1 unless they are merged. */
	memset(packet->bytes, 0, NET_HEADER_MAX);
	packet->bytes[COUNT_AT] = format->header == NET_HEADER_MAX;
	if (chain->bytes >= len) {
		if (chain->n == 1)
			memcpy(chain->piece->at, from, len);
		else
			write_chain(chain, from, len);
		peer_queue_give(rx, chain, len);
	} else if (format->mergeable && chain->bytes >= format->header) {
		put = put_merged(rx, chain, from, len);
	} else {
		chain->error = CHAIN_SHORT;
		return refuse(rx, chain);
	}
	if (put == PUT_DONE) {
		rx->stats.packets++;
		rx->stats.bytes += packet->len;
	}
	return put;
}

bool net_sink(struct peer_queue *tx, const struct net_format *format, struct net_packet *packet)
{
	const struct chain *chain;
	bool any;

	while ((chain = take_frame(tx, format, packet)))
		give_frame(tx, chain, packet);
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
	const struct chain *chain;
	bool any;

	while ((chain = take_frame(tx, from, packet))) {
		if (!peer_queue_runs(rx)) {
			tx->stats.dropped++;
		} else {
			const enum put put = put_packet(rx, to, packet);

			if (put == PUT_NO_BUFFER && peer_queue_runs(rx)) {
				peer_queue_untake(tx, chain->at);
				break;
			}
			tx->stats.dropped += put != PUT_DONE;
		}
		give_frame(tx, chain, packet);
	}
	any = tx->given || rx->given;
	peer_queue_publish(rx);
	peer_queue_publish(tx);
	return any;
}
