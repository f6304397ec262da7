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
 *                                 other side wants to be told; both sides poll, so nobody
 *                                 needs it, nor the relaxed ones, yet
 *   shm_get_vec, shm_put_vec      vector load and store of plain data; T is an unaligned
 *                                 vector type such as __m128i_u
 *
 * The orderings have labels, each with one pair:
 *
 *   A avail   drv publishes avail->idx (release)   dev_poll reads it (acquire)
 *   B used    dev publishes used->idx (release)    drv_poll reads it (acquire)
 *
 * The queues of spsc.h have the same two, and a third for the way back of their places:
 *
 *   T tail    the consumer frees places (release)  the producer sees them (acquire)
 *
 * What looks as if it wanted an ordering and does not: the device may overwrite a used
 * element only after the driver has read it, and the driver may overwrite an avail entry or
 * a descriptor only after the device has. Both follow from A and B, since a side reuses a
 * place only after the other side has handed it back through its own index.
 */
#ifndef VRB_ACCESS_H
#define VRB_ACCESS_H

#define shm_get(p)    (*(p))
#define shm_put(p, v) ((void)(*(p) = (v)))

#define shm_load_acq(p)	    __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define shm_store_rel(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define shm_load_rlx(p)	    __atomic_load_n((p), __ATOMIC_RELAXED)
#define shm_store_rlx(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)

#define shm_fence_full() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define shm_get_vec(T, p)    (*(const T *)(p))
#define shm_put_vec(T, p, v) ((void)(*(T *)(p) = (v)))

#endif
