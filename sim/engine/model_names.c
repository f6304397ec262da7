/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_names.c - which descriptor a value names, and an address belongs to.
 */
#include "engine/model_names.h"

#include <string.h>

/*
 * A driver without a free list goes by the ring, whatever it reads. Descriptors of a table in
 * memory of its own (indirect) come with their chain's head. Both sides of a packed ring go by the ring,
 * too: an id names what the driver keeps to itself, and no place, so no address waits for a load.
 */
static bool by_names(const struct model_names *m, unsigned agent)
{
	const struct ring_conf *c = m->ring;

	return c->variant->ring == RING_SPLIT &&
	       (agent % AGENTS == AGENT_DEVICE || c->variant->opts.order == FREE_LIST);
}

int32_t model_name_in(const void *arg, unsigned agent, size_t offset, const void *value,
		      size_t size)
{
	const struct model_names *m = arg;
	const struct ring_layout *l = &m->map.layout;
	uint16_t name;

	if (!by_names(m, agent))
		return -1;
	ring_map_queue(&m->map, &offset);
	switch (ring_region_at(&m->map, offset)) {
	case REGION_AVAIL_ENTRIES:
		break;
	case REGION_USED_ELEMENTS:
		if ((offset - l->used - offsetof(struct vring_used, ring)) %
		    sizeof(struct vring_used_elem))
			return -1; /* the length alone */
		break;
	case REGION_DESC: {
		const size_t next = offsetof(struct vring_desc, next);
		const size_t at = (offset - l->desc) % sizeof(struct vring_desc);

		if (at > next || at + size < next + sizeof(name))
			return -1;
		value = (const char *)value + next - at;
		break;
	}
	default:
		return -1;
	}
	memcpy(&name, value, sizeof(name));
	return name & (int32_t)(m->map.ring_size - 1);
}

int32_t model_name_of(const void *arg, unsigned agent, size_t offset)
{
	const struct model_names *m = arg;

	ring_map_queue(&m->map, &offset);
	if (ring_region_at(&m->map, offset) != REGION_DESC || !by_names(m, agent))
		return -1;
	return (int32_t)((offset - m->map.layout.desc) / sizeof(struct vring_desc));
}
