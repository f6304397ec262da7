/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_variants.c - the value of --variant, resolved under the plan's policy.
 */
#include "plan/options.h"
#include "plan/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool has(const struct plan *p, const struct variant *v)
{
	for (unsigned i = 0; i < p->nvariants; i++) {
		if (p->variants[i] == v)
			return true;
	}
	return false;
}

static int add(struct request *r, const struct variant *v)
{
	struct plan *p = r->plan;

	if (has(p, v))
		return 0;
	if (p->nvariants == PLAN_VARIANTS_MAX)
		return vrb_fail(r->err, EINVAL, "--variant %.60s: too many; legal: at most %d",
				r->variants, PLAN_VARIANTS_MAX);
	p->variants[p->nvariants++] = v;
	return 0;
}

/* @why: names the variant. */
static void leave_out(struct plan *p, const char *why)
{
	if (p->nleft_out < PLAN_LEFT_OUT_MAX) {
		snprintf(p->left_out[p->nleft_out], sizeof(p->left_out[0]), "%.159s", why);
		p->nleft_out++;
		return;
	}
	snprintf(p->left_out[PLAN_LEFT_OUT_MAX - 1], sizeof(p->left_out[0]),
		 "and more variants, for the same kind of reason");
}

/* Only a packed ring may have any size. */
static int legal_sizes(const struct plan *p, const struct variant *v, struct vrb_err *err)
{
	for (unsigned i = 0; i < p->ring_sizes.n && v->ring != RING_PACKED; i++) {
		const uint32_t n = p->ring_sizes.v[i];

		if (n & (n - 1))
			return vrb_fail(
				err, EINVAL,
				"--ring-size %u: not a power of two, as that of %s must be; "
				"legal: 2, 4, 8 ... 32768, and any from 2 on with packed "
				"variants and --only",
				n, v->name);
	}
	return 0;
}

/* May this variant run under this policy, in the directions asked for? */
static int legal_policy(const struct plan *p, const struct variant *v, struct vrb_err *err)
{
	int rc = legal_sizes(p, v, err);

	for (unsigned dir = 0; !rc && dir < DIRECTIONS; dir++) {
		if (p->directions & 1u << dir)
			rc = variants_legal(v, (enum direction)dir, &p->policy, err);
	}
	return rc;
}

/* And on this engine? */
static int legal(const struct plan *p, const struct variant *v, struct vrb_err *err)
{
	if (p->engine == ENGINE_MODEL && v->ring == RING_NULL)
		return vrb_fail(
			err, EINVAL,
			"--engine model: %s shares no memory, so there are no cache-line transfers; legal: any "
			"other variant",
			v->name);
	if (p->paces && v->ring == RING_NULL)
		return vrb_fail(
			err, EINVAL,
			"latency: of %s nothing passes from one side to the other, so nothing "
			"takes any time; legal: any other variant",
			v->name);
	return legal_policy(p, v, err);
}

/* All rows of some kinds; what the policy forbids is left out and reported. */
static int add_kinds(struct request *r, unsigned kinds)
{
	struct vrb_err why;

	r->plan->all_variants = true;
	for (unsigned i = 0; i < variants_total(); i++) {
		const struct variant *v = variants_get(i);
		int rc;

		if (!(kinds & 1u << v->kind))
			continue;
		if (legal(r->plan, v, &why)) {
			leave_out(r->plan, why.msg);
			continue;
		}
		rc = add(r, v);
		if (rc)
			return rc;
	}
	return 0;
}

static int add_named(struct request *r, const char *name)
{
	const struct variant *v;
	int rc = variants_find(name, &v, r->err);

	if (rc)
		return rc;
	rc = legal(r->plan, v, r->err);
	if (rc && r->command->sweeps) {
		leave_out(r->plan, r->err->msg);
		return 0;
	}
	return rc ? rc : add(r, v);
}

static int add_item(struct request *r, const char *item)
{
	const unsigned all = 1u << KIND_BASELINE | 1u << KIND_VARIANT;

	if (*item == '\0')
		return vrb_fail(r->err, EINVAL,
				"--variant '%.60s': an empty name; legal: all, combinations, "
				"everything, lab, or names of `vringbench list` joined by commas",
				r->variants);
	if (strcmp(item, "all") == 0)
		return add_kinds(r, all);
	if (strcmp(item, "combinations") == 0)
		return add_kinds(r, all | 1u << KIND_COMBINATION);
	if (strcmp(item, "everything") == 0)
		return add_kinds(r, all | 1u << KIND_COMBINATION | 1u << KIND_PACKED |
					    1u << KIND_YARDSTICK);
	if (strcmp(item, "lab") == 0)
		return add_kinds(r, 1u << KIND_LAB);
	if (strcmp(item, "list") == 0)
		return vrb_fail(r->err, EINVAL,
				"--variant %.60s: list stands alone, as --variant list",
				r->variants);
	return add_named(r, item);
}

int request_variants(struct request *r)
{
	const struct variant *baseline;
	const char *at = r->variants;
	char item[128];
	int rc = variants_find("baseline", &baseline, r->err);

	/* Ratios need it, so it is there whether named or not. */
	if (!rc && plan_compares(r->plan)) {
		rc = legal_policy(r->plan, baseline, r->err);
		if (!rc) {
			rc = add(r, baseline);
		} else if (r->command->sweeps) {
			r->plan->no_baseline = true;
			leave_out(r->plan, r->err->msg);
			rc = 0;
		}
	}
	while (!rc) {
		size_t len = strcspn(at, ",");

		if (len >= sizeof(item))
			return vrb_fail(r->err, EINVAL,
					"--variant %.60s...: a name of %zu letters; legal: the "
					"names of `vringbench list`",
					at, len);
		memcpy(item, at, len);
		item[len] = '\0';
		rc = add_item(r, item);
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	if (!rc && !r->plan->nvariants) /* each was left out, and the last line says why */
		rc = -EINVAL;
	return rc;
}
