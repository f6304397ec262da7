/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_names.h - which descriptor a value names, and an address belongs to: an access to it waits for the
 * load that brought its name.
 */
#ifndef VRB_MODEL_NAMES_H
#define VRB_MODEL_NAMES_H

#include "ring/regions.h"

/* The agents of a queue pair on the model: AGENTS * pair + these. */
enum { AGENT_DRIVER, AGENT_DEVICE, AGENTS };

/* What is needed to tell. */
struct model_names {
	struct ring_map map;
	const struct ring_conf *ring;
};

/** model_name_in, model_name_of - name_in and name_of of struct coh_conf. @arg: struct model_names. */
int32_t model_name_in(const void *arg, unsigned agent, size_t offset, const void *value,
		      size_t size);
int32_t model_name_of(const void *arg, unsigned agent, size_t offset);

#endif
