/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frontend.h - the front-end's side of vhost-user: what our driver tells the device of somebody else.
 * Source: "Vhost-user Protocol" of QEMU's documentation. No reply is believed before its request, flags and size fit.
 */
#ifndef VRB_PEER_FRONTEND_H
#define VRB_PEER_FRONTEND_H

#include "peer/vhost_wire.h"

struct frontend {
	int fd;
	int stop; /* readable: no reply is waited for any longer; -1: there is no such thing */
	int timeout_ms;
	bool protocol; /* PROTOCOL_FEATURES was agreed on: queues are enabled by a message */
	bool acks;     /* REPLY_ACK was: each step is answered */
	uint64_t offered, offered_protocol; /* by the device */
};

/* A ring in the memory of the front-end. */
struct frontend_queue {
	unsigned index;
	uint32_t size;
	bool packed;
	const void *desc, *avail,
		*used;	/* packed: the last two are the event suppression structures */
	int kick, call; /* descriptors; -1: the other side polls */
};

/**
 * frontend_connect - connect to the device that listens at @path.
 * @timeout_ms: of each message, and reply. @stop: as in the struct; the caller's.
 * Returns 0, or -errno: nobody listens there, or the path is too long.
 */
int frontend_connect(struct frontend *f, const char *path, unsigned timeout_ms, int stop,
		     struct vrb_err *err);

void frontend_close(struct frontend *f);

/**
 * frontend_agree - own the device, and agree on features.
 * @features: all of them are needed, VERSION_1 too. @protocol: those of the protocol that are needed.
 * Returns 0, -ENOTSUP: the device lacks one (the line names them), or as frontend_queue_start().
 */
int frontend_agree(struct frontend *f, uint64_t features, uint64_t protocol, struct vrb_err *err);

/**
 * frontend_config - the first @n bytes of the device's configuration, of VHOST_CONFIG at most. CONFIG was agreed on.
 * Returns 0, or as frontend_queue_start().
 */
int frontend_config(struct frontend *f, void *to, uint32_t n, struct vrb_err *err);

/** frontend_memory - the whole memory: file @fd, mapped at @at; addresses of the guest count from its first byte. */
int frontend_memory(struct frontend *f, int fd, const void *at, uint64_t size, struct vrb_err *err);

/**
 * frontend_queue_start - the queue runs from its first descriptor on.
 * Returns 0, -EPROTO: a reply that is none, or a step that the device refuses; -ECONNRESET: it has closed the connection;
 * -ETIMEDOUT: no reply; -EINTR: @f->stop; or another -errno.
 */
int frontend_queue_start(struct frontend *f, const struct frontend_queue *q, struct vrb_err *err);

/** frontend_queue_stop - GET_VRING_BASE. Afterwards the device does not touch the ring. Returns as frontend_queue_start(). */
int frontend_queue_stop(struct frontend *f, unsigned index, struct vrb_err *err);

/** frontend_gone - has the device closed the connection? Does not wait. */
bool frontend_gone(const struct frontend *f);

#endif
