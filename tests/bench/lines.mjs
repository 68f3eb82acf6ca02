// Benchmark of `skranke decide`: lines per second on one core, and peak memory for a file and for one ten times as long. The
// arguments are the programs `skranke` and `lines`, which `make bench` has just built.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const [skranke, lines] = process.argv.slice(2);

for (const count of [100_000, 1_000_000]) {
  const file = `${root}/target/bench-facts.jsonl`;
  const out = openSync(file, "w");
  await ended(spawn(lines, [String(count)], { stdio: ["ignore", out, "inherit"] }));
  closeSync(out);
  const runs = [];
  let memory = 0;
  for (let run = 0; run < 5; run++) {
    const nowhere = openSync("/dev/null", "w");
    const began = performance.now();
    const process = spawn(skranke, ["decide", file], { stdio: ["ignore", nowhere, "inherit"] });
    const watching = setInterval(() => {
      memory = Math.max(memory, Number(readFileSync(`/proc/${process.pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)?.[1] ?? 0));
    }, 5);
    process.once("exit", () => clearInterval(watching));
    await ended(process);
    runs.push(count / ((performance.now() - began) / 1000));
    closeSync(nowhere);
  }
  runs.sort((a, b) => a - b);
  const perSecond = (rate) => `${Math.round(rate / 1000)} 000 lines/s`;
  console.log(
    `skranke decide, ${count} lines (${(statSync(file).size / 1e6).toFixed(0)} MB): ` +
      `median ${perSecond(runs[2])}, best ${perSecond(runs[4])}; most memory ${(memory / 1024).toFixed(1)} MB`,
  );
  rmSync(file);
}

function ended(process) {
  return new Promise((done) => process.once("exit", done));
}
