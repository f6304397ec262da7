/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usable.h - the CPUs that are left to a program that binds itself to none.
 */
#ifndef VRB_USABLE_H
#define VRB_USABLE_H

#include <stdint.h>

/**
 * usable_cpus - a digest of the set of CPUs that the calling thread may use now: of its mask those that are online. For
 * who asks before and after whether the set is another one, or one of them was offline meanwhile. A mask or a cpuset that
 * was changed and changed back is not seen. 0: not known.
 */
uint64_t usable_cpus(void);

/* What is said if it is: a time of such a run would be of both sets. */
#define USABLE_CHANGED "the CPUs that this process may use changed meanwhile"

#endif
