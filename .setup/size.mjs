// Prints what a first visit loads, compressed with brotli 11, and the sum over html, css, js and wasm.
import { readdirSync, statSync } from "node:fs";

const sizes = new Map();
let sum = 0;
for (const name of readdirSync("dist").sort()) {
  const kind = name.match(/\.(html|css|js|wasm)\.br$/)?.[1];
  if (!kind) continue;
  const bytes = statSync(`dist/${name}`).size;
  sizes.set(kind, (sizes.get(kind) ?? 0) + bytes);
  sum += bytes;
}
for (const [kind, bytes] of sizes) console.log(`${kind.padEnd(5)} ${(bytes / 1000).toFixed(1).padStart(7)} KB`);
console.log(`sum   ${(sum / 1000).toFixed(1).padStart(7)} KB  (brotli 11)`);
