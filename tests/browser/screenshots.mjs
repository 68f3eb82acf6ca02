// Screenshots of every page in both languages, on a phone and at a desk.
import { resolve } from "node:path";
import { REDUCED, test } from "./counter.mjs";
import { deskTour } from "./desk-tour.mjs";
import { tour } from "./tour.mjs";

const folder = resolve(import.meta.dirname, "../../screenshots");

async function look(page, name) {
  for (const [language, code] of [["Norsk", "nb"], ["English", "en"]]) {
    await page.getByRole("button", { name: language }).click();
    for (const [device, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `${folder}/${name}-${code}-${device}.png`, fullPage: true });
    }
  }
}

test("screenshots", async ({ page, counter }) => {
  test.setTimeout(300_000);
  await tour(page, await counter(REDUCED), (name) => look(page, name));
});

test("screenshots of the desk", async ({ page, counter, browser }) => {
  test.setTimeout(300_000);
  const other = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await deskTour(page, other, await counter(REDUCED), (name, of = page) => look(of, name));
});
