/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_drive.c - `vringbench drive --socket PATH`: our driver for a foreign device.
 */
#include "cli/cli.h"
#include "names.h"
#include "peer/drive.h"
#include "plan/ranges.h"
#include "session/session.h"
#include "whole_file.h"

#include <errno.h>
#include <string.h>

static int put_variant(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	(void)option;
	return variants_find(arg, to, err);
}

static int put_device(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, drive_device_name, DRIVE_DEVICES, to, err);
}

static int put_access(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, drive_access_name, DRIVE_ACCESSES, to, err);
}

static int put_notify(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, notify_mode_name, NOTIFY_MODES, to, err);
}

static int put_mode(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, drive_mode_name, DRIVE_MODES, to, err);
}

static int put_ring(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, RING_SIZE_MIN, RING_SIZE_MAX, to, err);
}

static int put_payload(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_BLOCK_MAX, to, err);
}

/* Of what the ring holds at once. */
static int put_in_ring(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, RING_SIZE_MAX, to, err);
}

static int put_packets(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_PACKETS_MAX, to, err);
}

static int put_span(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_SPAN_MAX, to, err);
}

static int put_timeout(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_TIMEOUT_MAX, to, err);
}

/* Of a block device. */
static json_t *blk_json(const struct drive_conf *c, const struct drive_blk_seen *b)
{
	return json_pack("{s:s s:I s:I s:o s:o s:o s:o s:o s:o s:o}", "access",
			 drive_access_name(c->access), "depth", (json_int_t)b->depth, "blocks",
			 (json_int_t)b->blocks, "sectors", session_u64(b->sectors), "reads",
			 session_u64(b->reads), "writes", session_u64(b->writes), "verified_bytes",
			 session_u64(b->verified), "late", session_u64(b->late), "late_by",
			 session_u64(b->late_by), "other_lengths", session_u64(b->lengths));
}

static int put_json(FILE *out, void *row, struct vrb_err *err)
{
	(void)err;
	json_dumpf(row, out, JSON_COMPACT | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	return 0;
}

/* A run as a line of JSON: docs/drive.md. */
static int write_json(const struct drive_conf *c, const struct drive_seen *s, struct vrb_err *err)
{
	const bool timed = s->timed && s->ns;
	json_t *row = json_pack(
		"{s:s s:s s:s s:s s:s s:s s:I s:I s:I s:I s:o s:o s:o s:o s:o s:o}", "type",
		"drive", "end", drive_end_name(s->end), "device", drive_device_name(c->device),
		"variant", c->variant->name, "mode", drive_mode_name(c->mode), "notify",
		notify_mode_name(c->notify), "ring_size", (json_int_t)c->ring_size, "burst",
		(json_int_t)c->burst, "payload", (json_int_t)c->payload, "asked",
		(json_int_t)c->packets, "done", session_u64(s->transmitted), "received",
		session_u64(s->received), "features", session_u64(s->features), "kicks",
		session_u64(s->kicks), "kicks_spared", session_u64(s->kicks_spared), "ns",
		timed ? session_real((double)s->ns / (double)s->timed) : json_null());
	int ret;

	if (c->device == DRIVE_BLK)
		json_object_set_new(row, "blk", blk_json(c, &s->blk));
	ret = whole_write("--json", c->json, put_json, row, err);
	json_decref(row);
	return ret;
}

static enum vrb_exit run(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	static const enum vrb_exit codes[] = {
		[DRIVE_DONE] = EXIT_DONE,	 [DRIVE_INTERRUPTED] = EXIT_INTERRUPTED,
		[DRIVE_STALLED] = EXIT_INVALID,	 [DRIVE_GONE] = EXIT_INVALID,
		[DRIVE_BROKEN] = EXIT_INVALID,	 [DRIVE_FAILED] = EXIT_INVALID,
		[DRIVE_UNSTOPPED] = EXIT_INVALID};
	struct drive_conf *conf = asked;
	struct drive_seen seen;
	int ret;

	(void)operands;
	if (!conf->socket) {
		vrb_fail(err, EINVAL, "drive needs --socket PATH");
		return EXIT_USAGE;
	}
	if (conf->json && whole_may_write("--json", conf->json, err))
		return EXIT_USAGE;
	ret = drive_run(conf, &seen, err);
	if (ret && seen.end == DRIVE_DONE) /* it has not begun */
		return EXIT_USAGE;
	/* standard output is a program's where the line of JSON goes there */
	drive_print(conf->json && !strcmp(conf->json, "-") ? stderr : stdout, conf, &seen);
	if (conf->json && write_json(conf, &seen, err))
		return EXIT_NOT_WRITTEN;
	return codes[seen.end];
}

static const struct args_option options[] = {
	{"--socket", 's', false, "PATH", "Unix socket at which the device listens", args_path,
	 offsetof(struct drive_conf, socket)},
	{"--variant", 'v', false, "NAME",
	 "Of `vringbench list`, split or packed (default: baseline)", put_variant,
	 offsetof(struct drive_conf, variant)},
	{"--device", 'd', false, "net|blk", "What the device is (default: net)", put_device,
	 offsetof(struct drive_conf, device)},
	{"--mode", 'm', false, "MODE",
	 "net: sink|echo: what the device does with a packet: takes it, or gives it back, unchanged and in order; "
	 "blk: read|write|mixed: the timed requests (default: sink, mixed)",
	 put_mode, offsetof(struct drive_conf, mode)},
	{"--ring-size", 'r', false, "N", "Descriptors of each ring (default: 256)", put_ring,
	 offsetof(struct drive_conf, ring_size)},
	{"--burst", 'b', false, "N",
	 "Packets or requests that are published together, at most (default: 32)", put_in_ring,
	 offsetof(struct drive_conf, burst)},
	{"--payload", 'p', false, "BYTES",
	 "Of a packet, 14 to 9000 (default: 64); of a request's data, whole sectors (default: 4096)",
	 put_payload, offsetof(struct drive_conf, payload)},
	{"--packets", 'n', false, "N",
	 "Packets to transmit (default: 1000000); timed requests (default: 100000)", put_packets,
	 offsetof(struct drive_conf, packets)},
	{"--notify", 'k', false, "off|flags|event-idx|desc",
	 "How the device says whether it wants to be notified of what is published; off: it polls (default: off; blk: "
	 "flags)",
	 put_notify, offsetof(struct drive_conf, notify)},
	{"--access", 'a', false, "sequential|random",
	 "blk: the blocks that are read and written (default: random)", put_access,
	 offsetof(struct drive_conf, access)},
	{"--depth", 'q', false, "N", "blk: requests in flight (default: 32, or as many as fit)",
	 put_in_ring, offsetof(struct drive_conf, depth)},
	{"--span", 0, false, "MIB",
	 "blk: how much of the disk, from its begin on, is written and read (default: 64, or all of it)",
	 put_span, offsetof(struct drive_conf, span)},
	{"--overwrite", 0, false, NULL, "blk: what the disk holds there may be lost; needed",
	 args_flag, offsetof(struct drive_conf, overwrite)},
	{"--json", 'o', false, "FILE",
	 "What was seen, as a line of JSON; -: standard output, and words for people go to standard error",
	 args_output, offsetof(struct drive_conf, json)},
	{"--timeout", 't', false, "S", "End after so long without progress (default: 5)",
	 put_timeout, offsetof(struct drive_conf, timeout)},
	{0},
};

const struct tool tool_drive = {
	.args = {.name = "drive",
		 .options = options,
		 .doc = "Our driver, as a variant has it, for a vhost-user net device of somebody else: DPDK's "
			"net_vhost, or `vringbench serve`, transmits packets; of a device that gives them back, "
			"checks each. Of a block device, qemu-storage-daemon's or `vringbench serve`'s, fills part of the disk, "
			"times requests, and checks each byte that is read.\v"
			"Exit status: 0, 2 no such device, or one that refuses or lacks what is asked for, 4 the "
			"device broke a ring, stalled or died, or did not stop, 5 FILE could not be written, 130 "
			"interrupted."},
	.size = sizeof(struct drive_conf),
	.defaults = &(const struct drive_conf){.ring_size = 256,
					       .burst = 32,
					       .mode = DRIVE_MODES,
					       .notify = NOTIFY_MODES,
					       .access = DRIVE_ACCESSES,
					       .timeout = 5},
	.run = run,
};
