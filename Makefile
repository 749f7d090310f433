# Two commands do everything on a fresh Debian or Ubuntu machine with a Rust toolchain:
#   make demo   build, and do the main job on the built-in episode
#   make test   everything that CI checks
.PHONY: demo test setup accuracy bench fuzz soak dist package

demo: setup
	cargo build --release --locked
	target/release/aloud demo

# The crates that have features.
FEATURED = -p aloud -p aloud-decode -p aloud-recognise

# Property tests draw the same cases each time for one commit, so that a failure can be looked into, and others for the next
# one, so that what is rare is met in time; scripts/tests.sh names the seed at its end (.ci/run has one of its own). Most
# tests wait for a screen, a child or a sound card: twice as many run at once as there are processors.
# The screen is soaked for a minute. What a failing test says itself stands last, not where it stood in the code.
test: export PROPTEST_RNG_SEED ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 2026)
test: export RUST_TEST_THREADS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
test: export ALOUD_SOAK_SECONDS ?= 60
test: export RUST_BACKTRACE = 0
# What nobody built before is built once: without notes for the next build our own crates take half as long.
ifeq ($(wildcard target/debug/incremental),)
test: export CARGO_INCREMENTAL ?= 0
endif
test:
	@scripts/setup.sh tests
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	scripts/tests.sh --locked --workspace
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	# Without features nothing may need a C compiler. Crates that have none were tested above.
	CC=false CXX=false CMAKE=false cargo clippy --locked $(FEATURED) --no-default-features --all-targets -- -D warnings
	CC=false CXX=false CMAKE=false ALOUD_SOAK_SECONDS=5 scripts/tests.sh --locked $(FEATURED) --no-default-features

setup:
	@scripts/setup.sh

# How right and how exact the demo episodes come out, against their exact truth (scripts/sensitivity.py: what if a constant were another?).
accuracy: setup
	cargo bench --locked --bench accuracy

bench: setup
	cargo bench --locked --bench decode
	cargo bench --locked --bench align
	cargo bench --locked --bench view
	scripts/bench-peers.sh
	HOURS=1 scripts/ten-hours.sh

# One minute for each parser that meets strangers' bytes, from the suite's samples on (needs cargo-fuzz).
fuzz: FUZZ_SECONDS ?= 60
fuzz:
	ALOUD_FUZZ_CORPUS=fuzz/corpus cargo test --locked --workspace --test tests every_target_has_samples
	for target in fuzz/fuzz_targets/*.rs; do \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run "$$(basename "$$target" .rs)" -- -max_total_time=$(FUZZ_SECONDS) -max_len=65536 || exit 1; \
	done

# Random keys, mouse, pastes, broken sequences and sizes on the real screen, for some minutes.
soak: export ALOUD_SOAK_SECONDS ?= 300
soak: setup
	cargo test --locked --workspace --test tests soak -- --nocapture

# What is handed out: the program with man pages, completions and licences, and its checksum.
dist: setup
	scripts/dist.sh

# Whether every crate could be published: complete, and within the registry's 10 MB.
package:
	cargo package --workspace --no-verify --allow-dirty
	@for crate in target/package/*.crate; do \
	  [ "$$(wc -c < "$$crate")" -lt 10000000 ] || { echo "$$crate is larger than 10 MB" >&2; exit 1; }; \
	done
