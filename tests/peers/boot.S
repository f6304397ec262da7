/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * boot.S - a boot sector: the firmware's INT 13h reads 200 times 64 sectors, each of which begins with its number.
 * It ends QEMU through isa-debug-exit at port 0xf4: with 33 if all was as it should be, else with 65.
 */
	.code16
	.globl _start
_start:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7000, %sp
	movw	$0x1000, %ax
	movw	%ax, %es
	movw	$200, %cx
again:
	pushw	%cx
	movb	$0x80, %dl
	movw	$packet, %si
	movb	$0x42, %ah
	int	$0x13
	jc	bad
	xorw	%di, %di
	movl	first, %eax
	movw	$64, %cx
compare:
	cmpl	%es:(%di), %eax
	jne	bad
	incl	%eax
	addw	$512, %di
	loop	compare
	movl	%eax, first
	popw	%cx
	loop	again
	movb	$0x10, %al
	outb	%al, $0xf4
bad:
	movb	$0x20, %al
	outb	%al, $0xf4
stay:
	hlt
	jmp	stay
	.balign 4
packet:
	.byte	16, 0
	.word	64
	.word	0x0000, 0x1000
first:
	.long	1, 0
	.org	510
	.byte	0x55, 0xaa
