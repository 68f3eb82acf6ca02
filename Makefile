# make run          build what is missing and serve the demo on http://127.0.0.1:8080
# make test         everything that must hold
# make one          the tests of one crate or subject: CRATE=rules, TEST=http NAME=booking::, TEST=store; NAME is part of a test's name
# make setup        installs what is missing, and says before what and where; the others do so too
# make deny         advisories, licences, bans and sources of every crate, by deny.toml; the advisories need the network
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
# Sources of the server and of the page: make runs cargo only if one of them is newer. Tests and benchmarks belong to neither.
sources = $(shell find $(1) \( -name tests -o -name benches \) -prune -o -type f -print)
both := $(call sources,rules server/api Cargo.toml Cargo.lock .cargo)
rust := $(both) $(call sources,server)
page := $(both) $(call sources,app public .setup Trunk.toml package-lock.json)

# The selection of `make test`. Cargo chooses the features of shared dependencies by all that it is asked for; with another
# selection it would build them again.
all := --release --locked --workspace --exclude app

.NOTPARALLEL:
.PHONY: run test one bench fuzz parity size screenshots build setup setup-test check deny rust-tests wasm-tests browser-tests api-tests

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

# Advisories, licences, bans and sources, by an installed cargo-deny. It is no part of `make test`, because the advisories cannot be
# had offline.
deny:
	cargo deny --locked check

# The server's tests run the binary that cargo builds with them; it is the one that browser tests and `make run` use next.
rust-tests: setup dist/index.html
	cargo build $(all) --bins --tests
	@touch target/release/skranke
	.setup/postgres cargo test $(all)
	TEST_DATABASE=postgres .setup/postgres cargo test $(all) --test http

# HTTP tests serve the page in dist/ and need no newer one. Those of the store, and some others, need PostgreSQL.
one: setup
	$(if $(TEST),.setup/postgres cargo test $(all) --test $(TEST),cargo test --release --locked -p $(or $(CRATE),$(error CRATE=… or TEST=…))) -- $(NAME)

# The digests are written by the Rust tests.
wasm-tests: rust-tests
	cd tests && PARITY_DIGESTS=$(CURDIR)/target/parity/digests WASM_BINDGEN_TEST_TIMEOUT=600 ../$(wasm) cargo test --locked \
	  --target wasm32-unknown-unknown -p tests --features digests --test vectors --test parity_in_browser -p app --bin app

# As many facts as asked for, drawn by chance: the same bytes from the crate, the server and wasm in Chromium.
N ?= 1000000
parity: setup-test build
	PARITY=$(N) cargo test $(all) --test parity
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
	.setup/postgres cargo bench --locked -p server --bench bookings
	cargo bench --locked -p server --bench messages
	cargo bench --locked -p server --bench uploads
	cargo bench --locked -p server --bench uploads -- memory
	cargo build --release --locked -p server -p tests --bin skranke --example lines
	@node tests/bench/lines.mjs target/release/skranke target/release/examples/lines
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
