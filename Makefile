# Two commands are all a new user needs: `make demo` and `make test`. Both install what they need
# (Debian packages; Python and npm packages from lock files, below this directory).

BUILD := build/release
MATINEE := $(BUILD)/src/matinee
JOBS ?= $(shell nproc)
SECONDS_PER_FUZZER ?= 60
KILLS ?= 100
SEEDS ?= 2000
PUBLISH_KILLS ?= 50

.PHONY: hostile help demo build functions test check-format cpp-tests asan-tests client-tests crash \
	crash-functions crash-stacks seeds publish-kills fuzz bench bench-functions coverage format clean

help:
	@echo 'make demo      build a release and run the movie pipeline on the embedded cloud'
	@echo 'make build     only build the release: $(MATINEE)'
	@echo 'make functions the functions in C++, as zips for AWS Lambda: build/functions/*.zip'
	@echo 'make test      every test: C++, sanitizers, real clients, a short crash test'
	@echo 'make crash     kill the server KILLS=$(KILLS) times under load and compare'
	@echo 'make crash-functions  the same with functions, while calls and batches are under way'
	@echo 'make crash-stacks  the same while a stack of 100 resources is made, changed, taken back and removed'
	@echo 'make seeds     SEEDS=$(SEEDS) random runs with crashes of SQS, settings, events on their way, functions, and of tables beside their model'
	@echo 'make publish-kills  kill the publisher PUBLISH_KILLS=$(PUBLISH_KILLS) times: each key is sent once'
	@echo 'make hostile   functions that fork and fork: they may take all processes of this machine'
	@echo 'make fuzz      each libFuzzer target for SECONDS_PER_FUZZER=$(SECONDS_PER_FUZZER)'
	@echo 'make bench     the promised figures, measured here, and SQS beside other servers'
	@echo 'make bench-functions  only those of functions, beside MiniStack'
	@echo 'make coverage  write docs/coverage.md and docs/resource-types.md: what is served'
	@echo 'make format    clang-format over all sources'

demo: build
	$(MATINEE) run movies --count 10000
	@tools/what-next.sh $(MATINEE)

build:
	@tools/install-packages.sh demo
	@tools/build.sh release matinee

functions:
	@tools/install-packages.sh demo
	@tools/build.sh release functions
	@ls -l build/functions/*.zip

test: build
	@tools/install-packages.sh test
	@tools/run-tests.sh

check-format:
	@tools/check-format.sh

cpp-tests:
	@tools/install-packages.sh test
	@tools/build.sh dev
	ctest --test-dir build/dev --output-on-failure -j $(JOBS)

asan-tests:
	@tools/install-packages.sh test
	@tools/build.sh asan
	ctest --test-dir build/asan --output-on-failure -j $(JOBS)

client-tests: build
	@tools/install-packages.sh test
	@tools/run-client-tests.sh

crash: build
	@tools/install-packages.sh test
	python3 tests/crash/crash.py --kills $(KILLS) --binary $(MATINEE)

crash-functions: build
	@tools/install-packages.sh test
	python3 tests/crash/functions_crash.py --kills $(KILLS) --binary $(MATINEE)

crash-stacks: build
	@tools/install-packages.sh test
	python3 tests/crash/stacks_crash.py --kills $(KILLS) --binary $(MATINEE)

# A seed that fails is printed; MATINEE_SEED=n replays it.
seeds:
	@tools/install-packages.sh test
	@tools/build.sh dev sqs_tests
	@tools/build.sh dev simulation_tests
	@tools/build.sh dev events_simulation_tests
	@tools/build.sh dev functions_simulation_tests
	@tools/build.sh dev tables_simulation_tests
	MATINEE_SEEDS=$(SEEDS) build/dev/src/services/sqs/sqs_tests --gtest_filter='Seeds/*' --gtest_brief=1
	MATINEE_SEEDS=$(SEEDS) build/dev/tests/simulation/simulation_tests --gtest_filter='Seeds/*' \
		--gtest_brief=1
	MATINEE_SEEDS=$(SEEDS) build/dev/tests/simulation/events/events_simulation_tests \
		--gtest_filter='Seeds/*' --gtest_brief=1
	MATINEE_SEEDS=$(SEEDS) build/dev/tests/simulation/functions/functions_simulation_tests \
		--gtest_filter='Seeds/*' --gtest_brief=1
	MATINEE_SEEDS=$(SEEDS) build/dev/tests/simulation/tables/tables_simulation_tests \
		--gtest_filter='Seeds/*' --gtest_brief=1

# As many times on a server as on the embedded cloud.
publish-kills: build
	@tools/install-packages.sh test
	@tools/prepare-python.sh
	MATINEE_PUBLISH_KILLS=$(PUBLISH_KILLS) MATINEE_BINARY=$(CURDIR)/$(MATINEE) \
		.venv/bin/pytest -q tests/clients/test_publish_kills.py

# They come to the limit of processes, which may be that of the whole container.
hostile:
	@tools/install-packages.sh test
	@tools/build.sh dev sandbox_tests fork_bomb_tests
	build/dev/src/runtime/real/sandbox/sandbox_tests --gtest_filter='*Hostile*' --gtest_brief=1
	build/dev/src/runtime/real/sandbox/fork_bomb_tests --gtest_brief=1

fuzz:
	@tools/install-packages.sh test
	@tools/build.sh fuzz fuzzers
	@tools/fuzz.sh $(SECONDS_PER_FUZZER)

bench: build
	@tools/install-packages.sh test
	@tools/build.sh release matinee-bench
	@tools/prepare-python.sh
	@bench/with-ministack.sh $(BUILD)/bench/matinee-bench all --binary $(MATINEE)
	@bench/compare.sh $(MATINEE) $(BUILD)/bench/matinee-bench

bench-functions: build
	@tools/install-packages.sh test
	@tools/build.sh release matinee-bench
	@bench/with-ministack.sh $(BUILD)/bench/matinee-bench functions --binary $(MATINEE)

coverage: build
	$(MATINEE) coverage --format markdown > docs/coverage.md
	$(MATINEE) coverage --types --format markdown > docs/resource-types.md

format:
	git ls-files 'src/*.h' 'src/*.cpp' 'functions/*.h' 'functions/*.cpp' 'tests/*.h' \
		'tests/*.cpp' 'bench/*.h' 'bench/*.cpp' 'tools/*.h' 'tools/*.cpp' | xargs clang-format-19 -i

clean:
	rm -rf build .venv tests/clients/javascript/node_modules
