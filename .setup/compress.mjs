// Shortens the glue between page and wasm, and writes a .br and a .gz beside each file of the built page that gets smaller
// by it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { transformSync } from "esbuild";

const folder = process.env.TRUNK_STAGING_DIR ?? "dist";
for (const name of readdirSync(folder)) {
  if (!/\.(html|css|js|wasm|svg|webmanifest)$/.test(name)) continue;
  let bytes = readFileSync(join(folder, name));
  if (name.endsWith(".js")) {
    bytes = Buffer.from(transformSync(bytes.toString(), { format: "esm", minify: true, target: "es2022" }).code);
    writeFileSync(join(folder, name), bytes);
  }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
