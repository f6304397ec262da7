/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * uarch.h - which microarchitecture a CPU is: what decides which events it can count.
 */
#ifndef VRB_UARCH_H
#define VRB_UARCH_H

#include "vrb.h"

/* Those of pmu_table.h. Hybrid CPUs have one for each kind of core. */
enum uarch {
	UARCH_UNKNOWN,
	UARCH_SKL,   /* Skylake .. Comet Lake, client */
	UARCH_SKX,   /* Skylake-X */
	UARCH_CLX,   /* Cascade Lake, Cooper Lake */
	UARCH_ICX,   /* Ice Lake-X */
	UARCH_SPR,   /* Sapphire Rapids */
	UARCH_EMR,   /* Emerald Rapids */
	UARCH_GNR,   /* Granite Rapids */
	UARCH_SRF,   /* Sierra Forest */
	UARCH_ADL_P, /* Alder, Raptor Lake: Golden Cove */
	UARCH_ADL_E, /* and Gracemont */
	UARCH_LNL_P, /* Lunar Lake: Lion Cove */
	UARCH_LNL_E, /* and Skymont */
	UARCH_ZEN2,
	UARCH_ZEN3,
	UARCH_ZEN4,
	UARCH_ZEN5,
	UARCH_N1, /* Neoverse */
	UARCH_N2,
	UARCH_V1,
	UARCH_V2,
	UARCH_COUNT
};

/* "skx", "zen5", "neoverse-n1", ...; "unknown". */
const char *uarch_name(enum uarch u);

/* What a CPU says of itself; the numbers of /proc/cpuinfo. */
struct cpu_id {
	char vendor[16];	    /* x86: "GenuineIntel", "AuthenticAMD" */
	unsigned family, model;	    /* x86 */
	unsigned stepping;	    /* x86 */
	unsigned implementer, part; /* Arm: MIDR */
};

/* On a hybrid CPU the kernel has a PMU for each kind of core. */
enum core_kind { CORE_ONLY, CORE_PERFORMANCE, CORE_EFFICIENT };

/** uarch_of_id - pure: the microarchitecture of such a CPU. UARCH_UNKNOWN if it is none of ours. */
enum uarch uarch_of_id(const struct cpu_id *id, enum core_kind kind);

/** uarch_of_words - the same of "AuthenticAMD family 25 model 17 stepping 1", as struct machine has it. */
enum uarch uarch_of_words(const char *cpu_id);

/**
 * uarch_of_cpu - of CPU @cpu of this machine.
 * @root: "" for this machine's /proc and /sys; tests have their own below a folder.
 * @id: out, may be NULL; what was read, zero where it could not be.
 */
enum uarch uarch_of_cpu(const char *root, int cpu, struct cpu_id *id);

#endif
