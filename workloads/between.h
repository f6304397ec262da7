/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * between.h - what a side does besides moving buffers: its application's share of a burst, and
 * how it waits after an empty look.
 */
#ifndef VRB_BETWEEN_H
#define VRB_BETWEEN_H

#include "ring/access.h"
#include "ring/side.h"

/*
 * A burst's packets as an application sees them: so many cycles each, and memory of its own,
 * whose lines take the place of others in the private cache.
 */
ALWAYS_INLINE void app_run(const struct app *app, uint32_t packets)
{
	if (LIKELY(!app->busy))
		return;
	if (app->cycles)
		shm_work((uint64_t)packets * app->cycles);
	if (app->walked)
		shm_walk(app->memory, app->walked);
}

/*
 * Another look was in vain, the `vain`th in a row: 1, 2, 4 ... pauses, at most `most`; 0: none,
 * look again at once.
 */
ALWAYS_INLINE void poll_wait(uint32_t most, uint64_t vain)
{
	uint32_t pauses = vain > POLL_BACKOFF_STEPS ? most : 1u << (vain - 1);

	if (!most)
		return;
	for (pauses = pauses < most ? pauses : most; pauses; pauses--)
		shm_pause();
}

#endif
