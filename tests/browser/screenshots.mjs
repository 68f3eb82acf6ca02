// A picture of every page, in both languages, as a phone and as a desk show it.
import { resolve } from "node:path";
import { REDUCED, test } from "./counter.mjs";
import { tour } from "./tour.mjs";

const folder = resolve(import.meta.dirname, "../../screenshots");

test("screenshots", async ({ page, counter }) => {
  test.setTimeout(300_000);
  await tour(page, await counter(REDUCED), async (name) => {
    for (const [language, code] of [["Norsk", "nb"], ["English", "en"]]) {
      await page.getByRole("button", { name: language }).click();
      for (const [device, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
        await page.setViewportSize({ width, height });
        await page.mouse.move(0, 0);
        await page.screenshot({ path: `${folder}/${name}-${code}-${device}.png`, fullPage: true });
      }
    }
  });
});
