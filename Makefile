# Two commands do everything on a fresh Debian or Ubuntu machine with a Rust toolchain:
#   make demo   build, and do the main job on the built-in episode
#   make test   everything that CI checks
.PHONY: demo test setup accuracy bench fuzz

demo: setup
	cargo build --release --locked
	target/release/aloud demo

# Property tests draw the same cases each time here, so that a failure is about the change at hand; `cargo test` and
# `make fuzz` look for new ones.
test: export PROPTEST_RNG_SEED = 2026
test: setup
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked --workspace
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	# Without features nothing may need a C compiler.
	CC=false CXX=false CMAKE=false cargo clippy --locked --workspace --no-default-features --all-targets -- -D warnings
	CC=false CXX=false CMAKE=false cargo test --locked --workspace --no-default-features

setup:
	@scripts/setup.sh

# How right and how exact the demo episodes come out, against their exact truth.
accuracy: setup
	cargo bench --locked --bench accuracy

bench: setup
	cargo bench --locked --bench decode
	cargo bench --locked --bench align
	cargo bench --locked --bench view
	scripts/bench-peers.sh
	HOURS=1 scripts/ten-hours.sh

# One minute for each parser that meets strangers' bytes (needs cargo-fuzz).
fuzz:
	for target in fuzz/fuzz_targets/*.rs; do \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run "$$(basename "$$target" .rs)" -- -max_total_time=60 -max_len=65536 || exit 1; \
	done
