/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * env_item.h - one item of the environment, how it is filled in, and the functions that look at one
 * thing each. @root: as of environment_read().
 */
#ifndef VRB_ENV_ITEM_H
#define VRB_ENV_ITEM_H

#include "vrb.h"

#include <stdbool.h>

enum env_status {
	ENV_OK,
	ENV_BAD,    /* it is known to make measurements worse: why says how, and what to do */
	ENV_HIDDEN, /* not visible here: why says where it was looked for */
};

/* "ok", "bad", "not visible here". */
const char *env_status_name(enum env_status s);

struct env_item {
	const char *name; /* "clocksource", ... */
	char value[256];  /* "" where hidden */
	enum env_status status;
	char why[256]; /* "" where there is nothing to say */
};

#define ENV_ITEMS_MAX 48

/*
 * env_ok - the value of an item. env_note - what is to be known of it; of a hidden one, where it was
 * looked for. env_bad - how it makes measurements worse, and what to do.
 */
void env_ok(struct env_item *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void env_note(struct env_item *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void env_bad(struct env_item *e, const char *why);

/* One word more of a list; one that does not fit is left out. */
void env_add(char *list, size_t size, const char *separator, const char *word);

/* @whole: PATH_MAX bytes, which is returned. */
const char *env_below(const char *root, const char *path, char *whole);

/* The first line of a small file; false: there is none, or it is empty. */
bool env_read_line(const char *root, const char *path, char *buf, size_t size);

/* The number after "key:" (sysfile_field()), and the text after "key :", in a file of such lines. */
long env_read_field(const char *root, const char *path, const char *key);
bool env_read_key(const char *root, const char *path, const char *key, char *buf, size_t size);

/*
 * The value of an item is the first line of a file, the text after a key, or the word in brackets;
 * false: there is none, and the note says so.
 */
bool env_from_file(const char *root, const char *path, struct env_item *e);
bool env_from_key(const char *root, const char *path, const char *key, struct env_item *e);
void env_from_chosen(const char *root, const char *path, struct env_item *e);

void env_look_cpu(const char *root, struct env_item *e);
void env_look_cpu_id(const char *root, struct env_item *e);
void env_look_simd(const char *root, struct env_item *e);
void env_look_tsc(const char *root, struct env_item *e);
void env_look_microcode(const char *root, struct env_item *e);
void env_look_smt(const char *root, struct env_item *e);
void env_look_governor(const char *root, struct env_item *e);
void env_look_frequency(const char *root, struct env_item *e);
void env_look_turbo(const char *root, struct env_item *e);
void env_look_kernel(const char *root, struct env_item *e);
void env_look_boot_id(const char *root, struct env_item *e);
void env_look_uptime(const char *root, struct env_item *e);
void env_look_cmdline(const char *root, struct env_item *e);
void env_look_mitigations(const char *root, struct env_item *e);
void env_look_store_bypass(const char *root, struct env_item *e);
void env_look_clocksource(const char *root, struct env_item *e);
void env_look_aslr(const char *root, struct env_item *e);
void env_look_paranoid(const char *root, struct env_item *e);
void env_look_nmi_watchdog(const char *root, struct env_item *e);
void env_look_pmu(const char *root, struct env_item *e);
void env_look_thp(const char *root, struct env_item *e);
void env_look_thp_shmem(const char *root, struct env_item *e);
void env_look_huge_pages(const char *root, struct env_item *e);
void env_look_page_size(const char *root, struct env_item *e);
void env_look_memory(const char *root, struct env_item *e);
void env_look_swap(const char *root, struct env_item *e);
void env_look_nodes(const char *root, struct env_item *e);
void env_look_numa_balancing(const char *root, struct env_item *e);
void env_look_hypervisor(const char *root, struct env_item *e);
void env_look_emulation(const char *root, struct env_item *e);
void env_look_steal(const char *root, struct env_item *e);
void env_look_cpus(const char *root, struct env_item *e);
void env_look_isolated(const char *root, struct env_item *e);
void env_look_cgroup(const char *root, struct env_item *e);
void env_look_load(const char *root, struct env_item *e);
void env_look_running(const char *root, struct env_item *e);

#endif
