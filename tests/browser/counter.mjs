// The real server with its demo people, on a free port, in a folder of its own; and what people do on its pages.
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
 * Starts the server, with `settings` in its environment; `stop` ends it, and the folder stays for the next one. With a seed every
 * answer of the API comes late by chance.
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
    /** Runs the program on the same records at the same time of the clock, as an officer does. */
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

/** A test with a folder for its records, and `counter(clock, port, settings)`, which opens the counter over them, one at a time. */
export const test = base.extend({
  /** A seed for answers that come late. */
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

/** Signs in as people do: asks for a code, reads it in the mailbox, types it. Ends on the page after sign-in. */
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

/** Every code in the mailbox of an address. */
export async function codes(counter, email) {
  const html = await (await fetch(`${counter.url}/demo/mail`)).text();
  return html
    .split("<article")
    .filter((mail) => mail.includes(`To ${email},`))
    .flatMap((mail) => mail.match(/(?:code is|Koden din er) (\d{6})/)?.[1] ?? []);
}

/** Waits for a code that was not there before. */
export async function newCode(counter, email, before) {
  let code;
  await expect
    .poll(async () => (code = (await codes(counter, email)).find((one) => !before.includes(one))))
    .toBeTruthy();
  return code;
}

/** From the cases to the free times of the only case. */
export async function findTime(page) {
  await page.getByRole("link", { name: /^Find a time/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "Find a time" }).waitFor();
}

/** Piotr signs in and books the first time that there is at SUA Oslo. */
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

/** No violation of WCAG 2.2 AA that axe can see. */
export async function expectAccessible(page, what) {
  base.info().setTimeout(base.info().timeout + AXE);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const short = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  expect(short, what).toEqual([]);
}

/** Signs one of the demo's officers in at the desk, without a passkey, on the way to a page of theirs. */
export async function atDesk(page, counter, name, path = "/desk") {
  await page.goto(`${counter.url}${path}`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await page.getByRole("heading", { level: 1, name: /^(?!Sign in)/ }).waitFor();
}

/** Goes to something by the Tab key alone. */
export async function tabTo(page, target) {
  for (let steps = 0; steps < 60; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

/** The id of somebody's case, as an officer who is signed in on `page` finds it. */
export async function caseOf(page, counter, applicant) {
  const found = await page.request.post(`${counter.url}/api/desk/search`, { data: { words: applicant } });
  const [{ case: id }] = await found.json();
  return id;
}

/** An officer who is signed in on `page` asks somebody for their documents. */
export async function askForDocuments(page, counter, applicant) {
  const id = await caseOf(page, counter, applicant);
  const instructions = { nb: "Send alle sidene i passet ditt.\nSend arbeidsavtalen.", en: "Send every page of your passport.\nSend your contract." };
  const asked = await page.request.put(`${counter.url}/api/desk/cases/${id}/invitation`, { data: { last_day: "2021-04-16", instructions } });
  expect(asked.status()).toBe(200);
  return id;
}

/** Nothing that is `hidden` is shown: an element's own display must not win over the attribute. */
export async function expectHiddenIsHidden(page, what) {
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("[hidden]")].filter((element) => element.getClientRects().length).map((element) => element.outerHTML.slice(0, 200)),
  );
  expect(shown, `${what}: hidden, and shown`).toEqual([]);
}

/** No text is cut off at the edge of what it stands in. What can be scrolled is not cut. */
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
