/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify_columns.h - notifications per buffer, beside the times or the transfers of a cell.
 */
#ifndef VRB_NOTIFY_COLUMNS_H
#define VRB_NOTIFY_COLUMNS_H

#include "present/view.h"

/**
 * notify_columns - kicks, calls and how often each side sleeps, per buffer: medians of a row's samples; as
 * data also what was suppressed, the accesses to event fields, full fences and spurious wake-ups. None, if
 * nobody in the session asks for notifications.
 */
void notify_columns(struct columns *c, const struct session *s);

#endif
