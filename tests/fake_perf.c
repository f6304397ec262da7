/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_perf.c - a kernel that counts what a test says.
 */
#include "fake_perf.h"

#include <errno.h>
#include <string.h>

#define FIRST_FD 1000

static struct fake_open *find_fd(struct fake_perf *f, int fd)
{
	for (unsigned i = 0; i < f->nopens; i++) {
		if (f->opens[i].ret == fd && !f->opens[i].closed)
			return &f->opens[i];
	}
	f->errors++;
	return NULL;
}

static const struct fake_event *find_event(const struct fake_perf *f, uint32_t type,
					   uint64_t config)
{
	for (unsigned i = 0; i < f->nevents; i++) {
		if (f->events[i].type == type && f->events[i].config == config)
			return &f->events[i];
	}
	return NULL;
}

static bool in_group(const struct fake_open *o, int leader)
{
	return !o->closed && o->ret >= 0 && (o->ret == leader || o->group == leader);
}

static unsigned hardware_in(const struct fake_perf *f, int leader)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->nopens; i++)
		n += in_group(&f->opens[i], leader) && f->opens[i].attr.type != PERF_TYPE_SOFTWARE;
	return n;
}

/* The errno of an open, 0: it succeeds. */
static int refusal(struct fake_perf *f, const struct perf_event_attr *attr, int group)
{
	const struct fake_event *e = find_event(f, attr->type, attr->config);

	if (f->refuse_all)
		return f->refuse_all;
	if (f->files_max && fake_perf_left(f) >= f->files_max)
		return EMFILE;
	if (e && e->refuse)
		return e->refuse;
	if (e && e->refuse_kernel && !attr->exclude_kernel)
		return e->refuse_kernel;
	if (e && e->refuse_group && group >= 0)
		return e->refuse_group;
	if (group >= 0 && f->group_max && attr->type != PERF_TYPE_SOFTWARE &&
	    hardware_in(f, group) >= f->group_max)
		return EINVAL;
	return 0;
}

static int fake_open(void *self, const struct perf_event_attr *attr, pid_t tid, int cpu, int group,
		     unsigned long flags)
{
	struct fake_perf *f = self;
	struct fake_open *o = &f->opens[f->nopens];
	int no = refusal(f, attr, group);

	if (f->nopens == FAKE_OPENS)
		return -ENFILE;
	if (group >= 0 && !find_fd(f, group))
		return -EBADF;
	*o = (struct fake_open){
		.attr = *attr, .tid = tid, .cpu = cpu, .group = group, .flags = flags};
	o->ret = no ? -no : FIRST_FD + (int)f->nopens;
	/* ids say nothing of the order of opening */
	o->id = (f->nopens * 7919u + 13u) % 1009u;
	f->nopens++;
	return o->ret;
}

static void run_ends(struct fake_perf *f, int leader)
{
	f->total_enabled_ns += f->enabled_ns;
	f->total_running_ns += f->running_ns;
	for (unsigned i = 0; i < f->nopens; i++) {
		struct fake_open *o = &f->opens[i];
		const struct fake_event *e = find_event(f, o->attr.type, o->attr.config);

		if (in_group(o, leader) && e)
			o->value += e->counts;
	}
}

static int fake_ioctl(void *self, int fd, unsigned long request, unsigned long arg)
{
	struct fake_perf *f = self;
	struct fake_open *o = find_fd(f, fd);

	if (!o)
		return -EBADF;
	if (request == f->refuse_request)
		return -EIO;
	switch (request) {
	case PERF_EVENT_IOC_ID:
		memcpy((void *)arg, &o->id, sizeof(o->id));
		return 0;
	case PERF_EVENT_IOC_RESET:
		f->errors += arg != PERF_IOC_FLAG_GROUP || o->group >= 0;
		for (unsigned i = 0; i < f->nopens; i++)
			f->opens[i].value = 0; /* and the times stay, as with Linux */
		return 0;
	case PERF_EVENT_IOC_ENABLE:
		f->errors += arg != PERF_IOC_FLAG_GROUP || o->group >= 0 || f->enabled;
		f->enabled = true;
		return 0;
	case PERF_EVENT_IOC_DISABLE:
		f->errors += arg != PERF_IOC_FLAG_GROUP || o->group >= 0 || !f->enabled;
		f->enabled = false;
		run_ends(f, fd);
		return 0;
	default:
		f->errors++;
		return -EINVAL;
	}
}

static ssize_t fake_read(void *self, int fd, void *buf, size_t size)
{
	struct fake_perf *f = self;
	uint64_t out[3 + 2 * FAKE_OPENS];
	size_t n = 3, bytes;

	f->reads++;
	if (!find_fd(f, fd))
		return -EBADF;
	if (f->refuse_read)
		return -f->refuse_read;
	/* backwards: a reader must go by id */
	for (unsigned i = f->nopens; i-- > 0;) {
		if (!in_group(&f->opens[i], fd))
			continue;
		out[n++] = f->opens[i].value;
		out[n++] = f->opens[i].id + (f->strange_ids ? 5000 : 0);
	}
	out[0] = (n - 3) / 2 + (uint64_t)f->nr_off;
	out[1] = f->total_enabled_ns;
	out[2] = f->total_running_ns;
	bytes = n * sizeof(out[0]) - (size_t)f->short_by;
	if (size < bytes)
		return -ENOSPC;
	memcpy(buf, out, bytes);
	return (ssize_t)bytes;
}

static void fake_close(void *self, int fd)
{
	struct fake_open *o = find_fd(self, fd);

	if (o)
		o->closed = true;
}

void fake_perf_init(struct fake_perf *f)
{
	*f = (struct fake_perf){.enabled_ns = 1000, .running_ns = 1000};
	f->kernel = (struct perf_kernel){.open = fake_open,
					 .ioctl = fake_ioctl,
					 .read = fake_read,
					 .close = fake_close,
					 .root = "",
					 .self = f};
}

struct fake_event *fake_perf_event(struct fake_perf *f, uint32_t type, uint64_t config,
				   uint64_t counts)
{
	struct fake_event *e = &f->events[f->nevents++];

	*e = (struct fake_event){.type = type, .config = config, .counts = counts};
	return e;
}

unsigned fake_perf_left(const struct fake_perf *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->nopens; i++)
		n += f->opens[i].ret >= 0 && !f->opens[i].closed;
	return n;
}

const struct fake_open *fake_perf_opened(const struct fake_perf *f, uint32_t type, uint64_t config)
{
	for (unsigned i = f->nopens; i-- > 0;) {
		const struct fake_open *o = &f->opens[i];

		if (o->ret >= 0 && !o->closed && o->attr.type == type && o->attr.config == config)
			return o;
	}
	return NULL;
}
