// Prints the size of the built page, compressed with brotli 11: the files of a first visit, by kind and in total, and the parts
// loaded later.
import { readdirSync, readFileSync, statSync } from "node:fs";

const index = readFileSync("dist/index.html", "utf8");
const first = new Map();
const later = new Map();
for (const name of readdirSync("dist").sort()) {
  const [, part, kind] = name.match(/^(.+?)(?:-[0-9a-f]+(?:_bg)?)?\.(html|css|js|wasm)\.br$/) ?? [];
  if (!kind) continue;
  const bytes = statSync(`dist/${name}`).size;
  const isFirst = kind === "html" || index.includes(name.replace(/\.br$/, ""));
  const [sizes, label] = isFirst ? [first, kind] : [later, part];
  sizes.set(label, (sizes.get(label) ?? 0) + bytes);
}
const line = (label, bytes) => console.log(`${label.padEnd(12)} ${(bytes / 1000).toFixed(1).padStart(7)} KB`);
const sum = (sizes) => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
console.log("a first visit (brotli 11)");
for (const [kind, bytes] of first) line(kind, bytes);
line("sum", sum(first));
console.log("later");
for (const [part, bytes] of later) line(part, bytes);
