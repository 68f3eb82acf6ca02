// Lighthouse scores of a first visit on a phone, and of the booking page.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import lighthouse from "lighthouse";
import { REDUCED, expect, findTime, signIn, test } from "./counter.mjs";
import config from "./playwright.config.mjs";

/**
 * Minimum scores. The performance score depends on the load of the machine, because Lighthouse slows it down four times: 94 to 98
 * were measured. Other load only lowers the score, so the best of several tries counts.
 */
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

/** Chromium writes its debugging port into a file in its profile. */
async function debuggingPort(profile) {
  const [port] = readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n");
  return Number(port);
}

async function best(url, port) {
  const best = {};
  for (let left = TRIES; left > 0; left--) {
    const { lhr } = await lighthouse(url, {
      port,
      // The session of a signed-in person must survive.
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
