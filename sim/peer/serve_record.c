/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve_record.c - a recording for each time that a queue runs.
 */
#include "peer/serve.h"
#include "whole_file.h"

#include <errno.h>

/* Virtio 1.4, 5 */
#define DEVICE_NET   1
#define DEVICE_BLOCK 2

static int begin(const struct serve_conf *conf, unsigned port, struct vhost *v, unsigned index,
		 unsigned start, struct vrb_err *err)
{
	struct peer_queue *q = &v->queue[index];
	struct rec_head head = {
		.ring = q->packed ? REC_PACKED : REC_SPLIT,
		.ring_size = q->size,
		.device = conf->device == SERVE_BLK ? DEVICE_BLOCK : DEVICE_NET,
		.queue = index,
		.by = REC_DEVICE,
		.clock = REC_NS,
		.known = REC_KNOWS_FEATURES | REC_KNOWS_NOTIFICATIONS,
		.start = q->packed ? q->next & 0x7fffu : q->next,
		.features = v->features,
	};
	char path[4096], again[16] = "";

	q->recorded = true;
	if (start > 1)
		snprintf(again, sizeof(again), "-%u", start);
	snprintf(path, sizeof(path), "%s%s-q%u%s.rec", conf->record, port ? "-other" : "", index,
		 again);
	snprintf(head.source, sizeof(head.source), "%s", conf->label);
	return whole_apart("--record", path, "--disk", &conf->disk.path, 1, err)
		       ? -EINVAL
		       : rec_create(&q->recorder, path, &head, err);
}

static int end(struct peer_queue *q, struct vrb_err *err)
{
	struct rec_writer *w = q->recorder;

	q->recorder = NULL;
	if (rec_written(w)->buffers)
		return rec_finish(w, err);
	rec_abandon(w);
	return 0;
}

int serve_record(const struct serve_conf *conf, unsigned port, struct vhost *v, unsigned *starts,
		 struct vrb_err *err)
{
	int ret = 0;

	/* All of them, also after one that failed: its error is told. */
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		struct peer_queue *q = &v->queue[i];
		const bool wanted = serve_works(conf, i);
		struct vrb_err *const told = ret ? NULL : err;
		int rc = 0;

		if (q->recorder &&
		    (!q->started || rec_written(q->recorder)->buffers >= conf->limit))
			rc = end(q, told);
		else if (wanted && q->started && !q->recorded && q->size > 1)
			rc = begin(conf, port, v, i, ++starts[i], told);
		ret = ret ? ret : rc;
	}
	return ret;
}
