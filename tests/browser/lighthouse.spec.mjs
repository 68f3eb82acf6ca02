// What Lighthouse says about a phone's first visit, and about the page on which one books.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import lighthouse from "lighthouse";
import { REDUCED, expect, findTime, signIn, test } from "./counter.mjs";
import config from "./playwright.config.mjs";

/** How fast a page seems hangs on what else the machine does while Lighthouse makes it four times slower: 94 to 98 were
 *  measured. Whatever else it does makes a page slower, never faster, so the best of some tries counts. */
const LEAST = { performance: 90, accessibility: 95, "best-practices": 95 };
const WANTED = 95;
const TRIES = 3;

test("a phone gets the start page and the booking page fast, accessible and well made", async ({ counter }) => {
  test.setTimeout(300_000);
  const open = await counter(REDUCED);
  const profile = mkdtempSync(join(tmpdir(), "skranke-"));
  const { launchOptions, locale } = config.use;
  const args = [...launchOptions.args, "--remote-debugging-port=0"];
  const browser = await chromium.launchPersistentContext(profile, { ...launchOptions, args, locale });
  try {
    const page = await browser.newPage();
    await page.goto("about:blank");
    const port = await debuggingPort(profile);
    const start = await best(`${open.url}/`, port);
    await signIn(page, open, "piotr@example.org");
    await findTime(page);
    const booking = await best(page.url(), port);
    for (const [what, scores] of Object.entries({ start, booking })) {
      console.log(`lighthouse, ${what}: ${JSON.stringify(scores)}`);
      for (const [category, score] of Object.entries(scores)) {
        expect(score, `${what}: ${category}`).toBeGreaterThanOrEqual(LEAST[category]);
      }
    }
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

/** Chromium writes which port it took into a file in its profile. */
async function debuggingPort(profile) {
  const [port] = readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n");
  return Number(port);
}

async function best(url, port) {
  const best = {};
  for (let left = TRIES; left > 0; left--) {
    const { lhr } = await lighthouse(url, {
      port,
      // Whoever is signed in stays so.
      disableStorageReset: true,
      onlyCategories: ["performance", "accessibility", "best-practices"],
      logLevel: "error",
    });
    expect(lhr.runtimeError, url).toBeUndefined();
    expect(new URL(lhr.finalDisplayedUrl).pathname).toBe(new URL(url).pathname);
    for (const [name, { score }] of Object.entries(lhr.categories)) {
      best[name] = Math.max(best[name] ?? 0, Math.round(score * 100));
      if (process.env.WHY && score < 1) {
        const lost = lhr.categories[name].auditRefs.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 1);
        console.log(url, name, score, lost.map(({ id, displayValue }) => `${id} ${displayValue ?? ""}`));
      }
    }
    if (Object.values(best).every((score) => score >= WANTED)) break;
  }
  return best;
}
