/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_verbs.h - the verbs in their third meaning: the weak memory of orders.h. Included before the
 * rings, in place of access.h.
 */
#ifndef VRB_ACCESS_H
#define VRB_ACCESS_H

#include "orders.h"

#define ORDER_LOAD(p, kind, site)                                         \
	({                                                                \
		__typeof__(p) load_ = (p);                                \
		__typeof__(({                                             \
			__typeof__(*load_) unqualified_;                  \
			unqualified_;                                     \
		})) loaded_;                                              \
		order_load(load_, &loaded_, sizeof(loaded_), kind, site); \
		loaded_;                                                  \
	})
#define ORDER_STORE(p, v, kind, site)                                       \
	({                                                                  \
		__typeof__(p) store_ = (p);                                 \
		__typeof__(*store_) stored_ = (v);                          \
		order_store(store_, &stored_, sizeof(stored_), kind, site); \
	})

/* An ordering of the source, wherever it is inlined. */
#define ORDER_SITE(kind)                                                                  \
	({                                                                                \
		static struct order_site site_ = {__FILE__, __func__, __LINE__, kind, 0}; \
		&site_;                                                                   \
	})

#define shm_get(p)    ORDER_LOAD(p, ORDER_PLAIN, NULL)
#define shm_put(p, v) ORDER_STORE(p, v, ORDER_PLAIN, NULL)

#define shm_load_acq(p)	    ORDER_LOAD(p, ORDER_ACQUIRE, ORDER_SITE(ORDER_ACQUIRE))
#define shm_store_rel(p, v) ORDER_STORE(p, v, ORDER_RELEASE, ORDER_SITE(ORDER_RELEASE))

#define shm_load_rlx(p)	    ORDER_LOAD(p, ORDER_RELAXED, NULL)
#define shm_store_rlx(p, v) ORDER_STORE(p, v, ORDER_RELAXED, NULL)

#define shm_fence_full()  order_fence(ORDER_SITE(ORDER_FENCE))
#define shm_fence_loads() ((void)0) /* orders nothing by C's rules */

#define shm_prefetch(p)	 ((void)(p))
#define shm_prefetchw(p) ((void)(p))
#define shm_demote(p)	 ((void)(p))

#define shm_pause()	   ((void)0)
#define shm_work(cycles)   ((void)(cycles))
#define shm_walk(p, bytes) ((void)(p), (void)(bytes))

#endif
