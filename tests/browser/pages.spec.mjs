// Every page in both languages: readable for everybody, and from this host alone.
import { REDUCED, expect, expectAccessible, test } from "./counter.mjs";
import { tour } from "./tour.mjs";

test("every page is accessible in both languages, and fits a phone", async ({ page, counter }) => {
  test.setTimeout(180_000);
  const open = await counter(REDUCED);
  const elsewhere = [];
  const complaints = [];
  page.on("request", (request) => request.url().startsWith(open.url) || elsewhere.push(request.url()));
  // That an answer was no is said by the page, and by the browser too.
  const refused = /server responded with a status of 4(09|22)/;
  page.on("console", (message) => {
    if (message.type() === "error" && !refused.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));

  await tour(page, open, async (what) => {
    for (const language of ["Norsk", "English"]) {
      await page.getByRole("button", { name: language }).click();
      await expectAccessible(page, `${what}, ${language}`);
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wider, `${what}, ${language}, ${width} px`).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 390, height: 844 });
    }
  });
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});
