/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run_keys.h - the options of `run` as their readers know them, and what these share.
 */
#ifndef VRB_RUN_KEYS_H
#define VRB_RUN_KEYS_H

#include "names.h"
#include "plan/request.h"

enum run_key {
	KEY_VARIANT = 'v',
	KEY_DIRECTION = 'd',
	KEY_RING_SIZE = 'n',
	KEY_BURST = 'b',
	KEY_PAYLOAD = 'p',
	KEY_ENGINE = 'e',
	KEY_ROUNDS = 'r',
	KEY_JSON = 'o',
	KEY_FREE_LIST = 0x1001,
	KEY_PUBLISH,
	KEY_TX_HEADER,
	KEY_HEADER_WRITE,
	KEY_USED_READ,
	KEY_DEVICE_AVAIL,
	KEY_DEVICE_PUBLISH,
	KEY_DEVICE_ORDER,
	KEY_POLL,
	KEY_OUTSTANDING,
	KEY_CLEAN,
	KEY_RX_ROOM,
	KEY_RX_BUFFER,
	KEY_WORK_DRIVER,
	KEY_WORK_DEVICE,
	KEY_PRESSURE,
	KEY_ALIGN,
	KEY_START_INDEX,
	KEY_SIMD,
	KEY_INJECT,
	KEY_CPUS,
	KEY_PAIR,
	KEY_MEM_NODE,
	KEY_PAGES,
	KEY_LAUNCHES,
	KEY_BUFFERS,
	KEY_SAMPLE_MS,
	KEY_TIME_LIMIT,
	KEY_SEED,
	KEY_QUICK,
	KEY_FULL,
	KEY_MARGIN,
	KEY_FORMAT,
	KEY_RESULTS,
	KEY_PLOTS,
	KEY_QUESTION,
	KEY_GUEST_AFFINITY,
	KEY_HOST_AFFINITY,
	KEY_RUN_CYCLES,
	KEY_BATCH,
	KEY_RELAX,
	KEY_AGAINST,
	KEY_ONLY,
	KEY_OVER,
	KEY_BY,
};

/* 2^40 buffers of 9000 bytes are hours: more is a slip of the finger. */
#define BUFFERS_MAX (UINT64_C(1) << 40)

/* Bytes of --question: a heading, not a text. */
#define QUESTION_MAX 300

/* A value out of the `count` names that `name_of` knows. A macro: each has its own enum. */
#define PUT_NAMED(option, arg, count, name_of, type, out, err)               \
	({                                                                   \
		const char *names_[count];                                   \
		unsigned at_ = 0;                                            \
		int rc_;                                                     \
		for (unsigned i_ = 0; i_ < (count); i_++)                    \
			names_[i_] = name_of((type)i_);                      \
		rc_ = names_choice(option, arg, names_, (count), &at_, err); \
		if (!rc_)                                                    \
			*(out) = (type)at_;                                  \
		rc_;                                                         \
	})

/** run_put_unsigned - a number that fits an unsigned. Returns 0 or -EINVAL. */
int run_put_unsigned(const char *option, const char *arg, unsigned min, unsigned max, unsigned *out,
		     struct vrb_err *err);

/*
 * Readers, a group of options each: 0, -errno with the line, or ARGP_ERR_UNKNOWN for a key that is
 * another's.
 */
int run_read_where(int key, const char *arg, struct request *r);
int run_read_rest(int key, const char *arg, struct request *r);

#endif
