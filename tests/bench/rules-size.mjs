// Size of the crate `rules` as wasm, with its notices, optimised like the page.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";

const root = resolve(import.meta.dirname, "../..");
const features = "bulk-memory nontrapping-float-to-int sign-ext mutable-globals reference-types multivalue";
const small = `${root}/target/rules.wasm`;
execFileSync(`${root}/node_modules/.bin/wasm-opt`, [
  "-Oz",
  "--strip-debug",
  "--strip-producers",
  ...features.split(" ").map((feature) => `--enable-${feature}`),
  `${root}/target/wasm32-unknown-unknown/wasm/examples/whole.wasm`,
  "-o",
  small,
]);
console.log(`rules as wasm: ${(brotliCompressSync(readFileSync(small)).length / 1000).toFixed(1)} KB (brotli 11)`);
