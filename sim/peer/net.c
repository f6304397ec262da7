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

static inline void count_frames(struct peer_queue *q, unsigned n, uint64_t bytes)
{
	q->stats.packets += n;
	q->stats.bytes += bytes;
}

static void give_frame(struct peer_queue *tx, const struct chain *chain,
		       const struct net_packet *packet)
{
	count_frames(tx, 1, packet->len);
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

/* No offloads; num_buffers, where there is one, is 1 unless they are merged. */
static inline void put_header(const struct net_format *format, struct net_packet *packet)
{
	memset(packet->bytes, 0, NET_HEADER_MAX);
	packet->bytes[COUNT_AT] = format->header == NET_HEADER_MAX;
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
	put_header(format, packet);
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
	if (put == PUT_DONE)
		count_frames(rx, 1, packet->len);
	return put;
}

/* Bytes written, of each buffer. */
static const uint32_t nothing[PEER_BURST];

/* What is ready, but no more than is published at once. */
static inline const struct peer_ready *run_end(const struct peer_queue *q)
{
	const struct peer_ready *const most = q->ready_at + (PEER_BURST - q->given);

	return most < q->ready_end ? most : q->ready_end;
}

/* Is it plain, and has a frame of 1 to NET_FRAME_MAX bytes behind its header? Fewer bytes are a larger number. */
static inline bool has_frame(const struct peer_ready *r, uint32_t header)
{
	return r->len - header - 1 < NET_FRAME_MAX;
}

/* Frames of plain buffers. Returns how many: 0 if the next one is no such buffer, or not good. */
static unsigned sink_run(struct peer_queue *tx, const struct net_format *format,
			 struct net_packet *packet)
{
	const struct peer_ready *r = tx->ready_at, *const end = run_end(tx);
	const uint32_t header = format->header;
	uint64_t bytes = 0;
	unsigned n;

	for (; r < end && has_frame(r, header); r++) {
		memcpy(packet->bytes + NET_HEADER_MAX, r->at + header, r->len - header);
		bytes += r->len;
	}
	n = (unsigned)(r - tx->ready_at);
	if (n) {
		count_frames(tx, n, bytes - (uint64_t)n * header);
		peer_queue_give_plain(tx, n, nothing);
	}
	return n;
}

bool net_sink(struct peer_queue *tx, const struct net_format *format, struct net_packet *packet)
{
	const uint64_t before = tx->stats.packets;
	const struct chain *chain;
	bool any;

	while (tx->given < PEER_BURST && peer_queue_look(tx)) {
		if (sink_run(tx, format, packet))
			continue;
		chain = take_frame(tx, format, packet);
		if (!chain)
			break;
		give_frame(tx, chain, packet);
	}
	if (!tx->enabled)
		tx->stats.dropped += tx->stats.packets - before;
	any = tx->given;
	peer_queue_publish(tx);
	return any;
}

/* The driver receives @packet in plain buffers that have room for it. Returns how many, as sink_run(). */
static unsigned source_run(struct peer_queue *rx, const struct net_format *format,
			   struct net_packet *packet)
{
	const struct peer_ready *r = rx->ready_at, *const end = run_end(rx);
	const unsigned char *const from = packet->bytes + NET_HEADER_MAX - format->header;
	const uint32_t len = format->header + packet->len;
	uint32_t wrote[PEER_BURST];
	unsigned n = 0;

	put_header(format, packet);
	for (; r < end && r->len >= len; r++) {
		memcpy(r->at, from, len);
		wrote[n++] = len;
	}
	if (n) {
		count_frames(rx, n, (uint64_t)n * packet->len);
		peer_queue_give_plain(rx, n, wrote);
	}
	return n;
}

bool net_source(struct peer_queue *rx, const struct net_format *format, struct net_packet *packet)
{
	bool any;

	while (rx->given < PEER_BURST && peer_queue_look(rx)) {
		enum put put;

		if (source_run(rx, format, packet))
			continue;
		put = put_packet(rx, format, packet);
		if (put != PUT_DONE && put != PUT_REFUSED)
			break;
	}
	any = rx->given;
	peer_queue_publish(rx);
	return any;
}

/*
 * Frames of plain buffers to plain ones that have room for them. Returns how many; 0: the next one needs another way; or
 * -1: the next one is good, and must wait for a buffer.
 */
static int forward_run(struct peer_queue *tx, const struct net_format *from, struct peer_queue *rx,
		       const struct net_format *to, struct net_packet *packet)
{
	const struct peer_ready *t = tx->ready_at, *const end = run_end(tx), *r;
	unsigned char *const frame = packet->bytes + NET_HEADER_MAX;
	uint32_t wrote[PEER_BURST];
	uint64_t bytes = 0;
	unsigned n = 0;

	if (t == end || !has_frame(t, from->header) || !peer_queue_runs(rx))
		return 0;
	if (!peer_queue_look(rx))
		return peer_queue_runs(rx) ? -1 : 0;
	put_header(to, packet);
	for (r = rx->ready_at; t < end && r < rx->ready_end && has_frame(t, from->header); t++) {
		const uint32_t len = t->len - from->header, all = to->header + len;

		if (r->len < all)
			break;
		memcpy(frame, t->at + from->header, len);
		memcpy(r->at, frame - to->header, all);
		wrote[n++] = all;
		bytes += len;
		r++;
	}
	if (n) {
		count_frames(tx, n, bytes);
		count_frames(rx, n, bytes);
		peer_queue_give_plain(tx, n, nothing);
		peer_queue_give_plain(rx, n, wrote);
	}
	return (int)n;
}

bool net_forward(struct peer_queue *tx, const struct net_format *from, struct peer_queue *rx,
		 const struct net_format *to, struct net_packet *packet)
{
	const struct chain *chain;
	bool any;

	while (tx->given < PEER_BURST && peer_queue_look(tx)) {
		const int n = forward_run(tx, from, rx, to, packet);

		if (n > 0)
			continue;
		if (n < 0) {
			peer_queue_untake(tx, tx->next);
			break;
		}
		chain = take_frame(tx, from, packet);
		if (!chain)
			break;
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
