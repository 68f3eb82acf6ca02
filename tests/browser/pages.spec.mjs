// Every page in both languages: accessible, and without requests to other hosts.
import { REDUCED, expect, expectAccessible, expectHiddenIsHidden, expectNothingCut, test } from "./counter.mjs";
import { deskTour } from "./desk-tour.mjs";
import { tour } from "./tour.mjs";

/** Collects requests to other hosts, and errors in the console. */
function watch(page, open) {
  const [elsewhere, complaints] = [[], []];
  page.on("request", (request) => request.url().startsWith(open.url) || elsewhere.push(request.url()));
  // Failed requests are logged by the browser too. The page reports them, so they are expected.
  const refused = /server responded with a status of 4(01|04|09|22)|ERR_INTERNET_DISCONNECTED/;
  page.on("console", (message) => {
    if (message.type() === "error" && !refused.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return () => {
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  };
}

async function look(page, what) {
  for (const language of ["Norsk", "English"]) {
    await page.getByRole("button", { name: language }).click();
    await expectAccessible(page, `${what}, ${language}`);
    // A window of 1280 by 1024 at 400 % zoom is 320 by 256.
    for (const [width, height] of [[320, 800], [320, 256], [1280, 800]]) {
      await page.setViewportSize({ width, height });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, `${what}, ${language}, ${width} by ${height}`).toBeLessThanOrEqual(0);
      await expectNothingCut(page, `${what}, ${language}, ${width} by ${height}`);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNothingCut(page, `${what}, ${language}, on a phone`);
    await expectHiddenIsHidden(page, `${what}, ${language}`);
  }
}

test("every page is accessible in both languages, and fits a phone", async ({ page, counter }) => {
  test.setTimeout(600_000);
  const open = await counter(REDUCED);
  const nothingAmiss = watch(page, open);
  await tour(page, open, (what) => look(page, what));
  nothingAmiss();
});

test("so is every page of the desk", async ({ page, counter, browser }) => {
  test.setTimeout(600_000);
  const open = await counter(REDUCED);
  const other = await (await browser.newContext({ locale: "en-GB" })).newPage();
  const nothingAmiss = watch(page, open);
  await deskTour(page, other, open, (what, of = page) => look(of, what));
  nothingAmiss();
});
