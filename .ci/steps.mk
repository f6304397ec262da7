# SPDX-License-Identifier: BSD-3-Clause
#
# The steps of .ci/run that run side by side, and which of them need another one. Each writes LOGS/STEP.log,
# and LOGS/STEP.code when it has ended. The slots of -j are those of the makes within, too.

.PHONY: $(MAKECMDGOALS)
$(MAKECMDGOALS):
	+@.ci/run $@ >$(LOGS)/$@.log 2>&1; code=$$?; \
		echo $$code >$(LOGS)/$@.new; mv $(LOGS)/$@.new $(LOGS)/$@.code; exit $$code

model-counts-clang clang-tidy: clang
sanitizers: fuzz
