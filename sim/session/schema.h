/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * schema.h - what the tables of fields say of a session file, for others.
 */
#ifndef VRB_SCHEMA_H
#define VRB_SCHEMA_H

#include <jansson.h>
#include <stdio.h>

/** session_schema - the JSON Schema (draft 7) of a row. A new reference; NULL: no memory. */
json_t *session_schema(void);

/** session_fields_page - the members of all kinds of rows, as tables in Markdown. */
void session_fields_page(FILE *out);

#endif
