/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_spec.c - events that a user names: raw codes, sysfs forms, perf's own names, libpfm4's.
 */
#include "host/event_spec.h"

#include "host/sysfile.h"
#include "names.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "/sys/bus/event_source/devices/"

#define LEGAL                                                                               \
	"legal: raw codes as r04d2, sysfs forms as cpu/event=0xd2,umask=0x04/, perf's own " \
	"names as branch-misses or task-clock, names of libpfm4"

#define KERNEL(type_, config_)                       \
	{                                            \
		.type = (type_), .config = (config_) \
	}

/* perf's names of what the kernel knows for any CPU, or counts itself. */
static const struct {
	const char *name;
	struct event_code code;
} known[] = {
	{"cycles", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES)},
	{"instructions", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS)},
	{"cache-references", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES)},
	{"cache-misses", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES)},
	{"branches", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS)},
	{"branch-misses", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES)},
	{"bus-cycles", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES)},
	{"ref-cycles", KERNEL(PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES)},
	{"task-clock", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK)},
	{"cpu-clock", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK)},
	{"page-faults", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS)},
	{"minor-faults", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN)},
	{"major-faults", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ)},
	{"context-switches", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES)},
	{"cpu-migrations", KERNEL(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS)},
};

/* ---- raw codes ---- */

/* A whole number, decimal or 0x...; false: it is none, or something follows. */
static bool number(const char *text, int base, uint64_t *out)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && !*end;
}

/* rHEX; other words may begin with r, too. */
static bool raw_code(const char *name, struct event_code *out)
{
	*out = (struct event_code){.type = PERF_TYPE_RAW};
	return name[0] == 'r' && number(name + 1, 16, &out->config);
}

/* ---- the sysfs form ---- */

/* ROOT/sys/bus/event_source/devices/PMU/FILE; false: not there. */
static bool read_device(const char *root, const char *pmu, const char *file, char *buf, size_t size)
{
	char path[300];

	snprintf(path, sizeof(path), "%.100s" DEVICES "%.48s/%.80s", root, pmu, file);
	return sysfile_read(path, buf, size);
}

/*
 * The format of the core's own PMU, for where the kernel shows none: so that the same command line
 * runs there, too, and its row says unavailable. What Intel and AMD have alike, and Intel's
 * offcore register.
 */
static const char *core_format(const char *term)
{
	static const struct {
		const char *term, *bits;
	} formats[] = {
		{"event", "config:0-7,32-35"}, {"umask", "config:8-15"},
		{"edge", "config:18"},	       {"inv", "config:23"},
		{"cmask", "config:24-31"},     {"offcore_rsp", "config1:0-63"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(term, formats[i].term))
			return formats[i].bits;
	}
	return NULL;
}

/* Which word of the attribute "config1:0-7,32-35" is of. @bits: out, what stands behind it. */
static uint64_t *word_of(struct event_code *code, const char *format, const char **bits)
{
	static const char *const names[] = {"config:", "config1:", "config2:"};
	uint64_t *const words[] = {&code->config, &code->config1, &code->config2};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strncmp(format, names[i], strlen(names[i]))) {
			*bits = format + strlen(names[i]);
			return words[i];
		}
	}
	return NULL;
}

/* Spread a value's bits, lowest first, over "0-7,32-35". Returns what does not fit. */
static uint64_t spread(uint64_t value, const char *bits, uint64_t *word)
{
	while (isdigit((unsigned char)*bits)) {
		char *end;
		unsigned long low = strtoul(bits, &end, 10), high = low;

		if (*end == '-')
			high = strtoul(end + 1, &end, 10);
		for (; low <= high && low < 64; low++) {
			*word = (*word & ~(1ull << low)) | (value & 1) << low;
			value >>= 1;
		}
		bits = *end == ',' ? end + 1 : end;
	}
	return value;
}

/* One PMU's event as it is put together, and for messages. */
struct form {
	const char *root, *whole; /* the event as typed */
	char pmu[48];
	bool shown; /* the kernel has this PMU */
	struct event_code code;
	struct vrb_err *err;
};

static int put_value(struct form *f, const char *term, uint64_t value)
{
	uint64_t *const words[] = {&f->code.config, &f->code.config1, &f->code.config2};
	static const char *const names[] = {"config", "config1", "config2"};
	const char *format, *bits;
	char file[80], line[128];
	uint64_t *word;

	snprintf(file, sizeof(file), "format/%.48s", term);
	format = read_device(f->root, f->pmu, file, line, sizeof(line)) ? line : NULL;
	if (!format && !f->shown)
		format = core_format(term);
	for (size_t i = 0; !format && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(term, names[i])) {
			*words[i] = value;
			return 0;
		}
	}
	word = format ? word_of(&f->code, format, &bits) : NULL;
	if (!word)
		return vrb_fail(f->err, EINVAL,
				"--events '%.100s': %.48s has no term '%.48s'; legal: those in "
				"%.48s's format folder, config, config1, config2",
				f->whole, f->pmu, term, f->pmu);
	if (spread(value, bits, word))
		return vrb_fail(
			f->err, EINVAL,
			"--events '%.100s': %.48s=0x%llx does not fit; legal: what %s holds",
			f->whole, term, (unsigned long long)value, format);
	return 0;
}

static int put_terms(struct form *f, char *terms, bool named);

/* "event=0xd2", "edge" (1), or an event that the PMU has a name for. @named: no more of these. */
static int put_term(struct form *f, char *term, bool named)
{
	char *equals = strchr(term, '=');
	char file[80], line[256];
	uint64_t value = 1;

	if (equals) {
		*equals = '\0';
		if (!number(equals + 1, 0, &value))
			return vrb_fail(
				f->err, EINVAL,
				"--events '%.100s': '%.48s' is no value of %.48s; legal: whole "
				"numbers, decimal or 0x",
				f->whole, equals + 1, term);
		return put_value(f, term, value);
	}
	snprintf(file, sizeof(file), "events/%.48s", term);
	if (!named && read_device(f->root, f->pmu, file, line, sizeof(line)))
		return put_terms(f, line, true);
	return put_value(f, term, value);
}

static int put_terms(struct form *f, char *terms, bool named)
{
	char *rest = terms, *term;
	int ret = 0;

	while (!ret && (term = strsep(&rest, ",")))
		ret = *term ? put_term(f, term, named)
			    : vrb_fail(f->err, EINVAL, "--events '%.100s': an empty term; " LEGAL,
				       f->whole);
	return ret;
}

/* PMU/term=value,.../ */
static int sysfs_form(const char *root, const char *text, struct event_code *out,
		      struct vrb_err *err)
{
	const char *slash = strchr(text, '/'), *end = strrchr(text, '/');
	struct form f = {.root = root, .whole = text, .err = err};
	char terms[256], line[32];
	uint64_t type = PERF_TYPE_RAW;
	int ret;

	if (end == slash || end[1] || slash == text || (size_t)(slash - text) >= sizeof(f.pmu) ||
	    (size_t)(end - slash) >= sizeof(terms) || strspn(text, ".") || slash + 1 == end)
		return vrb_fail(err, EINVAL,
				"--events '%.100s': not of the form PMU/term=value,.../; " LEGAL,
				text);
	snprintf(f.pmu, sizeof(f.pmu), "%.*s", (int)(slash - text), text);
	snprintf(terms, sizeof(terms), "%.*s", (int)(end - slash - 1), slash + 1);
	if (strchr(terms, '/'))
		return vrb_fail(err, EINVAL,
				"--events '%.100s': events stand between commas; " LEGAL, text);
	f.shown = read_device(root, f.pmu, "type", line, sizeof(line));
	if ((f.shown && (!number(line, 10, &type) || type > UINT32_MAX)) ||
	    (!f.shown && strcmp(f.pmu, "cpu") != 0))
		return vrb_fail(
			err, EINVAL,
			"--events '%.100s': the kernel shows no PMU '%.48s'; legal: those in "
			"/sys/bus/event_source/devices",
			text, f.pmu);
	f.code.type = (uint32_t)type;
	ret = put_terms(&f, terms, false);
	*out = f.code;
	return ret;
}

/* ---- libpfm4, where it is installed ---- */

/*
 * What libpfm4 asks for and gives: pfm_perf_encode_arg_t of <perfmon/pfmlib_perf_event.h>, whose
 * package need not be there where this is built.
 */
struct pfm_arg {
	struct perf_event_attr *attr;
	char **full_name;
	size_t size;
	int idx, cpu, flags, pad;
};

enum { PFM_USER_MODE = 0x8, PFM_FOR_PERF_EVENT = 1 }; /* PFM_PLM3, PFM_OS_PERF_EVENT */

/* Returns 0; -ENOENT: it does not know the name (@why: its words); -ENOSYS: it is not there. */
static int pfm_code(const char *name, struct event_code *out, char *why, size_t size)
{
	struct perf_event_attr attr = {.size = PERF_ATTR_SIZE_VER1}; /* up to config2 */
	struct pfm_arg arg = {.attr = &attr, .size = sizeof(arg)};
	void *lib = dlopen("libpfm.so.4", RTLD_NOW | RTLD_LOCAL);
	int (*initialize)(void);
	int (*encode)(const char *, int, int, void *);
	const char *(*words)(int);
	int ret = -ENOSYS, code;

	if (!lib)
		return ret;
	*(void **)&initialize = dlsym(lib, "pfm_initialize");
	*(void **)&encode = dlsym(lib, "pfm_get_os_event_encoding");
	*(void **)&words = dlsym(lib, "pfm_strerror");
	if (initialize && encode && words) {
		code = initialize();
		if (!code)
			code = encode(name, PFM_USER_MODE, PFM_FOR_PERF_EVENT, &arg);
		snprintf(why, size, "%s", code ? words(code) : "");
		*out = (struct event_code){attr.type, attr.config, attr.config1, attr.config2};
		ret = code ? -ENOENT : 0;
	}
	dlclose(lib);
	return ret;
}

/* ---- the list ---- */

static int fail_unknown(const char *name, int pfm, const char *why, struct vrb_err *err)
{
	const char *names[ARRAY_SIZE(known)], *nearest;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		names[i] = known[i].name;
	nearest = names_nearest(name, names, ARRAY_SIZE(names));
	return vrb_fail(
		err, EINVAL, "--events '%.60s': no such event (%s%.60s)%s%s%s; " LEGAL, name,
		pfm == -ENOSYS ? "libpfm4 is not installed, so it was not asked" : "libpfm4: ",
		pfm == -ENOSYS ? "" : why, nearest ? "; did you mean " : "", nearest ? nearest : "",
		nearest ? "?" : "");
}

static int parse_one(const char *root, const char *text, struct event_code *out,
		     struct vrb_err *err)
{
	char why[80] = "";
	int pfm;

	if (raw_code(text, out))
		return 0;
	if (strchr(text, '/'))
		return sysfs_form(root, text, out, err);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(text, known[i].name)) {
			*out = known[i].code;
			return 0;
		}
	}
	pfm = pfm_code(text, out, why, sizeof(why));
	return pfm ? fail_unknown(text, pfm, why, err) : 0;
}

/* How far the event at @at goes: to the next comma that is not between two slashes. */
static size_t event_length(const char *at)
{
	bool inside = false;
	size_t n = 0;

	for (; at[n] && (inside || at[n] != ','); n++)
		inside ^= at[n] == '/';
	return n;
}

static bool same_code(const struct event_code *a, const struct event_code *b)
{
	return a->type == b->type && a->config == b->config && a->config1 == b->config1 &&
	       a->config2 == b->config2;
}

int event_specs_parse(const char *root, const char *list, struct event_spec *out, unsigned *n,
		      struct vrb_err *err)
{
	*n = 0;
	for (const char *at = list;; at++) {
		const size_t length = event_length(at);
		struct event_spec *e = &out[*n];
		int ret;

		if (!length)
			return vrb_fail(err, EINVAL, "--events '%.100s': an empty name; " LEGAL,
					list);
		if (*n == EVENTS_USER_MAX)
			return vrb_fail(err, EINVAL,
					"--events '%.100s': too many; legal: at most %d", list,
					EVENTS_USER_MAX);
		if (length >= sizeof(e->name))
			return vrb_fail(
				err, EINVAL,
				"--events '%.*s': too long; legal: at most %zu letters each",
				(int)(length < 100 ? length : 100), at, sizeof(e->name) - 1);
		snprintf(e->name, sizeof(e->name), "%.*s", (int)length, at);
		ret = parse_one(root, e->name, &e->code, err);
		if (ret)
			return ret;
		for (unsigned i = 0; i < *n; i++) {
			if (same_code(&out[i].code, &e->code))
				return vrb_fail(
					err, EINVAL,
					"--events '%.60s': the same event as '%.60s'; legal: "
					"each once",
					e->name, out[i].name);
		}
		++*n;
		at += length;
		if (!*at)
			return 0;
	}
}
