# make run          build what is missing and serve the demo on http://127.0.0.1:8080
# make test         everything that must hold
# make api-tests    generated requests for every operation of the OpenAPI document
# make size         what a first visit loads
# make parity N=…  as many facts as asked for, drawn by chance, decided alike on every way
# make bench        how fast the rules are, and how large; bookings a second on both engines; an office that closes on 10,000;
#                   megabytes a second sent in
# make fuzz SECONDS=60  nonsense for as long as asked, as facts and as policy documents
# make screenshots  a picture of every page

PORT ?= 8080
DATA_DIR ?= data
CLOCK ?= 2021-03-22T09:00:00+01:00
export PORT DATA_DIR CLOCK

wasm := .setup/wasm
rust := $(shell find rules server Cargo.toml Cargo.lock .cargo -type f)
page := $(rust) $(shell find app public .setup Trunk.toml package-lock.json -type f)

.NOTPARALLEL:
.PHONY: run test bench fuzz parity size screenshots build setup setup-test check rust-tests wasm-tests browser-tests api-tests

run: build
	@exec target/release/skranke demo

build: setup dist/index.html target/release/skranke

setup:
	@.setup/install

setup-test:
	@.setup/install test

target/release/skranke: $(rust)
	cargo build --release --locked -p server
	@touch $@

dist/index.html: $(page)
	$(wasm) .setup/page
	@touch $@

size: setup dist/index.html
	@node .setup/size.mjs

test: setup-test check rust-tests wasm-tests browser-tests

check:
	cargo fmt --check
	cargo clippy --release --locked --workspace --all-targets -- -D warnings
	$(wasm) cargo clippy --locked --target wasm32-unknown-unknown -p rules -p api -p app -- -D warnings

# The server and the tests in one go: cargo chooses the features of what both use by all that it is asked for, and would else
# build it twice.
rust-tests: setup dist/index.html
	cargo build --release --locked --workspace --exclude app --bins --tests
	@touch target/release/skranke
	.setup/postgres cargo test --release --locked --workspace --exclude app
	TEST_DATABASE=postgres .setup/postgres cargo test --release --locked -p tests --test http

# The digests are written by the Rust tests.
wasm-tests: rust-tests
	cd tests && PARITY_DIGESTS=$(CURDIR)/target/parity/digests WASM_BINDGEN_TEST_TIMEOUT=600 ../$(wasm) cargo test --locked \
	  --target wasm32-unknown-unknown -p tests --features digests --test vectors --test parity_in_browser -p app --bin app

# As many facts as asked for, drawn by chance: the same bytes from the crate, the server and wasm in Chromium.
N ?= 1000000
parity: setup-test build
	PARITY=$(N) cargo test --release --locked -p tests --test parity
	cd tests && PARITY_DIGESTS=$(CURDIR)/target/parity/digests WASM_BINDGEN_TEST_TIMEOUT=86400 ../$(wasm) cargo test --locked \
	  --release --target wasm32-unknown-unknown -p tests --features digests --test parity_in_browser

browser-tests: build
	npx playwright test --config tests/browser/playwright.config.mjs

# Generated requests for every operation of the OpenAPI document, a minute each as anybody, as an applicant and as a clerk.
api-tests: build
	@.setup/install schemathesis
	node tests/openapi/run.mjs

bench: setup build
	cargo bench --locked -p tests --bench decide
	.setup/postgres cargo bench --locked -p tests --bench bookings
	cargo bench --locked -p tests --bench messages
	cargo bench --locked -p tests --bench uploads
	cargo bench --locked -p tests --bench uploads -- memory
	cargo build --release --locked -p tests --example lines
	@node tests/bench/lines.mjs
	$(wasm) cargo build --locked -p rules --example whole --profile wasm --target wasm32-unknown-unknown
	@node tests/bench/rules-size.mjs

# Without a sanitizer, so that the stable compiler will do: there is no unsafe code of ours that one could watch.
SECONDS ?= 60
fuzz:
	@.setup/install fuzz
	.setup/fuzz facts $(SECONDS)
	.setup/fuzz policy $(SECONDS)

screenshots: setup-test build
	npx playwright test --config tests/browser/screenshots.config.mjs
