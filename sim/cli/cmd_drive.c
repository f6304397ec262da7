/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_drive.c - `vringbench drive --socket PATH`: our driver for a foreign device.
 */
#include "cli/cli.h"
#include "names.h"
#include "peer/drive.h"
#include "plan/ranges.h"

#include <errno.h>

static int put_variant(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	(void)option;
	return variants_find(arg, to, err);
}

static int put_mode(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, drive_mode_name, DRIVE_MODES, to, err);
}

static int put_ring(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, RING_SIZE_MIN, RING_SIZE_MAX, to, err);
}

/* A frame of Ethernet has 14 bytes of addresses and type at least. */
static int put_payload(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 14, PAYLOAD_MAX, to, err);
}

static int put_packets(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_PACKETS_MAX, to, err);
}

static int put_timeout(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, DRIVE_TIMEOUT_MAX, to, err);
}

static enum vrb_exit run(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	static const enum vrb_exit codes[] = {[DRIVE_DONE] = EXIT_DONE,
					      [DRIVE_INTERRUPTED] = EXIT_INTERRUPTED,
					      [DRIVE_STALLED] = EXIT_INVALID,
					      [DRIVE_GONE] = EXIT_INVALID,
					      [DRIVE_BROKEN] = EXIT_INVALID};
	struct drive_conf *conf = asked;
	struct drive_seen seen;
	int ret;

	(void)operands;
	if (!conf->socket) {
		vrb_fail(err, EINVAL, "drive needs --socket PATH");
		return EXIT_USAGE;
	}
	if (!conf->variant)
		conf->variant = variants_exact("baseline");
	ret = drive_run(conf, &seen, err);
	if (!ret || seen.end != DRIVE_DONE || seen.transmitted)
		drive_print(stdout, conf, &seen);
	if (!ret || seen.end != DRIVE_DONE)
		return codes[seen.end];
	/* all packets have moved: a device that does not stop its queues has broken off */
	return seen.transmitted ? EXIT_INVALID : EXIT_USAGE;
}

static const struct args_option options[] = {
	{"--socket", 's', false, "PATH", "Unix socket at which the device listens", args_path,
	 offsetof(struct drive_conf, socket)},
	{"--variant", 'v', false, "NAME",
	 "Of `vringbench list`, split or packed (default: baseline)", put_variant,
	 offsetof(struct drive_conf, variant)},
	{"--mode", 'm', false, "sink|echo",
	 "What the device does with a packet: takes it, or gives it back, unchanged and in order (default: "
	 "sink)",
	 put_mode, offsetof(struct drive_conf, mode)},
	{"--ring-size", 'r', false, "N", "Descriptors of each ring (default: 256)", put_ring,
	 offsetof(struct drive_conf, ring_size)},
	{"--burst", 'b', false, "N", "Packets that are published together (default: 32)", put_ring,
	 offsetof(struct drive_conf, burst)},
	{"--payload", 'p', false, "BYTES", "Of a packet, 14 to 9000 (default: 64)", put_payload,
	 offsetof(struct drive_conf, payload)},
	{"--packets", 'n', false, "N", "Packets to transmit (default: 1000000)", put_packets,
	 offsetof(struct drive_conf, packets)},
	{"--timeout", 't', false, "S", "End after so long without progress (default: 5)",
	 put_timeout, offsetof(struct drive_conf, timeout)},
	{0},
};

const struct tool tool_drive = {
	.args = {.name = "drive",
		 .options = options,
		 .doc = "Our driver, as a variant has it, for a vhost-user net device of somebody else: DPDK's "
			"net_vhost, or `vringbench serve`. Transmits packets; of a device that gives them back, "
			"checks each. The device must poll.\v"
			"Exit status: 0, 2 no such device, or one that refuses or lacks what is asked for, 4 the "
			"device broke a ring, stalled or died, 130 interrupted."},
	.size = sizeof(struct drive_conf),
	.defaults = &(const struct drive_conf){.ring_size = 256,
					       .burst = 32,
					       .payload = 64,
					       .packets = 1000000,
					       .timeout = 5},
	.run = run,
};
