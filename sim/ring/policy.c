/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy.c - the names of policies, as the command line writes them.
 */
#include "ring/policy.h"

const char *direction_name(enum direction dir)
{
	return dir == DIR_RX ? "rx" : "tx";
}

uint32_t policy_pieces(const struct ring_policy *p, enum direction dir, uint32_t payload)
{
	if (dir != DIR_RX || !p->rx_buffer || !payload)
		return 1;
	return (NET_HDR_LEN + payload + p->rx_buffer - 1) / p->rx_buffer;
}

const char *free_list_name(enum free_list v)
{
	static const char *const names[] = {[FREE_FIFO] = "fifo", [FREE_LIFO] = "lifo"};

	return names[v];
}

const char *publish_name(enum publish v)
{
	static const char *const names[] = {[PUBLISH_BURST] = "burst", [PUBLISH_BUFFER] = "buffer"};

	return names[v];
}

const char *tx_header_name(enum tx_header v)
{
	static const char *const names[] = {
		[TX_HEADER_CHAINED] = "chained", [TX_HEADER_NONE] = "none"};

	return names[v];
}

const char *device_order_name(enum device_order v)
{
	static const char *const names[] = {[ORDER_IN] = "in-order", [ORDER_EARLY] = "early"};

	return names[v];
}

const char *poll_name(enum poll v)
{
	static const char *const names[] = {
		[POLL_SPIN] = "spin", [POLL_PAUSE] = "pause", [POLL_BACKOFF] = "backoff"};

	return names[v];
}

const char *fault_name(enum fault v)
{
	static const char *const names[] = {[FAULT_NONE] = "none",
					    [FAULT_LOSE] = "lose",
					    [FAULT_CORRUPT] = "corrupt",
					    [FAULT_DUPLICATE] = "duplicate"};

	return names[v];
}

const char *ring_align_name(enum ring_align v)
{
	static const char *const names[] = {
		[ALIGN_LEGACY] = "4096", [ALIGN_LINE] = "64", [ALIGN_PACKED] = "packed"};

	return names[v];
}

const char *simd_name(enum simd v)
{
	static const char *const names[] = {[SIMD_SCALAR] = "scalar",
					    [SIMD_SSE] = "sse",
					    [SIMD_AVX2] = "avx2",
					    [SIMD_AVX512] = "avx512",
					    [SIMD_AUTO] = "auto"};

	return names[v];
}
