/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hypervisor.c - is this a virtual machine, and does it tell how much time was stolen?
 */
#include "host/hypervisor.h"

#include "host/sysfile.h"
#include "vrb.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define KVM_STEAL_TIME (1U << 5)

struct vm {
	bool known;	   /* the processor tells whether there is a hypervisor */
	bool present;	   /* there is one */
	char vendor[13];   /* its 12 characters */
	uint32_t features; /* eax of its second leaf */
};

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

static void vm_ask(struct vm *vm)
{
	uint32_t a, b, c, d, last;

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return;
	vm->known = true;
	/* Leaf 1, ecx bit 31: reserved for hypervisors, zero on every real processor. */
	vm->present = c >> 31;
	if (!vm->present)
		return;
	__cpuid(0x40000000, last, b, c, d);
	memcpy(vm->vendor, &b, 4);
	memcpy(vm->vendor + 4, &c, 4);
	memcpy(vm->vendor + 8, &d, 4);
	/* Old KVM leaves the highest leaf at 0 and means 0x40000001. */
	if (last >= 0x40000001 || !last) {
		__cpuid(0x40000001, a, b, c, d);
		vm->features = a;
	}
}

#else

static void vm_ask(struct vm *vm)
{
	(void)vm;
}

#endif

static const struct {
	const char *vendor, *name;
} vendors[] = {
	{"KVMKVMKVM", "KVM"},	  {"Microsoft Hv", "Hyper-V"},	{"VMwareVMware", "VMware"},
	{"XenVMMXenVMM", "Xen"},  {"bhyve bhyve ", "bhyve"},	{"TCGTCGTCGTCG", "QEMU TCG"},
	{"ACRNACRNACRN", "ACRN"}, {" lrpepyh vr", "Parallels"},
};

void hypervisor_name(char *buf, size_t size)
{
	struct vm vm = {0};
	char line[64];

	vm_ask(&vm);
	if (vm.present) {
		const char *name = vm.vendor[0] ? vm.vendor : "unnamed";

		for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
			if (!strncmp(vm.vendor, vendors[i].vendor, strlen(vendors[i].vendor)))
				name = vendors[i].name;
		snprintf(buf, size, "%s", name);
		return;
	}
	/* A Xen guest without hardware virtualization shows no CPUID bit. */
	if (sysfile_read("/sys/hypervisor/type", line, sizeof(line))) {
		snprintf(buf, size, "%s", strcmp(line, "xen") ? line : "Xen");
		return;
	}
	if (vm.known) {
		snprintf(buf, size, "none");
		return;
	}
	if (sysfile_read("/proc/device-tree/hypervisor/compatible", line, sizeof(line)) ||
	    (sysfile_read("/sys/class/dmi/id/sys_vendor", line, sizeof(line)) &&
	     !strcmp(line, "QEMU"))) {
		snprintf(buf, size, "%s", line);
		return;
	}
	buf[0] = '\0';
}

bool hypervisor_shows_steal(void)
{
	struct vm vm = {0};
	char name[32];

	hypervisor_name(name, sizeof(name));
	if (!strcmp(name, "none") || !strcmp(name, "Xen"))
		return true;
	vm_ask(&vm);
	return !strcmp(name, "KVM") && (vm.features & KVM_STEAL_TIME);
}
