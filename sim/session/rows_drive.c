/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_drive.c - `drive` rows: what a foreign device did with our driver.
 */
#include "session/rows.h"

NAMES(device_of, drive_device, drive_device_name)
NAMES(mode_of, drive_mode, drive_mode_name)
NAMES(access_of, drive_access, drive_access_name)
NAMES(end_of, drive_end, drive_end_name)
NAMES(notify_of, notify_mode, notify_mode_name)

static bool is_blk(const void *row)
{
	return ((const struct driven *)row)->device == DRIVE_BLK;
}

static bool is_net(const void *row)
{
	return !is_blk(row);
}

#define SEEN(key, member, ...) FIELD(key, COUNT, FIELD_AT(driven, seen.member), __VA_ARGS__)

static const struct field blk_field[] = {
	FIELD("access", NAME, .name = access_of, .max = DRIVE_ACCESSES - 1,
	      FIELD_AT(driven, access)),
	FIELD("depth", WHOLE, .min = 1, .max = RING_SIZE_MAX, FIELD_AT(driven, seen.blk.depth),
	      .about = "Requests in flight, at most."),
	FIELD("blocks", WHOLE, .min = 1, .max = UINT32_MAX, FIELD_AT(driven, seen.blk.blocks),
	      .about = "Of \"payload\" bytes, that were used."),
	SEEN("sectors", blk.sectors, .about = "Of the disk."),
	SEEN("reads", blk.reads, .about = "Of the timed requests that are back."),
	SEEN("writes", blk.writes),
	SEEN("verified_bytes", blk.verified, .about = "Read, and as they were written."),
	SEEN("late", blk.late,
	     .about = "Requests that came back behind a later one, of all phases."),
	SEEN("late_by", blk.late_by, .about = "By so many at most."),
	SEEN("other_lengths", blk.lengths, .about = "Used lengths that are not the bytes written."),
	SEEN("posted", blk.posted, .about = "Requests of all phases, each an available entry."),
	SEEN("entries_spared", blk.spared,
	     .about = "Of these not stored, since a shadow had the same; 0 without a shadow."),
};

static const struct field drive_field[] = {
	FIELD("peer", TEXT, .flags = FIELD_NULL, FIELD_AT(driven, peer),
	      .about = "What the device is, in the words of --label; null: not said."),
	FIELD("variant", TEXT, FIELD_AT(driven, variant)),
	FIELD("device", NAME, .name = device_of, .max = DRIVE_DEVICES - 1,
	      FIELD_AT(driven, device)),
	FIELD("mode", NAME, .name = mode_of, .max = DRIVE_MODES - 1, FIELD_AT(driven, mode),
	      .about = "net: sink or echo; blk: the timed requests."),
	FIELD("notify", NAME, .name = notify_of, .max = NOTIFY_MODES - 1, FIELD_AT(driven, notify)),
	FIELD("ring_size", WHOLE, .min = 2, .max = RING_SIZE_MAX, FIELD_AT(driven, ring_size)),
	FIELD("burst", WHOLE, .min = 1, .max = RING_SIZE_MAX, FIELD_AT(driven, burst)),
	FIELD("payload", WHOLE, .min = 1, .max = DRIVE_BLOCK_MAX, FIELD_AT(driven, payload),
	      .about = "Bytes of a packet, or of a request's data."),
	FIELD("end", NAME, .name = end_of, .max = DRIVE_ENDS - 1, FIELD_AT(driven, seen.end)),
	FIELD("asked", WHOLE, .min = 1, .max = UINT32_MAX, FIELD_AT(driven, asked)),
	SEEN("done", transmitted, .about = "Of these returned by the device."),
	SEEN("received", received, .flags = FIELD_OPTIONAL, .there = is_net,
	     .about = "Packets that came back unchanged and in order."),
	FIELD("features", HEX, FIELD_AT(driven, seen.features), .about = "As agreed on."),
	SEEN("kicks", kicks, .about = "Sent."),
	SEEN("kicks_spared", kicks_spared, .about = "That the device did not ask for."),
	SEEN("timed", timed,
	     .about = "Packets or requests behind the first that was returned; 0: not timed."),
	SEEN("elapsed_ns", ns, .about = "That these took."),
	/* members of this row */
	FIELD("blk", OBJECT, .flags = FIELD_OPTIONAL, .there = is_blk, .of = FIELDS(blk_field),
	      .about = "Of a block device."),
};
const struct fields drive_fields = {drive_field, ARRAY_SIZE(drive_field)};

int drive_check(const struct reader *r, void *row)
{
	const struct driven *d = row;
	const bool blk = is_blk(row);

	if (blk != (d->mode >= DRIVE_READ))
		return codec_bad(r, "mode", blk ? "read, write or mixed" : "sink or echo");
	if (blk != (json_object_get(r->row, "blk") != NULL))
		return codec_bad(r, "blk", blk ? "there" : "missing");
	if (d->seen.transmitted > d->asked)
		return codec_bad(r, "done", "at most \"asked\"");
	return 0;
}
