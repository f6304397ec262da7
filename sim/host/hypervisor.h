/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hypervisor.h - is this a virtual machine, and does it tell how much time was stolen?
 */
#ifndef VRB_HYPERVISOR_H
#define VRB_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

/**
 * hypervisor_name - what we run under.
 * @buf: out; "none" on bare metal, a name such as "KVM" or the vendor string of CPUID leaf
 * 0x40000000, "" where this machine does not tell.
 */
void hypervisor_name(char *buf, size_t size);

/**
 * hypervisor_shows_steal - does the hypervisor promise to count stolen time?
 *
 * True on bare metal, where nothing can be stolen, under Xen, whose guests always have it,
 * and under KVM if CPUID leaf 0x40000001 has KVM_FEATURE_STEAL_TIME (eax bit 5; Linux
 * Documentation/virt/kvm/x86/cpuid.rst). False elsewhere: then only a steal column that is
 * not zero proves that it is counted.
 */
bool hypervisor_shows_steal(void);

#endif
