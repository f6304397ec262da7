# SPDX-License-Identifier: BSD-3-Clause
#
# vringbench: `make help` lists the goals. Variables:
#
#   CC=clang       another compiler (default: gcc)
#   CFLAGS=...     optimization and debugging (default: -O2 -g1); the rest stands in FLAGS
#   WERROR=1       a warning is an error
#   FLAVOUR=name   objects and programs go to build/name (default: release, whose vringbench
#                  goes to the top); asan, tsan and fuzz have their own CFLAGS
#   SLOWDOWN=5     timed samples are 5 % longer (build/slow-5/vringbench): a planted regression
#   V=1            print whole commands
#   PREFIX=/usr/local DESTDIR=    for install and uninstall
#   TEST_ARGS=...  for the test runner, e.g. TEST_ARGS=--filter='ring/*'

VERSION := 0.1.0

# All CPUs, unless -j on the line or MAKEFLAGS in the environment says otherwise.
ifeq ($(MAKELEVEL),0)
ifeq ($(filter -j% --jobs% j%,$(MAKEFLAGS) $(shell echo "$$MAKEFLAGS")),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
endif

FUZZING := $(filter fuzz,$(FLAVOUR))
ifneq ($(FUZZING),)
CC := clang
endif
ifeq ($(origin CC),default)
CC := $(if $(shell command -v gcc),gcc,cc)
endif
FLAVOUR ?= $(if $(SLOWDOWN),slow-$(SLOWDOWN),release)
PREFIX  ?= /usr/local
B       := build/$(FLAVOUR)
PROGRAM := $(if $(filter release,$(FLAVOUR)),vringbench,$(B)/vringbench)
Q       := $(if $(V),,@)

CFLAGS_asan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
               -fno-sanitize-recover=all
# clang's: what libFuzzer needs to see where an input leads, and both sanitizers
CFLAGS_fuzz := -O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
               -fno-sanitize-recover=all
# TSan knows no fences: what needs one, tests/orders shows. And gcc with it loses sight of a chain's
# header, which is set before it is read.
CFLAGS_tsan := -O1 -g1 -fsanitize=thread $(if $(findstring clang,$(CC)),,-Wno-tsan -Wno-maybe-uninitialized)
CFLAGS_coverage := -O1 -g1 --coverage
# clang is asked for its warnings and for the counts of the model, which no optimization changes.
CFLAGS_clang := -O1
# -g1 has the lines and functions that perf, callgrind and backtraces need. Locals, which the loops
# keep in registers, cost a quarter of the compile time; CFLAGS='-Og -g' for a debugger.
CFLAGS   ?= $(or $(CFLAGS_$(FLAVOUR)),-O2 -g1)
WARNINGS := -Wall -Wextra -Wshadow -Wconversion $(if $(WERROR),-Werror)
# Plain architecture for all: a program built here runs on any machine of its kind. Functions
# start on a line, so that equal loops lie equally: else the null row shows the luck of it. And
# vectors are only where a variant says so.
FLAGS    := $(strip -std=gnu11 -D_GNU_SOURCE $(CFLAGS) -falign-functions=64 -fno-tree-vectorize \
                    -fno-tree-slp-vectorize $(if $(SLOWDOWN),-DVRB_SLOWDOWN=$(SLOWDOWN)) $(WARNINGS) -pthread -Isim -I. -I$(B))

# One file for each instruction set, chosen at run time. Only these get more than the plain
# architecture; those of other machines are left out.
X86_FILES := %_sse.c %_avx2.c %_avx512.c
ARM_FILES := %_neon.c
$(B)/%_sse.o    $(B)/%_sse.tidy:    ISA := -msse4.2
$(B)/%_avx2.o   $(B)/%_avx2.tidy:   ISA := -mavx2
$(B)/%_avx512.o $(B)/%_avx512.tidy: ISA := -mavx512f -mavx512bw -mavx512vl -mavx512dq

SOURCES := $(wildcard sim/*.c sim/*/*.c)
MACHINE := $(or $(shell $(CC) -dumpmachine 2>/dev/null),$(shell uname -m))
SOURCES := $(filter-out $(if $(filter x86_64%,$(MACHINE)),,$(X86_FILES)) \
                        $(if $(filter aarch64%,$(MACHINE)),,$(ARM_FILES)),$(SOURCES))
# The generic loops are compiled a second time, for the coherence model. There each access is a call
# of the model, in which the time goes: with -O1 the loops take 1.6 times as long to compile, and the
# model 0.93 of its time.
MODEL_CFLAGS := $(if $(filter -O2,$(CFLAGS)),-Og)
GENERIC      := $(filter sim/ring/generic_%.c,$(SOURCES))
# The loops of the ring family lab: one source, compiled for each point of lab_points.def that has loops.
LAB_SOURCE   := sim/ring/lab_loops.c
LAB_ISAS     := scalar $(if $(filter x86_64%,$(MACHINE)),avx2 avx512) $(if $(filter aarch64%,$(MACHINE)),neon)
LAB_LANES    := scalar=1 neon=2 avx2=4 avx512=8
lab_points    = $(shell sed -n 's/^LAB_$(1).\([a-z0-9_]*\),.*/\1/p' sim/ring/lab_points.def)
LAB_OBJECTS  := $(patsubst %,$(B)/sim/ring/loops_%.o,$(addsuffix _scalar,$(call lab_points,COMPILED)) \
                $(foreach isa,$(LAB_ISAS),$(addsuffix _$(isa),$(call lab_points,VECTOR))))
COMPILED     := $(patsubst %.c,$(B)/%.o,$(filter-out $(LAB_SOURCE),$(SOURCES))) $(GENERIC:%.c=$(B)/model/%.o) \
                $(LAB_OBJECTS)
# The null rows, and copies to compare as variants: what baseline and its device were compiled to,
# once more at another address; the generic loops, too, where all run these.
COPIES       := null_control null_control_2 null_control_3 null_control_4
CONTROL      := $(foreach copy,$(COPIES),$(addprefix $(B)/sim/ring/$(copy)_,drv.o dev.o generic.o))
OBJECTS      := $(COMPILED) $(CONTROL)
# gcov writes what it counted when a program ends; a launch ends with _exit().
ifeq ($(FLAVOUR),coverage)
OBJECTS      += $(B)/tests/coverage/exit.o
LDFLAGS      += -Wl,--wrap=_exit
endif
TEST_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/*.c))
TESTED       := $(filter-out $(B)/sim/main.o,$(OBJECTS))
# The loops in both meanings of their verbs: the second costs a second.
TIDY         := $(COMPILED:.o=.tidy) $(TEST_OBJECTS:.o=.tidy) $(B)/tests/verbs/spy.tidy \
                $(B)/tests/rule/simulation.tidy $(B)/tests/orders/main.tidy
# vringbench with spy.c before the functions that it wraps, for scripts/check-verbs
SPY_OBJECTS  := $(B)/tests/verbs/spy.o $(OBJECTS)
SPY_LINK     := -Wl,--strip-debug,--wrap=launch_run,--wrap=arena_close,--wrap=ring_setup \
                -Wl,--wrap=variants_loops,--wrap=phase_drv,--wrap=coh_load,--wrap=coh_store
# The coroutines of other machines, to see that the model gives the same with them.
PORTABLE     := $(B)/portable/coro.o

LIBRARIES := hwloc numa jansson
# In recipes only: pkg-config itself may be what is missing before them.
PKG_CFLAGS = $$(pkg-config --cflags $(LIBRARIES))
PKG_LIBS   = $$(pkg-config --libs $(LIBRARIES))

# What this run needs installed.
NEED := $(if $(filter arm,$(MAKECMDGOALS)),arm,$(if $(filter check-exports,$(MAKECMDGOALS)),exports,$(if $(filter coverage,$(MAKECMDGOALS)),coverage,$(if $(filter fuzz fuzz-targets,$(MAKECMDGOALS)),fuzz,$(if $(filter hot-loops instructions model-counts verbs check-report tidy lint,$(MAKECMDGOALS)),check,\
        $(firstword $(filter test,$(patsubst orders-table,test,$(MAKECMDGOALS:test-programs=test))) \
        $(filter bench,$(MAKECMDGOALS)) build))))))

.PHONY: all test test-programs bench check hot-loops instructions model-counts verbs sanitize asan
.PHONY: arm peers robust fuzz fuzz-targets seeds-targets coverage check-exports check-report rule-simulation orders-table tsan tidy lint install uninstall clean distclean help setup FORCE

all: $(PROGRAM)

help:
	@echo 'make               build ./vringbench'
	@echo 'make bench         the main comparison: a table, a session file, plots, and a page of'
	@echo '                   it all; extra options in BENCH_ARGS'
	@echo 'make test          all tests'
	@echo 'make check         all that CI does: .ci/run'
	@echo 'make asan tsan     build/asan/vringbench, build/tsan/vringbench'
	@echo 'make check-report  see a page of sessions as a validator and a browser do'
	@echo 'make check-exports  read exports with the tools that they are for'
	@echo 'make arm           cross-build for 64-bit Arm, test it by qemu-user, and its counters in QEMU'
	@echo 'make fuzz          feed parsers and rings what libFuzzer thinks up; FUZZ_SECONDS=60 for each'
	@echo 'make peers         testpmd and Linux in QEMU in front of serve, testpmd and QEMU behind drive'
	@echo 'make robust        the catalogue of faults, kills at random moments, a soak, fuzz'
	@echo 'make coverage      which lines of rings and parsers the tests reach'
	@echo 'make sanitize      both, over all variants'
	@echo 'make hot-loops     read the disassembly of the native loops'
	@echo 'make instructions  compare instructions per buffer with the committed table'
	@echo 'make model-counts  compare line transfers per buffer with the committed tables'
	@echo 'make rule-simulation   simulate what the rule of verdicts gets wrong and finds'
	@echo 'make orders-table  weaken each ordering of the rings, and put what goes wrong into docs/robustness.md'
	@echo 'make verbs         compare what the model is told with what the loops touch'
	@echo 'make lint          format, static analysis, scripts'
	@echo 'make install       and uninstall: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make clean         remove build/ and ./vringbench; distclean: plots and reports too.'
	@echo '                   Sessions are data: no goal removes them'

setup:
	@scripts/setup $(NEED)

# ---- building ----

# Each is rewritten only when its text changes, and then what depends on it is made again.
$(B)/build_info.h: FORCE | setup
	@scripts/build-info '$(VERSION)' '$(CC)' '$(FLAGS)' | scripts/write-if-changed $@
$(B)/flags: FORCE
	@echo '$(CC) $(FLAGS)' | scripts/write-if-changed $@

define compile
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(FLAGS) $(1) $(ISA) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
endef
BUILT_BEFORE := $(B)/build_info.h setup
$(B)/%.o: %.c $(B)/flags | $(BUILT_BEFORE)
	$(call compile)
$(B)/model/%.o: %.c $(B)/flags | $(BUILT_BEFORE)
	$(call compile,$(MODEL_CFLAGS) -DVRB_MODEL)

# of the stem: lab_compact_avx2
lab_isa     = $(lastword $(subst _, ,$*))
LAB_DEFINES = -DLAB_OF=$(*:%_$(lab_isa)=%) -DLAB_ISA=$(lab_isa) \
              -DLAB_LANES=$(patsubst $(lab_isa)=%,%,$(filter $(lab_isa)=%,$(LAB_LANES)))
$(LAB_OBJECTS): $(B)/sim/ring/loops_%.o: $(LAB_SOURCE) $(B)/flags | $(BUILT_BEFORE)
	$(call compile,$(LAB_DEFINES))

# The same machine code under other names: whatever its object defines is renamed, locals too, so
# that tools tell the two apart.
$(COPIES:%=$(B)/sim/ring/%_drv.o): $(B)/sim/ring/%_drv.o: $(B)/sim/ring/baseline.o
	$(call copy_as,baseline,$*)
$(COPIES:%=$(B)/sim/ring/%_dev.o): $(B)/sim/ring/%_dev.o: $(B)/sim/ring/used_each.o
	$(call copy_as,used_each,$*)
$(COPIES:%=$(B)/sim/ring/%_generic.o): $(B)/sim/ring/%_generic.o: $(B)/sim/ring/generic_split.o
	$(call copy_as,generic,generic_$*)
define copy_as
	@echo '  COPY  $@'
	$(Q)$$($(CC) -print-prog-name=nm) --defined-only $< | sed -n 's/.* \([^ ]*$(1)[^ ]*\)$$/\1/p' | sort -u | \
		sed 's/\(.*\)$(1)\(.*\)/& \1$(2)\2/' >$@.names
	$(Q)$$($(CC) -print-prog-name=objcopy) --redefine-syms=$@.names $< $@
endef

$(PROGRAM): $(OBJECTS)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

$(B)/run-tests: $(TESTED) $(TEST_OBJECTS)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $$(pkg-config --libs criterion) -lm

# What tests put between the program and its machine: tests/outside/shim.c.
$(B)/outside.so: tests/outside/shim.c $(B)/flags | $(B)/build_info.h setup
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) -fPIC -shared -o $@ $<

$(B)/verbs-spy: $(SPY_OBJECTS)
	@echo '  LINK  $@'
	@echo "$(CC) $(FLAGS) $(LDFLAGS) $(SPY_LINK) -o $@ $^ $(PKG_LIBS) -lm" >$@.link
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) $(SPY_LINK) -o $@ $^ $(PKG_LIBS) -lm

# A fuzz target is a file of tests/fuzz with LLVMFuzzerTestOneInput(); the others are what they share.
FUZZ_SHARED  := $(B)/tests/fuzz/fuzz.o $(B)/tests/fuzz/ring.o
FUZZ_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/*.c))
FUZZ_TARGETS := $(patsubst $(B)/tests/fuzz/%.o,$(B)/fuzz-%,$(filter-out $(FUZZ_SHARED),$(FUZZ_OBJECTS)))
$(FUZZ_TARGETS): $(B)/fuzz-%: $(B)/tests/fuzz/%.o $(FUZZ_SHARED) $(TESTED)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm
fuzz-targets: $(FUZZ_TARGETS)
# The same without libFuzzer, for files that are named: scripts/coverage.
SEEDS_TARGETS := $(FUZZ_TARGETS:$(B)/fuzz-%=$(B)/seeds-%)
$(SEEDS_TARGETS): $(B)/seeds-%: $(B)/tests/fuzz/%.o $(B)/tests/coverage/seeds.o $(FUZZ_SHARED) $(TESTED)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm
seeds-targets: $(SEEDS_TARGETS)

# What the rule of verdicts gets wrong and what it finds: results/rule/simulation.tsv.
RULE_OBJECTS := $(addprefix $(B)/,tests/rule/simulation.o tests/rule_noise.o sim/stats/launches.o \
                sim/stats/order.o sim/stats/rng.o sim/stats/rule.o)
$(B)/rule-simulation: $(RULE_OBJECTS)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ -lm
rule-simulation: $(B)/rule-simulation
	@mkdir -p results/rule
	$< >$<.tsv
	mv $<.tsv results/rule/simulation.tsv

# What each ordering of the rings is for: tests/orders.h, docs/robustness.md.
ORDERS_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/orders_*.c)) $(B)/tests/orders/main.o
$(B)/orders: $(ORDERS_OBJECTS) $(TESTED)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $$(pkg-config --libs criterion) -lm
orders-table: $(B)/orders
	grep -q 'orders:begin' docs/robustness.md && grep -q 'orders:end' docs/robustness.md
	$< --table >$<.md
	sed -i -e '/<!-- orders:begin -->/,/<!-- orders:end -->/{//!d}' -e '/<!-- orders:begin -->/r $<.md' \
		docs/robustness.md

$(PORTABLE): sim/engine/coro.c $(B)/flags | $(BUILT_BEFORE)
	$(call compile,-DCORO_PORTABLE)

$(B)/portable/vringbench: $(filter-out $(B)/sim/engine/coro.o,$(OBJECTS)) $(PORTABLE)
	@echo '  LINK  $@'
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

-include $(COMPILED:.o=.d) $(TEST_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(SPY_OBJECTS:.o=.d) $(PORTABLE:.o=.d) $(B)/tests/rule/simulation.d $(B)/tests/orders/main.d

asan tsan: | setup
	$(Q)$(MAKE) --no-print-directory FLAVOUR=$@ all

# ---- checking ----

test-programs: $(PROGRAM) $(B)/run-tests $(B)/outside.so

# Two phases, as two runners: tests whose suite begins with timed_ have two threads of their own, whose
# hand-offs need two CPUs, so they run one at a time; the others on all CPUs.
PURE_TESTS  := --filter='!(timed_*)/*' -j$(shell nproc 2>/dev/null || echo 1)
TIMED_TESTS := --filter='timed_*/*' -j1
# Beside four busy processes on two CPUs a phase has taken more than 20 minutes.
TESTS_END   := 3000
RUN_TESTS    = VRINGBENCH='$(abspath $(PROGRAM))' VRINGBENCH_ROOT='$(CURDIR)' \
               timeout -k 10 $(TESTS_END) $(B)/run-tests
test: test-programs
ifdef TEST_ARGS
	$(RUN_TESTS) -j1 $(TEST_ARGS)
else
	sessions() { ls -l --full-time results/sessions 2>&1; }; before=$$(sessions); \
		$(RUN_TESTS) $(PURE_TESTS); pure=$$?; $(RUN_TESTS) $(TIMED_TESTS); timed=$$?; \
		[ "$$before" = "$$(sessions)" ] || \
			{ echo 'make: results/sessions changed while the tests ran' >&2; exit 1; }; \
		[ $$pure -ne 124 ] && [ $$timed -ne 124 ] || \
			echo 'make: the tests did not end within $(TESTS_END) s' >&2; \
		[ $$pure -eq 0 ] && [ $$timed -eq 0 ]
endif

bench: all
	scripts/bench $(BENCH_ARGS)

check:
	.ci/run

hot-loops: all
	scripts/check-hot-loops --self-test
	scripts/check-hot-loops $(B)/sim/ring/*.o

instructions: all
	scripts/instructions --check
	scripts/lab-instructions --check

# Both coroutine switches: the figures must not depend on which there is.
model-counts: all $(B)/portable/vringbench
	scripts/model-counts --check --program $(PROGRAM)
	scripts/model-counts --check --program $(B)/portable/vringbench

verbs: $(B)/verbs-spy
	scripts/check-verbs --build $(B) --self-test
	scripts/check-verbs --build $(B)

check-report: all
	scripts/check-report

check-exports: all
	scripts/check-exports --require --self-test
arm: all
	scripts/arm

# Each target for FUZZ_SECONDS, one after the other, from its committed corpus on.
FUZZ_SECONDS ?= 60
fuzz: | setup
	$(Q)$(MAKE) --no-print-directory FLAVOUR=fuzz fuzz-targets
	scripts/fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

# Outside CI: half an hour at most, of which kills take 10 minutes, fuzzers 7, builds 5, the soak 2.
CATALOGUE := @(*hostile|device|driver|packed|headers|orders|peer*|inflight|*cli_outside|timed_process)/*
robust:
	$(MAKE) --no-print-directory test TEST_ARGS="--filter='$(CATALOGUE)'"
	VRINGBENCH_FLIPS=60 $(MAKE) --no-print-directory FLAVOUR=asan test TEST_ARGS=--filter='timed_hostile/*'
	$(MAKE) --no-print-directory $(B)/orders
	$(B)/orders --stale 8
	$(B)/orders --early 2
	scripts/robust --program $(PROGRAM) --tsv $(B)/kills.tsv
	scripts/soak --seconds 120
	$(MAKE) --no-print-directory FUZZ_SECONDS=30 fuzz

# Outside CI, too: which lines of rings and parsers the tests and seeds reach.
coverage: | setup
	scripts/coverage

sanitize: asan tsan
	scripts/sanitize build/asan/vringbench build/tsan/vringbench

tidy: $(TIDY)
$(B)/tests/%.tidy: ANALYZED := -include tests/analyzed.h
define tidy
	@echo '  TIDY  $@'
	$(Q)clang-tidy --quiet $< -- $(FLAGS) $(1) $(ISA) $(ANALYZED) $(PKG_CFLAGS) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@
endef
$(B)/%.tidy: %.c .clang-tidy $(B)/%.o
	$(call tidy)
$(B)/model/%.tidy: %.c .clang-tidy $(B)/model/%.o
	$(call tidy,-DVRB_MODEL)
$(LAB_OBJECTS:.o=.tidy): $(B)/sim/ring/loops_%.tidy: $(LAB_SOURCE) .clang-tidy $(B)/sim/ring/loops_%.o
	$(call tidy,$(LAB_DEFINES))

lint: | setup
	scripts/lint

# Foreign drivers in front of `vringbench serve`: outside CI.
peers: all
	scripts/setup peers
	scripts/peers-check
	scripts/peers-drive
	scripts/peers-linux
	scripts/replay-table build/peers/recordings
	scripts/peers-firmware

# ---- installing ----

install: all
	install -D -m 755 '$(PROGRAM)' '$(DESTDIR)$(PREFIX)/bin/vringbench'
	install -D -m 644 man/vringbench.1 '$(DESTDIR)$(PREFIX)/share/man/man1/vringbench.1'
	install -d '$(DESTDIR)$(PREFIX)/share/vringbench/gnuplot'
	install -m 644 scripts/gnuplot/*.gp '$(DESTDIR)$(PREFIX)/share/vringbench/gnuplot'
	install -d '$(DESTDIR)$(PREFIX)/share/vringbench/workloads'
	install -m 644 workloads/*.plan '$(DESTDIR)$(PREFIX)/share/vringbench/workloads'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/vringbench'
	rm -f '$(DESTDIR)$(PREFIX)/share/man/man1/vringbench.1'
	rm -rf '$(DESTDIR)$(PREFIX)/share/vringbench'

clean:
	rm -rf build vringbench

distclean: clean
	rm -rf results/plots results/reports
