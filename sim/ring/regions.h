/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * regions.h - what each byte of the shared region is for: the names under which line
 * transfers are told.
 */
#ifndef VRB_REGIONS_H
#define VRB_REGIONS_H

#include "ring/setup.h"

/*
 * The queues of spsc are told under the names of what they stand for: the queue to the device
 * as desc (items) and avail idx (both indices), the queue back as used elements and used idx. So are the channels of lab;
 * where there is a table, it is desc, and the elements that name its entries are avail entries.
 */
enum ring_region {
	REGION_DESC,
	REGION_INDIRECT,      /* the tables of indirect descriptors */
	REGION_AVAIL_IDX,     /* and flags, in the same word */
	REGION_AVAIL_ENTRIES, /* avail->ring[] */
	REGION_USED_IDX,      /* and flags */
	REGION_USED_ELEMENTS, /* used->ring[] */
	REGION_AVAIL_EVENT,   /* split: for kicks; written by the device */
	REGION_USED_EVENT,    /* for calls; written by the driver */
	REGION_DRIVER_EVENT,  /* packed: the driver's event suppression structure, for calls */
	REGION_DEVICE_EVENT,  /* the device's, for kicks */
	REGION_HEADER,	      /* virtio_net_hdr: the TX headers, and before an RX packet */
	REGION_PAYLOAD,
	REGION_POOL,  /* private to a side, so nothing moves, but evicts: what it walks through */
	REGION_OTHER, /* padding; nobody should touch it */
	REGION_KINDS
};

/* "desc", "indirect", "avail_idx", "avail_entries", "used_idx", "used_elements", "used_event", "header", ... */
const char *ring_region_name(enum ring_region v);

/* What is needed to tell; made once for each ring. */
struct ring_map {
	struct ring_layout layout; /* of the first queue pair */
	enum ring_kind kind;
	const struct lab_point *lab; /* RING_LAB */
	uint32_t ring_size;
	uint32_t queues;
};

void ring_map_make(struct ring_map *m, const struct ring_conf *c);

/**
 * ring_map_queue - the queue pair that the byte at an offset belongs to.
 * @offset: in and out; of the same byte in the first pair.
 */
unsigned ring_map_queue(const struct ring_map *m, size_t *offset);

/** ring_region_at - the region (enum ring_region) of the byte at @offset, in any queue pair. */
enum ring_region ring_region_at(const struct ring_map *m, size_t offset);

/** ring_group_at - the same, + REGION_KINDS * its queue pair. @map: struct ring_map. */
unsigned ring_group_at(const void *map, size_t offset);

/**
 * ring_field_name - the field at @offset, as C writes it: "desc[12].len", "indirect[3][1].len", "avail->ring[3]",
 * "used->idx", "packet 7 + 16". Returns @buf.
 */
const char *ring_field_name(const struct ring_map *m, size_t offset, char *buf, size_t size);

#endif
