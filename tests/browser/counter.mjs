// Test fixture: the real server with its demo people on a free port, and helpers for common steps.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test as base, expect } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { lateDoor } from "./late-door.mjs";

const root = resolve(import.meta.dirname, "../..");

export const MONDAY = "2020-11-02T09:00:00+01:00";
export const FRIDAY = "2020-11-06T09:00:00+01:00";
export const REDUCED = "2021-03-22T09:00:00+01:00";

/**
 * Starts the server with `settings` in its environment. `stop` ends it and leaves the folder for the next one. With a seed in
 * `late`, every answer of the API is delayed by a pseudo-random time.
 */
export async function open(folder, clock, port = 0, settings = {}, late = "") {
  if (late) {
    const behind = await open(folder, clock, 0, settings);
    const door = await lateDoor(port, behind.port, late);
    const stop = async () => {
      await door.stop();
      await behind.stop();
    };
    return { ...behind, url: `http://127.0.0.1:${door.port}`, port: door.port, stop };
  }
  const running = spawn(
    join(root, "target/release/skranke"),
    ["demo", "--port", String(port), "--data-dir", folder, "--dist-dir", join(root, "dist"), "--clock", clock],
    { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...settings } },
  );
  const url = await new Promise((found, failed) => {
    running.once("exit", () => failed(new Error("the server ended before it was open")));
    createInterface({ input: running.stdout }).on("line", (line) => {
      const match = line.match(/open at (http:\S+)/);
      if (match) found(match[1]);
    });
  });
  return {
    url,
    /** Runs a subcommand on the same records with the same clock. */
    command: (...words) =>
      execFileSync(join(root, "target/release/skranke"), [...words, "--data-dir", folder, "--clock", clock], { encoding: "utf8" }),
    port: Number(new URL(url).port),
    stop: () =>
      new Promise((done) => {
        if (running.exitCode !== null) return done();
        running.once("exit", done);
        running.kill();
      }),
  };
}

/** A test with a folder for its records. `counter(clock, port, settings)` starts a server on them, one at a time. */
export const test = base.extend({
  /** Seed for delayed answers; empty for none. */
  late: ["", { option: true }],
  counter: async ({ late }, use, { title }) => {
    const folder = mkdtempSync(join(tmpdir(), "skranke-"));
    let running;
    await use(async (clock, port, settings) => {
      await running?.stop();
      running = await open(folder, clock, port, settings, late && `${late} ${title}`);
      return running;
    });
    await running?.stop();
    rmSync(folder, { recursive: true });
  },
});

export { expect };

/** Signs in with a code from the mailbox. Ends on the page after sign-in. */
export async function signIn(page, counter, email, path = "/sign-in") {
  const before = await codes(counter, email);
  await page.goto(counter.url + path);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code from the e-mail").waitFor();
  await page.getByLabel("The code from the e-mail").fill(await newCode(counter, email, before));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: /^(?!Sign in)/ }).waitFor();
}

/** Every code in a mailbox. */
export async function codes(counter, email) {
  const html = await (await fetch(`${counter.url}/demo/mail`)).text();
  return html
    .split("<article")
    .filter((mail) => mail.includes(`To ${email},`))
    .flatMap((mail) => mail.match(/(?:code is|Koden din er) (\d{6})/)?.[1] ?? []);
}

/** Waits for a code that is not in `before`. */
export async function newCode(counter, email, before) {
  let code;
  await expect
    .poll(async () => (code = (await codes(counter, email)).find((one) => !before.includes(one))))
    .toBeTruthy();
  return code;
}

/** Goes from the cases to the available slots of the only case. */
export async function findTime(page) {
  await page.getByRole("link", { name: /^Find a time/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "Find a time" }).waitFor();
}

/** Signs in as Piotr and books the first slot at SUA Oslo. */
export async function piotrBooks(page, counter) {
  await signIn(page, counter, "piotr@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await page.getByRole("button", { name: /09:30/ }).first().click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
}

/** The time that axe may take for a page, in milliseconds. A test gets it on top of its own. */
const AXE = 10_000;

/** Asserts that axe finds no violation of WCAG 2.2 AA. */
export async function expectAccessible(page, what) {
  base.info().setTimeout(base.info().timeout + AXE);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const short = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  expect(short, what).toEqual([]);
}

/** Signs in as a demo officer, without a passkey, on the way to a page. */
export async function atDesk(page, counter, name, path = "/desk") {
  await page.goto(`${counter.url}${path}`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await page.getByRole("heading", { level: 1, name: /^(?!Sign in)/ }).waitFor();
}

/** Moves the focus to an element by the Tab key alone. */
export async function tabTo(page, target) {
  for (let steps = 0; steps < 60; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

/** The id of an applicant's case, found with the officer's session of `page`. */
export async function caseOf(page, counter, applicant) {
  const found = await page.request.post(`${counter.url}/api/desk/search`, { data: { words: applicant } });
  const [{ case: id }] = await found.json();
  return id;
}

/** Requests documents from an applicant, with the officer's session of `page`. Returns the case's id. */
export async function askForDocuments(page, counter, applicant) {
  const id = await caseOf(page, counter, applicant);
  const instructions = { nb: "Send alle sidene i passet ditt.\nSend arbeidsavtalen.", en: "Send every page of your passport.\nSend your contract." };
  const asked = await page.request.put(`${counter.url}/api/desk/cases/${id}/invitation`, { data: { last_day: "2021-04-16", instructions } });
  expect(asked.status()).toBe(200);
  return id;
}

/** Asserts that `hidden` elements are invisible: a `display` rule must not override the attribute. */
export async function expectHiddenIsHidden(page, what) {
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("[hidden]")].filter((element) => element.getClientRects().length).map((element) => element.outerHTML.slice(0, 200)),
  );
  expect(shown, `${what}: hidden, and shown`).toEqual([]);
}

/** Asserts that no text is cut off by its container. Scrollable containers do not count. */
export async function expectNothingCut(page, what) {
  const cut = await page.evaluate(() => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
      if (element.closest(".visually-hidden, .ds-skip-link, script, noscript, option, [aria-hidden=true]")) continue;
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const lines = [...range.getClientRects()];
      for (let around = element; around; around = around.parentElement) {
        const { overflowX } = getComputedStyle(around);
        if (overflowX === "auto" || overflowX === "scroll") break;
        const edge = around === document.body ? { left: 0, right: innerWidth } : around.getBoundingClientRect();
        if (overflowX === "visible" && around !== document.body) continue;
        if (lines.some((line) => line.left < edge.left - 1 || line.right > edge.right + 1)) found.push(texts.currentNode.data.trim());
      }
    }
    return found;
  });
  expect(cut, `${what}: cut off`).toEqual([]);
}
