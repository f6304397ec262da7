/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drive_link.c - the connection of a driver to a foreign device.
 */
#include "peer/drive_link.h"

#include "signals.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

int drive_link_open(struct drive_link *l, const struct drive_conf *conf, struct drive_seen *seen,
		    struct vrb_err *err)
{
	*l = (struct drive_link){.conf = conf,
				 .seen = seen,
				 .front.fd = -1,
				 .file = -1,
				 .kick = {-1, -1},
				 .call = {-1, -1}};
	signals_ending(&l->ends);
	sigaddset(&l->ends, SIGINT); /* what a script starts in the background ignores it */
	sigaddset(&l->ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &l->ends, &l->before);
	l->ended = signalfd(-1, &l->ends, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->ended >= 0 ? 0 : vrb_fail(err, errno, "signalfd: %s", strerror(errno));
}

int drive_link_memory(struct drive_link *l, size_t size, struct vrb_err *err)
{
	l->size = DRIVE_FIRST + size;
	l->file = memfd_create("vringbench-drive", MFD_CLOEXEC);
	if (l->file >= 0 && !ftruncate(l->file, (off_t)l->size)) {
		l->memory = mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_SHARED, l->file, 0);
		if (l->memory != MAP_FAILED)
			return 0;
		l->memory = NULL;
	}
	return vrb_fail(err, errno, "drive: %zu bytes of memory: %s", l->size, strerror(errno));
}

int drive_link_connect(struct drive_link *l, uint64_t protocol, struct vrb_err *err)
{
	const struct drive_conf *conf = l->conf;
	int ret = frontend_connect(&l->front, conf->socket, conf->timeout * 1000, l->ended, err);

	l->seen->features = drive_features(conf);
	if (!ret)
		ret = frontend_agree(&l->front, l->seen->features, protocol, err);
	return ret ? ret : frontend_memory(&l->front, l->file, l->memory, l->size, err);
}

int drive_link_queue(struct drive_link *l, const struct ring_layout *layout, size_t at,
		     struct vrb_err *err)
{
	const unsigned i = l->queues++;
	const uint8_t *mem = l->memory + at;

	if (l->conf->notify != NOTIFY_OFF) {
		l->kick[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		/* nobody asks for calls; but libvhost-user takes a call without a descriptor for an error */
		l->call[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (l->kick[i] < 0 || l->call[i] < 0)
			return vrb_fail(err, errno, "eventfd: %s", strerror(errno));
	}

	const struct frontend_queue q = {.index = i,
					 .size = l->conf->ring_size,
					 .packed = l->conf->variant->ring == RING_PACKED,
					 .desc = mem + layout->desc,
					 .avail = mem + layout->avail,
					 .used = mem + layout->used,
					 .kick = l->kick[i],
					 .call = l->call[i]};

	return frontend_queue_start(&l->front, &q, err);
}

void drive_link_kick(struct drive_link *l, unsigned index, struct notify *n)
{
	if (!n->rings)
		return;
	n->rings = false;
	/* full: the device has not taken those before, and needs no more */
	if (eventfd_write(l->kick[index], 1) && errno != EAGAIN)
		l->seen->end = DRIVE_GONE;
}

void drive_link_begin(struct drive_link *l)
{
	l->since = now_ns();
}

/* A signal is taken, so that it ends the run and not the program. */
static bool take_signal(const struct drive_link *l)
{
	static const struct timespec none = {0};

	return sigtimedwait(&l->ends, NULL, &none) > 0;
}

bool drive_link_goes_on(struct drive_link *l, uint64_t moved)
{
	const uint64_t timeout = l->conf->timeout * UINT64_C(1000000000), now = now_ns();

	if (take_signal(l)) {
		l->seen->end = DRIVE_INTERRUPTED;
	} else if (moved != l->moved) {
		l->moved = moved;
		l->since = now;
	} else if (frontend_gone(&l->front)) {
		l->seen->end = DRIVE_GONE;
	} else if (now - l->since > timeout) {
		l->seen->end = DRIVE_STALLED;
	}
	return l->seen->end == DRIVE_DONE;
}

int drive_link_end(struct drive_link *l, struct vrb_err *err)
{
	int ret = 0;

	for (unsigned i = 0; i < l->queues && !ret && l->seen->end == DRIVE_DONE; i++)
		ret = frontend_queue_stop(&l->front, i, err);
	if (ret)
		l->seen->end = DRIVE_UNSTOPPED;
	return ret;
}

void drive_link_close(struct drive_link *l)
{
	frontend_close(&l->front);
	if (l->memory)
		munmap(l->memory, l->size);
	if (l->file >= 0)
		close(l->file);
	for (unsigned i = 0; i < DIRECTIONS; i++) {
		if (l->kick[i] >= 0)
			close(l->kick[i]);
		if (l->call[i] >= 0)
			close(l->call[i]);
	}
	if (l->ended >= 0)
		close(l->ended);
	while (take_signal(l))
		;
	sigprocmask(SIG_SETMASK, &l->before, NULL);
}
