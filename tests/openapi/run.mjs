// Generated requests against the real server, for every operation of the OpenAPI document, in three roles. The answers must match
// the document. The seed is fixed, so that a run can be repeated.
//
//   node tests/openapi/run.mjs [SECONDS]   seconds for each role (default 60)
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../..");
const tools = process.env.SKRANKE_TOOLS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "skranke");
const schemathesis = join(tools, "python", "bin", "schemathesis");
const seconds = process.argv[2] ?? "60";

const PEOPLE = [
  { name: "anonymous", signIn: async () => ({}), paths: "^/" },
  { name: "applicant", signIn: asApplicant, paths: "^/(?!api/desk)" },
  { name: "clerk", signIn: asClerk, paths: "^/api/desk" },
];

/** Starts the demo in this folder, on a free port. */
async function open(folder) {
  const running = spawn(
    join(root, "target/release/skranke"),
    ["demo", "--port", "0", "--data-dir", folder, "--dist-dir", join(root, "dist"), "--clock", "2021-03-22T09:00:00+01:00"],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, RUST_LOG: "error" } },
  );
  const url = await new Promise((found, failed) => {
    running.once("exit", () => failed(new Error("the server ended before it was open")));
    createInterface({ input: running.stdout }).on("line", (line) => {
      const match = line.match(/open at (http:\S+)/);
      if (match) found(match[1]);
    });
  });
  return { url, stop: () => new Promise((done) => (running.once("exit", done), running.kill())) };
}

const cookies = (answer) => Object.fromEntries(answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0].split("=")));

async function send(url, method, path, body, cookie = "") {
  const headers = { "content-type": "application/json", cookie };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Session of Asha, who has a case, available slots and messages. */
async function asApplicant(url) {
  const email = "asha@example.org";
  const ask = cookies(await send(url, "POST", "/api/sign-in-codes", { email, language: "en" }));
  let code;
  for (let tries = 0; !code && tries < 100; tries++) {
    const mails = await (await fetch(`${url}/demo/mail`)).text();
    code = mails.split("<article").find((mail) => mail.includes(`To ${email},`))?.match(/code is (\d{6})/)?.[1];
    if (!code) await new Promise((later) => setTimeout(later, 100));
  }
  const cookie = `skranke-ask=${ask["skranke-ask"]}`;
  return { APPLICANT: cookies(await send(url, "PUT", "/api/session", { email, code, language: "en" }, cookie)).skranke };
}

async function asClerk(url) {
  const session = await (await fetch(`${url}/api/desk/session`)).json();
  const clerk = session.demo_officers.find((officer) => officer.role === "clerk");
  return { OFFICER: cookies(await send(url, "PUT", "/demo/desk", { officer: clerk.id }))["skranke-desk"] };
}

/** Runs the generator in one role. Returns `true` if it found nothing. */
async function attack({ name, signIn, paths }) {
  const folder = mkdtempSync(join(tmpdir(), "skranke-"));
  const server = await open(folder);
  const sessions = { APPLICANT: "nobody", OFFICER: "nobody", ...(await signIn(server.url)) };
  const words = ["--config-file", join(root, "tests/openapi/schemathesis.toml"), "run", `${server.url}/api/openapi.json`];
  words.push("--max-time", seconds, "--seed", "20210322", "--include-path-regex", paths);
  console.log(`schemathesis as ${name}`);
  const running = spawn(schemathesis, words, { stdio: ["ignore", "inherit", "inherit"], cwd: folder, env: { ...process.env, ...sessions } });
  const status = await new Promise((done) => running.once("exit", done));
  await server.stop();
  rmSync(folder, { recursive: true });
  return status === 0;
}

let passed = 0;
const chosen = process.argv[3] ? PEOPLE.filter(({ name }) => name === process.argv[3]) : PEOPLE;
for (const person of chosen) passed += await attack(person);
const failed = chosen.length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed;
