# make run    a bridge with its simulated broker, on http://127.0.0.1:8080
# make test   every check there is
.PHONY: run build test bench format lint generate clean

STRICT := BROKERBRIDGE_STRICT=1
# The address `make run` listens on, and its other options.
LISTEN ?= 127.0.0.1:8080

run: build
	.build/release/brokerbridge serve --sandbox --listen $(LISTEN)

build:
	@scripts/install-dependencies build
	swift build -c release --product brokerbridge

test:
	@scripts/install-dependencies build test
	@scripts/run-tests

bench: build
	@scripts/install-dependencies build bench
	.venv/bin/python Benchmarks/bench.py --binary .build/release/brokerbridge

format:
	swift format --in-place --parallel --recursive Sources Tests Package.swift

lint:
	@scripts/lint

generate:
	@scripts/install-dependencies build test
	@scripts/generate-messages

clean:
	rm -rf .build .build-tsan .venv
