/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_drive.c - `vringbench drive --socket PATH`: our driver for a foreign device.
 */
#include "cli/cli.h"
#include "host/machine.h"
#include "names.h"
#include "peer/drive.h"
#include "plan/ranges.h"
#include "run/prepare.h"
#include "run/record.h"
#include "session/head.h"

#include <errno.h>
#include <string.h>

#define LABEL_BYTES sizeof(((struct driven *)NULL)->peer)

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

/* What was asked for, as the head of a session has it. */
static struct plan plan_of(const struct drive_conf *c, const char *command)
{
	const bool net = c->device == DRIVE_NET;
	struct plan plan = {
		.variants = {c->variant},
		.nvariants = 1,
		.directions = 1u << DIR_TX | (net && c->mode == DRIVE_ECHO ? 1u << DIR_RX : 0),
		.ring_sizes = {{c->ring_size}, 1},
		.bursts = {{c->burst}, 1},
		.payloads = {{c->payload}, 1},
		.policy = {.tx_header = net ? TX_HEADER_ANY_LAYOUT : TX_HEADER_NONE,
			   .notify = c->notify,
			   .notify_way = NOTIFY_KICK},
		.align = ALIGN_LINE,
		.engine = ENGINE_ONE_CORE,
		.rounds = 1,
		.launches = 1,
		.buffers = c->packets,
		.margin = DEFAULT_MARGIN,
	};
	struct vrb_err none;

	simd_pick(SIMD_AUTO, &plan.simd, &none);
	snprintf(plan.command, sizeof(plan.command), "%s", command);
	return plan;
}

/* A run as a session. Returns 0, or as session_commit(). */
static int write_session(struct session_writer *w, const struct drive_conf *c,
			 const struct drive_seen *seen, const char *command, struct vrb_err *err)
{
	const struct plan plan = plan_of(c, command);
	struct driven row = {.device = c->device,
			     .mode = c->mode,
			     .notify = c->notify,
			     .access = c->access,
			     .ring_size = c->ring_size,
			     .burst = c->burst,
			     .payload = c->payload,
			     .asked = c->packets,
			     .seen = *seen};
	struct machine machine;
	json_t *head;

	machine_read(&machine);
	head = record_head(&plan, &machine, &record_no_launch);
	if (head)
		json_object_set_new(head, "engine", json_string(SESSION_DRIVE));
	session_put_head(w, head);
	snprintf(row.peer, sizeof(row.peer), "%s", c->label ? c->label : "");
	snprintf(row.variant, sizeof(row.variant), "%s", c->variant->name);
	session_put(w, ROW_DRIVE, &row);
	return session_commit(w,
			      seen->end == DRIVE_DONE	       ? SESSION_COMPLETE
			      : seen->end == DRIVE_INTERRUPTED ? SESSION_INTERRUPTED
							       : SESSION_FAILED,
			      NULL, 0, err);
}

static enum vrb_exit run(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	static const enum vrb_exit codes[] = {
		[DRIVE_DONE] = EXIT_DONE,	 [DRIVE_INTERRUPTED] = EXIT_INTERRUPTED,
		[DRIVE_STALLED] = EXIT_INVALID,	 [DRIVE_GONE] = EXIT_INVALID,
		[DRIVE_BROKEN] = EXIT_INVALID,	 [DRIVE_FAILED] = EXIT_INVALID,
		[DRIVE_UNSTOPPED] = EXIT_INVALID};
	struct drive_conf *conf = asked;
	struct session_writer *writer = NULL;
	struct drive_seen seen;
	int ret;

	if (!conf->socket) {
		vrb_fail(err, EINVAL, "drive needs --socket PATH");
		return EXIT_USAGE;
	}
	if (conf->label && (!conf->json || strlen(conf->label) >= LABEL_BYTES)) {
		vrb_fail(err, EINVAL, "--label of %zu bytes; legal: with --json, %zu at most",
			 strlen(conf->label), LABEL_BYTES - 1);
		return EXIT_USAGE;
	}
	prepare_signals(true); /* from here there is a file under a temporary name */
	if (conf->json && session_create(&writer, conf->json, NULL, err))
		return EXIT_USAGE;
	ret = drive_run(conf, &seen, err);
	if (ret && seen.end == DRIVE_DONE) { /* it has not begun */
		if (writer)
			session_abandon(writer);
		return EXIT_USAGE;
	}
	drive_print(stdout, conf, &seen);
	if (writer && write_session(writer, conf, &seen, operands->command, err))
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
	{"--json", 'o', false, "FILE", "Write a session: what was seen, for `table` and `report`",
	 args_path, offsetof(struct drive_conf, json)},
	{"--label", 'l', false, "TEXT", "What the device is, for the session", args_line,
	 offsetof(struct drive_conf, label)},
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
