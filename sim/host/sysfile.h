/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sysfile.h - small files of /proc and /sys.
 */
#ifndef VRB_SYSFILE_H
#define VRB_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * sysfile_read - the first line of a small file, without blanks at its end.
 * @buf: out; "" if the file cannot be read. Cut to @size - 1 characters.
 * Returns true if the file could be read.
 */
bool sysfile_read(const char *path, char *buf, size_t size);

/**
 * sysfile_chosen - the word in brackets of "always [never] deny".
 * @buf: out; the whole line if it has no brackets, "" if the file cannot be read.
 */
void sysfile_chosen(const char *path, char *buf, size_t size);

/**
 * sysfile_field - the number after a key in a file of "Key:  number" lines.
 * @key: with its colon, e.g. "MemAvailable:". Returns -1 if it is not there.
 */
long sysfile_field(const char *path, const char *key);

/** sysfile_list_count - how many numbers a list like "0-3,8" holds. */
int sysfile_list_count(const char *list);

/** sysfile_list_has - is @number in such a list? */
bool sysfile_list_has(const char *list, long number);

/** sysfile_list_common - how many numbers two such lists have in common. */
int sysfile_list_common(const char *a, const char *b);

#endif
