/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coro.c - the switch: ours on x86-64 and 64-bit Arm, ucontext elsewhere (which makes a system call each
 * time, so the model is slower there, and gives the same).
 */
#include "engine/coro.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Sanitizers must be told of a change of stacks. */
#if defined(__has_feature)
#define HAS_FEATURE(f) __has_feature(f)
#else
#define HAS_FEATURE(f) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define ASAN_LEAVE(from, to) __sanitizer_start_switch_fiber(&(from)->fake, (to)->low, (to)->size)
/* Entered for the first time, and by whom: so the thread's own stack becomes known. */
#define ASAN_BEGIN(c, from) __sanitizer_finish_switch_fiber((c)->fake, &(from)->low, &(from)->size)
/* Back again; whoever let us on need not be the one that we had let on. */
#define ASAN_BACK(c) __sanitizer_finish_switch_fiber((c)->fake, NULL, NULL)
#else
#define ASAN_LEAVE(from, to) ((void)0)
#define ASAN_BEGIN(c, from)  ((void)0)
#define ASAN_BACK(c)	     ((void)0)
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define TSAN_OPEN(c)  ((c)->fiber = __tsan_create_fiber(0))
#define TSAN_CLOSE(c) ((c)->fiber ? __tsan_destroy_fiber((c)->fiber) : (void)0)
#define TSAN_LEAVE(from, to)                                        \
	do {                                                        \
		if (!(from)->fiber)                                 \
			(from)->fiber = __tsan_get_current_fiber(); \
		__tsan_switch_to_fiber((to)->fiber, 0);             \
	} while (0)
#else
#define TSAN_OPEN(c)	     ((void)0)
#define TSAN_CLOSE(c)	     ((void)0)
#define TSAN_LEAVE(from, to) ((void)0)
#endif

/* -DCORO_PORTABLE: as on other machines, to see that it gives the same. */
#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(CORO_PORTABLE)

/*
 * coro_swap - save what the ABI says that a call preserves, and go on where the other stopped. Hidden, since a
 * GOT entry of Arm has no place for the offset of a symbol that the assembler knows as local.
 */
#define HIDDEN __attribute__((visibility("hidden")))
HIDDEN void coro_swap(void **save, void *load);
HIDDEN void coro_entry(void);

#ifdef __x86_64__

__asm__(".pushsection .text\n"
	".p2align 6\n"
	".type coro_swap, @function\n"
	"coro_swap:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size coro_swap, . - coro_swap\n"
	/* the first return of a new stack: rbx is begin(), r12 its argument */
	".type coro_entry, @function\n"
	"coro_entry:\n"
	"	movq %r12, %rdi\n"
	"	callq *%rbx\n"
	"	ud2\n"
	".size coro_entry, . - coro_entry\n"
	".popsection\n");

static void prepare(struct coro *c, void (*begin)(struct coro *))
{
	/* r15 r14 r13 r12 rbx rbp, the return address; 2 more, so that the call in coro_entry
	 * finds rsp on a 16-byte border */
	void **sp = (void **)(void *)(c->stack + c->size) - 9;

	memset(sp, 0, 9 * sizeof(*sp));
	sp[3] = c;
	sp[4] = (void *)begin;
	sp[6] = (void *)coro_entry;
	c->at = sp;
}

#else

/* x19..x30, d8..d15 */
#define SAVED	  20
#define SAVED_X20 1
#define SAVED_X30 11

__asm__(".pushsection .text\n"
	".p2align 6\n"
	".type coro_swap, %function\n"
	"coro_swap:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size coro_swap, . - coro_swap\n"
	/* the first return of a new stack: x20 is begin(), x19 its argument */
	".type coro_entry, %function\n"
	"coro_entry:\n"
	"	mov x0, x19\n"
	"	blr x20\n"
	"	brk #0\n"
	".size coro_entry, . - coro_entry\n"
	".popsection\n");

static void prepare(struct coro *c, void (*begin)(struct coro *))
{
	void **sp = (void **)(void *)(c->stack + c->size) - SAVED;

	memset(sp, 0, SAVED * sizeof(*sp));
	sp[0] = c;
	sp[SAVED_X20] = (void *)begin;
	sp[SAVED_X30] = (void *)coro_entry;
	c->at = sp;
}

#endif

static int reserve(struct coro *c)
{
	(void)c;
	return 0;
}

static void release(struct coro *c)
{
	(void)c;
}

static void swap(struct coro *from, struct coro *to)
{
	coro_swap(&from->at, to->at);
}

#else

#include <ucontext.h>

static void enter(unsigned high, unsigned low, unsigned begin_high, unsigned begin_low)
{
	/* makecontext() passes ints only */
	struct coro *c = (struct coro *)((uintptr_t)((uint64_t)high << 32 | low));
	void (*begin)(struct coro *) =
		(void (*)(struct coro *))((uintptr_t)((uint64_t)begin_high << 32 | begin_low));

	begin(c);
}

static int reserve(struct coro *c)
{
	c->at = calloc(1, sizeof(ucontext_t));
	return c->at ? 0 : -ENOMEM;
}

static void release(struct coro *c)
{
	free(c->at);
}

static void prepare(struct coro *c, void (*begin)(struct coro *))
{
	ucontext_t *context = c->at;
	const uint64_t self = (uintptr_t)c, entry = (uintptr_t)begin;

	getcontext(context);
	context->uc_stack.ss_sp = c->stack + CORO_FOOT;
	context->uc_stack.ss_size = c->size - CORO_FOOT;
	context->uc_link = NULL;
	makecontext(context, (void (*)(void))enter, 4, (unsigned)(self >> 32), (unsigned)self,
		    (unsigned)(entry >> 32), (unsigned)entry);
}

static void swap(struct coro *from, struct coro *to)
{
	ucontext_t own;

	if (from->stack) {
		swapcontext(from->at, to->at);
		return;
	}
	from->at = &own; /* the thread's own stack: this frame lives until it is back */
	swapcontext(&own, to->at);
}

#endif

/* The first thing that runs on a new stack. */
static void begin(struct coro *c)
{
	struct coro *from = *(struct coro **)(void *)(c->stack + CORO_FOOT - sizeof(void *));

	ASAN_BEGIN(c, from);
	(void)from;
	c->run(c->arg);
	abort(); /* run() has returned: there is nowhere to go */
}

int coro_open(struct coro *c, size_t size, struct vrb_err *err)
{
	uint8_t *at;
	size_t before;

	memset(c, 0, sizeof(*c));
	at = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return vrb_fail(err, ENOMEM, "no memory for a stack of %zu bytes", size);
	before = (size - (uintptr_t)at % size) % size;
	if (before)
		munmap(at, before);
	if (size - before)
		munmap(at + before + size, size - before);
	c->stack = at + before;
	c->low = c->stack;
	c->size = size;
	if (reserve(c)) {
		coro_close(c);
		return vrb_fail(err, ENOMEM, "no memory for a coroutine");
	}
	return 0;
}

void coro_close(struct coro *c)
{
	if (!c->stack)
		return;
	TSAN_CLOSE(c);
	release(c);
	munmap(c->stack, c->size);
	memset(c, 0, sizeof(*c));
}

void coro_start(struct coro *c, void (*run)(void *arg), void *arg)
{
	TSAN_CLOSE(c);
	TSAN_OPEN(c);
	c->run = run;
	c->arg = arg;
	c->fake = NULL;
	prepare(c, begin);
}

void coro_switch(struct coro *from, struct coro *to)
{
	/* who a new stack was entered from: the last bytes of the foot are ours */
	if (to->stack)
		*(struct coro **)(void *)(to->stack + CORO_FOOT - sizeof(void *)) = from;
	TSAN_LEAVE(from, to);
	ASAN_LEAVE(from, to);
	swap(from, to);
	ASAN_BACK(from);
}
