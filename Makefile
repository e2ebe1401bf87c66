# make run    a bridge with its simulated broker, on http://127.0.0.1:8080
# make test   every check there is; make test-STEP runs one of them (scripts/run-tests has the list)
.PHONY: run build debug test bench format lint fuzz generate clean

# The address `make run` listens on.
LISTEN ?= 127.0.0.1:8080
# How long `make fuzz` gives each target.
FUZZ_SECONDS ?= 120

# Swift's own library goes into the binary where the toolchain has it in that form.
TOOLCHAIN = $(dir $(realpath $(shell command -v swift)))..
STATIC = $(if $(wildcard $(TOOLCHAIN)/lib/swift_static),--static-swift-stdlib)
COMMIT = $(shell git rev-parse --short HEAD 2>/dev/null)

run: build
	@exec .build/release/brokerbridge serve --sandbox --listen $(LISTEN)

build:
	@scripts/install-dependencies build
	BROKERBRIDGE_COMMIT=$(COMMIT) swift build -c release $(STATIC) --product brokerbridge

debug:
	@scripts/install-dependencies build
	swift build

test:
	@scripts/install-dependencies build test
	@scripts/run-tests

test-%:
	@scripts/install-dependencies build test
	@scripts/run-tests $*

bench: build
	@scripts/install-dependencies build bench
	.venv/bin/python Benchmarks/bench.py --binary .build/release/brokerbridge
	.venv/bin/python Benchmarks/audit.py --binary .build/release/brokerbridge

format:
	swift format --in-place --parallel --recursive Sources Tests Fuzz Package.swift

lint:
	@scripts/lint

fuzz:
	@scripts/install-dependencies build test
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/run-tests fuzz

generate:
	@scripts/install-dependencies build test
	@scripts/generate-messages
	@scripts/embed-openapi

clean:
	rm -rf .build .build-tsan .venv
