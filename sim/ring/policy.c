/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy.c - the names of policies, as the command line writes them, and which go together.
 */
#include "ring/policy.h"

#include <errno.h>
#include <stdio.h>

uint32_t policy_pieces(const struct ring_policy *p, enum direction dir, uint32_t payload)
{
	if (dir != DIR_RX || !p->rx_buffer || !payload)
		return 1;
	return (NET_HDR_LEN + payload + p->rx_buffer - 1) / p->rx_buffer;
}

NAMES_OF(free_list_name,
	 free_list, [FREE_FIFO] = "fifo", [FREE_LIFO] = "lifo", [FREE_RECORDED] = "recorded")

NAMES_OF(publish_name, publish, [PUBLISH_BURST] = "burst", [PUBLISH_BUFFER] = "buffer")

NAMES_OF(tx_header_name, tx_header, [TX_HEADER_CHAINED] = "chained", [TX_HEADER_NONE] = "none",
	 [TX_HEADER_ANY_LAYOUT] = "any-layout", [TX_HEADER_INDIRECT] = "indirect")

NAMES_OF(header_write_name, header_write, [HEADER_OWN] = "default", [HEADER_SHARED] = "shared",
	 [HEADER_PER_SLOT] = "per-slot", [HEADER_IN_BUFFER] = "in-buffer",
	 [HEADER_IF_CHANGED] = "in-buffer-if-changed")

NAMES_OF(used_read_name, used_read, [USED_READ_OWN] = "default", [USED_READ_ID_LEN] = "id+len",
	 [USED_READ_LEN] = "len", [USED_READ_IDX_ONLY] = "idx-only")

NAMES_OF(avail_store_name, avail_store, [STORE_EACH] = "each", [STORE_BURST] = "burst")

NAMES_OF(device_avail_name,
	 device_avail, [AVAIL_READ_ENTRIES] = "entries", [AVAIL_READ_NONE] = "in-order")

NAMES_OF(device_order_name, device_order, [ORDER_IN] = "in-order", [ORDER_EARLY] = "early",
	 [ORDER_LATE_FIRST] = "late-first", [ORDER_REVERSED] = "reversed-bursts",
	 [ORDER_DISCARD] = "discard")

NAMES_OF(queue_layout_name,
	 queue_layout, [QUEUES_APART] = "separate", [QUEUES_ADJACENT] = "adjacent")

NAMES_OF(poll_name, poll, [POLL_SPIN] = "spin", [POLL_PAUSE] = "pause", [POLL_BACKOFF] = "backoff")
NAMES_OF(poll_fence_name, poll_fence, [FENCE_NONE] = "none", [FENCE_DRIVER] = "driver",
	 [FENCE_DEVICE] = "device", [FENCE_BOTH] = "both")

NAMES_OF(notify_mode_name, notify_mode, [NOTIFY_OFF] = "off", [NOTIFY_FLAGS] = "flags",
	 [NOTIFY_EVENT_IDX] = "event-idx", [NOTIFY_DESC] = "desc")

NAMES_OF(notify_way_name,
	 notify_way, [NOTIFY_BOTH] = "both", [NOTIFY_KICK] = "kick", [NOTIFY_CALL] = "call")

NAMES_OF(notify_arm_name,
	 notify_arm, [ARM_SLEEP] = "sleep", [ARM_POLL] = "poll", [ARM_DELAYED] = "delayed")

NAMES_OF(sleepers_name, sleepers, [SLEEP_NONE] = "none", [SLEEP_DRIVER] = "driver",
	 [SLEEP_DEVICE] = "device", [SLEEP_BOTH] = "both")

NAMES_OF(fault_name, fault, [FAULT_NONE] = "none", [FAULT_LOSE] = "lose",
	 [FAULT_CORRUPT] = "corrupt", [FAULT_DUPLICATE] = "duplicate")

NAMES_OF(ring_align_name,
	 ring_align, [ALIGN_LEGACY] = "4096", [ALIGN_LINE] = "64", [ALIGN_PACKED] = "packed")

NAMES_OF(simd_name, simd, [SIMD_SCALAR] = "scalar", [SIMD_SSE] = "sse", [SIMD_AVX2] = "avx2",
	 [SIMD_AVX512] = "avx512", [SIMD_NEON] = "neon", [SIMD_AUTO] = "auto")

const char *notify_words(const struct ring_policy *p, char buf[NOTIFY_WORDS])
{
	const bool one = p->notify != NOTIFY_OFF && p->notify_way != NOTIFY_BOTH;

	snprintf(buf, NOTIFY_WORDS, "%s%s%s%s", notify_mode_name(p->notify), one ? ":" : "",
		 one ? notify_way_name(p->notify_way) : "", p->notify_late ? NOTIFY_LATE : "");
	return buf;
}

const char *coalesce_words(const struct ring_policy *p, char buf[COALESCE_WORDS])
{
	if (!p->coalesce)
		return "off";
	snprintf(buf, COALESCE_WORDS, p->coalesce_ns ? "%u:%u" : "%u", p->coalesce, p->coalesce_ns);
	return buf;
}

enum header_write header_write_of(const struct ring_policy *p)
{
	if (p->header_write != HEADER_OWN || p->tx_header == TX_HEADER_NONE)
		return p->header_write;
	return p->tx_header == TX_HEADER_ANY_LAYOUT ? HEADER_IN_BUFFER : HEADER_SHARED;
}

enum header_place header_place_of(const struct ring_policy *p, bool payload)
{
	const enum header_write write = header_write_of(p);
	const bool moves = write == HEADER_IN_BUFFER || write == HEADER_IF_CHANGED;
	const bool slot = write == HEADER_PER_SLOT && payload;

	switch (p->tx_header) {
	case TX_HEADER_CHAINED:
		return moves ? HDR_CHAINED_BUF : slot ? HDR_CHAINED_SLOT : HDR_CHAINED;
	case TX_HEADER_ANY_LAYOUT:
		return HDR_ANY_LAYOUT;
	case TX_HEADER_INDIRECT:
		return moves ? HDR_INDIRECT_BUF : slot ? HDR_INDIRECT_SLOT : HDR_INDIRECT;
	case TX_HEADER_NONE:
	default:
		return HDR_NONE;
	}
}

/* Does anybody wake who sleeps, and does anybody ask who is to be notified? */
static int notify_legal(const struct ring_policy *p, struct vrb_err *err)
{
	const char *who = sleepers_name(p->sleep), *arm = notify_arm_name(p->notify_arm);

	if (p->sleep & SLEEP_DEVICE && !policy_kicks(p))
		return vrb_fail(
			err, EINVAL,
			"--sleep %s: nobody would wake the device; legal with --notify flags, "
			"event-idx or desc, in both directions or with :kick",
			who);
	if (p->sleep & SLEEP_DRIVER && !policy_calls(p))
		return vrb_fail(
			err, EINVAL,
			"--sleep %s: nobody would wake the driver; legal with --notify flags, "
			"event-idx or desc, in both directions or with :call",
			who);
	if (p->busy_poll && p->sleep == SLEEP_NONE)
		return vrb_fail(
			err, EINVAL,
			"--busy-poll %u: nobody sleeps, so both sides poll all the time; legal "
			"with --sleep driver, device or both",
			p->busy_poll);
	if (p->notify_arm != ARM_SLEEP && p->notify == NOTIFY_OFF)
		return vrb_fail(
			err, EINVAL,
			"--notify-arm %s: nobody asks for notifications; legal with --notify "
			"flags, event-idx or desc",
			arm);
	if (p->notify_arm == ARM_DELAYED && (p->notify == NOTIFY_FLAGS || !policy_calls(p)))
		return vrb_fail(
			err, EINVAL,
			"--notify-arm delayed: it is an index ahead that the driver asks for; "
			"legal with --notify event-idx or desc, in both directions or with "
			":call");
	if (p->coalesce && !policy_calls(p))
		return vrb_fail(
			err, EINVAL,
			"--notify-coalesce %u: the device sends no calls that could wait; legal "
			"with --notify flags, event-idx or desc, in both directions or with :call",
			p->coalesce);
	return 0;
}

int policy_legal(const struct ring_policy *p, struct vrb_err *err)
{
	const bool beside = p->header_write == HEADER_SHARED || p->header_write == HEADER_PER_SLOT;

	if (p->free_list == FREE_RECORDED && !p->replay)
		return vrb_fail(
			err, EINVAL,
			"--free-list recorded: there is no recording; legal: fifo, lifo, and "
			"recorded with vringbench replay");
	if (p->replay && (p->device_order != ORDER_IN || p->fault != FAULT_NONE || p->rx_buffer))
		return vrb_fail(
			err, EINVAL,
			"a recording is replayed by a device that returns buffers in order, a "
			"buffer a packet; legal: --device-order in-order, --rx-buffer 0, and "
			"no --inject");
	if (p->tx_header == TX_HEADER_NONE && p->header_write != HEADER_OWN)
		return vrb_fail(
			err, EINVAL,
			"--header-write %s: void with --tx-header none, there is no header; "
			"legal with chained, any-layout and indirect",
			header_write_name(p->header_write));
	if (p->tx_header == TX_HEADER_ANY_LAYOUT && beside)
		return vrb_fail(
			err, EINVAL,
			"--header-write %s: with --tx-header any-layout the header lies in the "
			"buffer; legal: in-buffer, in-buffer-if-changed",
			header_write_name(p->header_write));
	if (p->fault != FAULT_NONE && p->device_order != ORDER_IN)
		return vrb_fail(
			err, EINVAL,
			"--inject %s: only a device that is in order mishandles buffers; legal "
			"with --device-order in-order",
			fault_name(p->fault));
	if (p->fault != FAULT_NONE && p->device_publish == PUBLISH_BUFFER)
		return vrb_fail(
			err, EINVAL,
			"--inject %s: only a device that publishes bursts mishandles buffers; "
			"legal with --device-publish burst",
			fault_name(p->fault));
	if (p->fault != FAULT_NONE && p->device_avail == AVAIL_READ_NONE)
		return vrb_fail(err, EINVAL,
				"--inject %s: only a device that reads avail entries mishandles "
				"buffers; legal with --device-avail entries",
				fault_name(p->fault));
	if (p->rx_buffer && p->device_order != ORDER_IN)
		return vrb_fail(err, EINVAL,
				"--device-order %s: the buffers of a packet are taken and return "
				"together and in order; legal with --rx-buffer: in-order",
				device_order_name(p->device_order));
	if (p->rx_buffer && p->device_publish == PUBLISH_BUFFER)
		return vrb_fail(err, EINVAL,
				"--device-publish buffer: the buffers of a packet become visible "
				"together; legal with --rx-buffer: burst");
	if (p->rx_buffer && p->device_avail == AVAIL_READ_NONE)
		return vrb_fail(
			err, EINVAL,
			"--device-avail in-order: the device that puts a packet into several "
			"buffers reads their entries; legal with --rx-buffer: entries");
	if (p->avail_store == STORE_BURST && p->publish == PUBLISH_BUFFER)
		return vrb_fail(err, EINVAL,
				"--avail-store burst: an entry is stored before its buffer is "
				"published; legal with --publish buffer: each");
	if (p->queue_layout != QUEUES_APART && policy_queues(p) == 1)
		return vrb_fail(err, EINVAL,
				"--queue-layout %s: one queue pair has no neighbours; legal with "
				"--queues 2 or more",
				queue_layout_name(p->queue_layout));
	return notify_legal(p, err);
}
