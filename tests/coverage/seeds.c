/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * seeds.c - for scripts/coverage: a fuzz target without libFuzzer, fed with the files that are named.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* What a target's own mutator asks of libFuzzer. Nothing is mutated here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
	(void)data;
	return size < most ? size : most;
}

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20]; /* seeds are smaller by far */

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "re");

		if (!f) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		const size_t size = fread(data, 1, sizeof(data), f);

		fclose(f);
		LLVMFuzzerTestOneInput(data, size);
	}
	return EXIT_SUCCESS;
}
