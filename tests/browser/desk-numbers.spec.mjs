// Statistics, as a clerk sees them.
import { atDesk, expect, expectAccessible, REDUCED, test } from "./counter.mjs";

test("a clerk sees the figures, each also in a table, and takes them away", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Ingrid Berg");
  await page.getByRole("navigation", { name: "The desk" }).getByRole("link", { name: "Numbers" }).click();
  await page.getByRole("heading", { level: 1, name: "Numbers" }).waitFor();
  const work = page.getByRole("row", { name: /^Work permit/ });
  await expect(work.getByRole("cell").first()).toHaveText(/^[1-9]\d*$/);
  await expectAccessible(page, "numbers");
  await page.getByText("As a table: Cancelled appointments").click();
  const table = page.getByRole("table", { name: "Cancelled appointments" });
  await expect(table.getByRole("row")).toHaveCount(9);
  await expect(table.getByRole("row").last()).toHaveText(/^12 22\.03\.2021\s*0\s*0$/);
  await expectAccessible(page, "numbers with a table");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download as CSV" }).click()]);
  expect(file.suggestedFilename()).toBe("skranke-2021-03-22.csv");
  await page.getByRole("button", { name: "Norsk" }).click();
  await page.getByRole("heading", { level: 1, name: "Tall" }).waitFor();
  await expectAccessible(page, "tall");
});
