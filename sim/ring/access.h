/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * access.h - the verbs: every access to memory that the two sides share.
 *
 * One set of names, so that an engine can give them another meaning: natively a verb is the
 * bare instruction; an engine that counts puts its own definitions here, in this one place,
 * and not one line of a ring or a workload differs. Arguments are evaluated once.
 *
 *   shm_get, shm_put              what the protocol has handed to us: plain, so that
 *                                 ThreadSanitizer reports a missing acquire or release
 *   shm_load_acq, shm_store_rel   where ownership changes hands
 *   shm_load_rlx, shm_store_rlx   racy on purpose; the comment at the place says why
 *   shm_fence_full                between publishing an index and looking at whether the
 *                                 other side wants to be told: notify.h
 *   shm_fence_loads               no ordering of C's: loads behind it are not made, not even by a core that guesses, until
 *                                 those before it have their values
 *   shm_get_vec, shm_put_vec      vector load and store of plain data; T is an unaligned
 *                                 vector type such as __m128i_u
 *   shm_prefetch, shm_prefetchw,  no access: a line is asked for, to read or to write it; given to the cache that
 *   shm_demote                    all share. The last does nothing where the CPU has no cldemote
 *   shm_pause                     no access: a side tells its core that it is spinning
 *   shm_work                      no access: a side computes for so many cycles
 *   shm_walk                      reads of each line of memory that no other side knows of
 *
 * Generic loops are compiled twice, natively and, with VRB_MODEL, for the coherence model: there a
 * verb tells the model who touches what, and the model moves the data. They are the same data,
 * so they are verified the same way. LOOPS(symbol) is what such a compilation calls its loops.
 *
 * The orderings have labels, each with one pair:
 *
 *   A avail   drv publishes avail->idx (release)   dev_poll reads it (acquire)
 *   B used    dev publishes used->idx (release)    drv_poll reads it (acquire)
 *
 * The queues of spsc.h have the same two. A packed ring has them on the flags of the first descriptor of
 * a burst: packed_publish() and packed_is_avail() or packed_next_word(), dev_publish() and
 * packed_is_used().
 *
 * What looks as if it wanted an ordering and does not: the device may overwrite a used
 * element only after the driver has read it, and the driver may overwrite an avail entry or
 * a descriptor only after the device has. Both follow from A and B, since a side reuses a
 * place only after the other side has handed it back through its own index, or flags.
 */
#ifndef VRB_ACCESS_H
#define VRB_ACCESS_H

#define LOOPS(symbol) LOOPS_(symbol) /* the symbol may be a macro */

#ifndef VRB_MODEL

#include "relax.h"

#define LOOPS_(symbol) symbol##_loops

#define shm_get(p)    (*(p))
#define shm_put(p, v) ((void)(*(p) = (v)))

#define shm_load_acq(p)	    __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define shm_store_rel(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define shm_load_rlx(p)	    __atomic_load_n((p), __ATOMIC_RELAXED)
#define shm_store_rlx(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)

#define shm_fence_full()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define shm_fence_loads() cpu_fence_loads()

#define shm_get_vec(T, p)    (*(const T *)(p))
#define shm_put_vec(T, p, v) ((void)(*(T *)(p) = (v)))

#define shm_prefetch(p)	 __builtin_prefetch((p), 0)
#define shm_prefetchw(p) cpu_prefetchw((const uint8_t *)(p))
#if defined(__x86_64__)
/* A CPU that lacks it takes it for a nop. */
#define shm_demote(p) __asm__ volatile("cldemote %0" : : "m"(*(const uint8_t *)(p)))
#else
#define shm_demote(p) ((void)(p))
#endif

#define shm_pause()	   cpu_relax()
#define shm_work(cycles)   cpu_work(cycles)
#define shm_walk(p, bytes) cpu_walk((p), (bytes))

#else

#include "coherence/coherence.h"

#define LOOPS_(symbol) symbol##_model_loops

/*
 * One thread runs all agents, and only the model lets another one on: so plain accesses do. The
 * model makes them itself, since a store may have to wait until others may see it.
 */
#define MODEL_LOAD(p, verb)                                                     \
	({                                                                      \
		__typeof__(p) load_ = (p);                                      \
		__typeof__(({                                                   \
			__typeof__(*load_) unqualified_;                        \
			unqualified_;                                           \
		})) loaded_;                                                    \
		coh_load(coh_self(), load_, &loaded_, sizeof(loaded_), (verb)); \
		loaded_;                                                        \
	})
#define MODEL_STORE(p, v, verb)                                                   \
	({                                                                        \
		__typeof__(p) store_ = (p);                                       \
		__typeof__(*store_) stored_ = (v);                                \
		coh_store(coh_self(), store_, &stored_, sizeof(stored_), (verb)); \
		(void)0;                                                          \
	})

#define shm_get(p)    MODEL_LOAD(p, COH_LOAD)
#define shm_put(p, v) MODEL_STORE(p, v, COH_STORE)

#define shm_load_acq(p)	    MODEL_LOAD(p, COH_ACQUIRE)
#define shm_store_rel(p, v) MODEL_STORE(p, v, COH_RELEASE)

#define shm_load_rlx(p)	    MODEL_LOAD(p, COH_LOAD)
#define shm_store_rlx(p, v) MODEL_STORE(p, v, COH_STORE)

#define shm_fence_full()  coh_fence(coh_self())
#define shm_fence_loads() ((void)0) /* the model's cores wait for each poll as it is */

#define shm_get_vec(T, p)    MODEL_LOAD((const T *)(p), COH_LOAD)
#define shm_put_vec(T, p, v) MODEL_STORE((T *)(p), v, COH_STORE)

#define shm_prefetch(p)	 coh_hint(coh_self(), (p), COH_PREFETCH)
#define shm_prefetchw(p) coh_hint(coh_self(), (p), COH_PREFETCHW)
#define shm_demote(p)	 coh_hint(coh_self(), (p), COH_DEMOTE)

#define shm_pause()	   coh_pause(coh_self())
#define shm_work(cycles)   coh_work(coh_self(), (cycles))
#define shm_walk(p, bytes) ((void)(p), coh_walk(coh_self(), (bytes)))

#endif

#endif
