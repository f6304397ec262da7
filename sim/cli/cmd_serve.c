/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_serve.c - `vringbench serve --socket PATH`: our device for a foreign driver.
 */
#include "cli/cli.h"
#include "names.h"
#include "peer/net.h"
#include "peer/serve.h"
#include "plan/options.h"
#include "plan/ranges.h"
#include "usable.h"

#include <errno.h>
#include <string.h>

/* MiB of a disk of which nothing else is said. */
#define DISK_MIB 64

/* Buffers of a recording, likewise. */
#define LIMIT 1000000

static const struct {
	const char *name;
	uint64_t feature;
} offers[] = {
	{"mrg-rxbuf", VHOST_FEATURE(VIRTIO_NET_F_MRG_RXBUF)},
	{"indirect", VHOST_FEATURE(VIRTIO_RING_F_INDIRECT_DESC)},
	{"event-idx", VHOST_FEATURE(VIRTIO_RING_F_EVENT_IDX)},
	{"packed", VHOST_FEATURE(VIRTIO_F_RING_PACKED)},
	{"in-order", VHOST_FEATURE(VIRTIO_F_IN_ORDER)},
	{"all", VHOST_OPTIONAL},
	{"none", 0},
};

static int put_offer(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	const char *names[ARRAY_SIZE(offers)];
	const char *const all = arg;
	uint64_t features = 0;

	for (size_t i = 0; i < ARRAY_SIZE(offers); i++)
		names[i] = offers[i].name;
	for (bool more = true; more;) {
		const size_t len = strcspn(arg, ",");
		char word[NAMES_WORD_MAX];
		unsigned which = 0;
		int rc;

		snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word)),
			 arg);
		rc = names_choice(option, word, names, ARRAY_SIZE(names), &which, err);
		if (rc)
			return rc;
		features |= offers[which].feature;
		more = arg[len] == ',';
		if (!offers[which].feature && (more || arg != all))
			return vrb_fail(err, EINVAL, "%s %.60s: none goes with no other", option,
					all);
		arg += len + more;
	}
	*(uint64_t *)to = features;
	return 0;
}

static int put_device(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, serve_device_name, SERVE_DEVICES, to, err);
}

static int put_order(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	struct ring_policy policy = {.device_order = ORDER_IN};
	struct blk_conf *disk = to;
	static const char legal[] = "in-order, or reversed-bursts:SHARE:SEED with SHARE 0..1 and "
				    "SEED a whole number";
	const int ret = device_order_read(arg, legal, &policy, err);

	if (!ret && policy.device_order != ORDER_IN && policy.device_order != ORDER_REVERSED)
		return vrb_fail(err, EINVAL, "%s %.60s: not of a disk; legal: %s", option, arg,
				legal);
	disk->reversed = policy.early_share;
	disk->seed = policy.early_seed;
	disk->ordered = true;
	return ret;
}

static int put_mode(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, serve_mode_name, SERVE_MODES, to, err);
}

static int put_wait(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return names_choice_of(option, arg, serve_wait_name, WAIT_KINDS, to, err);
}

static int put_queues(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, VHOST_QUEUES, to, err);
}

static int put_mib(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, BLK_MIB_MAX, to, err);
}

static int put_frame(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, NET_FRAME_MIN, NET_FRAME_MAX, to, err);
}

static int put_limit(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, REC_RECORDS_MAX / 2, to, err);
}

/* What belongs to the other device. */
static int check_net(struct serve_conf *conf, struct vrb_err *err)
{
	if (conf->disk.path || conf->disk.mib || conf->disk.ordered)
		return vrb_fail(err, EINVAL,
				"--disk, --disk-size and --device-order go with --device blk");
	if (conf->queues > VHOST_PAIRS_MAX)
		return vrb_fail(err, EINVAL, "--queues %u: legal: 1 to %d pairs", conf->queues,
				VHOST_PAIRS_MAX);
	if (conf->mode == SERVE_MODES)
		conf->mode = SERVE_SINK;
	if (conf->frame && conf->mode != SERVE_SOURCE)
		return vrb_fail(err, EINVAL, "--frame %u: legal with --mode source alone",
				conf->frame);
	conf->frame = conf->frame ? conf->frame : NET_FRAME_MIN;
	return 0;
}

static int check_blk(struct serve_conf *conf, struct vrb_err *err)
{
	if (conf->mode != SERVE_MODES || conf->frame)
		return vrb_fail(err, EINVAL, "--mode and --frame go with --device net");
	if (conf->features != VHOST_OPTIONAL && conf->features & ~BLK_OPTIONAL)
		return vrb_fail(err, EINVAL, "--offer mrg-rxbuf goes with --device net");
	if (conf->disk.path && conf->disk.mib)
		return vrb_fail(err, EINVAL,
				"--disk FILE has the size of the file: no --disk-size");
	conf->features &= BLK_OPTIONAL;
	if (conf->disk.reversed > 0)
		conf->features &= ~VHOST_FEATURE(VIRTIO_F_IN_ORDER);
	conf->disk.mib = conf->disk.mib ? conf->disk.mib : DISK_MIB;
	return 0;
}

static int check_record(struct serve_conf *conf, struct vrb_err *err)
{
	if (!conf->record && (conf->label || conf->limit))
		return vrb_fail(err, EINVAL, "%s goes with --record",
				conf->label ? "--label" : "--record-limit");
	if (conf->label && rec_source_fits("--label", conf->label, err))
		return -EINVAL;
	conf->label = conf->label ? conf->label : "";
	conf->limit = conf->limit ? conf->limit : LIMIT;
	return 0;
}

static enum vrb_exit serve(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct serve_conf *conf = asked;
	struct serve_seen seen;

	(void)operands;
	conf->usable = usable_cpus();
	if (conf->device == SERVE_NET ? check_net(conf, err) : check_blk(conf, err))
		return EXIT_USAGE;
	if (check_record(conf, err))
		return EXIT_USAGE;
	if (!conf->socket[0])
		vrb_fail(err, EINVAL, "serve needs --socket PATH");
	else if (!conf->socket[1] != (conf->mode != SERVE_LOOP))
		vrb_fail(err, EINVAL, "--other-socket PATH goes with --mode loop%s",
			 conf->mode == SERVE_LOOP ? ", which needs it" : ", and no other");
	else if (!serve_run(conf, stdout, &seen, err))
		return seen.bad ? EXIT_INVALID : seen.unwritten ? EXIT_NOT_WRITTEN : EXIT_DONE;
	return EXIT_USAGE;
}

static const struct args_option options[] = {
	{"--socket", 's', false, "PATH",
	 "Unix socket to listen at; there may be one at which nobody listens any more", args_path,
	 offsetof(struct serve_conf, socket[0])},
	{"--device", 'd', false, "net|blk", "A net device, or a disk in memory (default: net)",
	 put_device, offsetof(struct serve_conf, device)},
	{"--disk-size", 'z', false, "MIB", "Of --device blk, 1 to 65536 (default: 64)", put_mib,
	 offsetof(struct serve_conf, disk.mib)},
	{"--disk", 'D', false, "FILE", "The disk is this file, which outlives serve", args_path,
	 offsetof(struct serve_conf, disk.path)},
	{"--device-order", 'o', false, "ORDER",
	 "Of --device blk: in-order; reversed-bursts:SHARE:SEED, a SHARE (0..1) of bursts is returned from the "
	 "last request on, and IN_ORDER is not offered (default: in-order)",
	 put_order, offsetof(struct serve_conf, disk)},
	{"--mode", 'm', false, "sink|source|echo|loop",
	 "Take what the driver transmits, give it frames, give back what it transmits, or pass it on "
	 "to the driver at --other-socket, and back (default: sink)",
	 put_mode, offsetof(struct serve_conf, mode)},
	{"--other-socket", 'S', false, "PATH", "The other end of --mode loop", args_path,
	 offsetof(struct serve_conf, socket[1])},
	{"--offer", 'f', false, "LIST",
	 "Features that a driver may choose of mrg-rxbuf, indirect, event-idx, packed, in-order; or none "
	 "(default: all)",
	 put_offer, offsetof(struct serve_conf, features)},
	{"--queues", 'q', false, "N",
	 "Pairs of queues, 1 to 8; of --device blk queues, 1 to 16 (default: 1)", put_queues,
	 offsetof(struct serve_conf, queues)},
	{"--frame", 'n', false, "BYTES", "Of --mode source (default: 60)", put_frame,
	 offsetof(struct serve_conf, frame)},
	{"--wait", 'w', false, "poll|kick",
	 "Poll the rings, or sleep until the driver kicks (default: poll)", put_wait,
	 offsetof(struct serve_conf, wait)},
	{"--record", 'r', false, "PATH",
	 "Write what the driver puts into each ring to PATH-qN.rec, for `vringbench replay`",
	 args_path, offsetof(struct serve_conf, record)},
	{"--record-limit", 'R', false, "N",
	 "End a recording after about N buffers (default: 1000000, 16 MB at most)", put_limit,
	 offsetof(struct serve_conf, limit)},
	{"--label", 'l', false, "TEXT", "What is recorded, in words", args_line,
	 offsetof(struct serve_conf, label)},
	{"--once", '1', false, NULL, "End after the first connection", args_flag,
	 offsetof(struct serve_conf, once)},
	{0},
};

const struct tool tool_serve = {
	.args = {.name = "serve",
		 .options = options,
		 .doc = "A vhost-user net or block device for a driver of somebody else: DPDK's virtio-user, "
			"or a guest of QEMU. Reports at the end of each connection what the driver put into "
			"its ring: share of available entries that a shadow of it would spare, chain "
			"shapes, batches, notifications. Ends by SIGINT or SIGTERM.\v"
			"Exit status: 0, 2 the socket cannot be made or there is no such disk, 4 a driver was refused or broke a "
			"ring, 5 a recording could not be written."},
	.size = sizeof(struct serve_conf),
	.defaults = &(const struct serve_conf){.features = VHOST_OPTIONAL,
					       .queues = 1,
					       .mode = SERVE_MODES},
	.run = serve,
};
