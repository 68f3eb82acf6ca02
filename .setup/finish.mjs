// Post-processing of the built page. Trunk runs it as a hook.
//
// It copies the parts that are loaded later into the page's folder, bundles the JavaScript between page and wasm into one
// minified file, and writes a .br and a .gz file beside each text or wasm file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

const folder = process.env.TRUNK_STAGING_DIR ?? "dist";
const parts = "target/split";
const links = join(folder, "__wasm_split.js");
const glue = readdirSync(folder).find((name) => /^app-[0-9a-f]+\.js$/.test(name));

// File names contain a content hash, so that browsers can cache the files forever.
const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

let code = readFileSync(join(parts, "__wasm_split.js"), "utf8").replace('"./app.js"', `"./${glue}"`);
for (const part of readdirSync(parts).filter((name) => name.endsWith(".wasm"))) {
  const bytes = readFileSync(join(parts, part));
  const name = `${part.replace(/^split_|\.wasm$/g, "")}-${hash(bytes)}.wasm`;
  writeFileSync(join(folder, name), bytes);
  code = code.replaceAll(`./${part}`, `./${name}`);
}
writeFileSync(links, code);
const bundle = { bundle: true, format: "esm", minify: true, target: "es2022", write: false, logLevel: "error" };
const { contents } = buildSync({ ...bundle, entryPoints: [join(folder, glue)] }).outputFiles[0];
rmSync(join(folder, glue));
rmSync(links);
const finished = `app-${hash(contents)}.js`;
writeFileSync(join(folder, finished), contents);
const index = join(folder, "index.html");
writeFileSync(index, readFileSync(index, "utf8").replaceAll(glue, finished));

for (const name of readdirSync(folder)) {
  if (!/\.(html|css|js|wasm|svg|webmanifest)$/.test(name)) continue;
  const bytes = readFileSync(join(folder, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
