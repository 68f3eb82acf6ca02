// The audit log, as an administrator reads it.
import { atDesk, expect, expectAccessible, piotrBooks, REDUCED, test } from "./counter.mjs";

test("an administrator finds who did what with a case, and its receipt", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await piotrBooks(page, open);

  await atDesk(page, open, "Solveig Dahl");
  await page.goto(`${open.url}/desk/officers`);
  await page.getByLabel("Name").fill("Ola Berg");
  await page.getByRole("button", { name: "Add an officer" }).click();
  await expect(page.getByText("Give Ola Berg this link yourself")).toBeVisible();
  await page.getByRole("navigation", { name: "The desk" }).getByRole("link", { name: "Log", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Log" }).waitFor();
  await expect(page.getByRole("row", { name: /Solveig Dahl added an officer Ola Berg/ })).toBeVisible();
  const booking = page.getByRole("row", { name: /the applicant booked an appointment DEMO-/ });
  await expect(booking).toBeVisible();
  await expectAccessible(page, "log");

  const reference = await booking.getByRole("link", { name: /^DEMO-/ }).innerText();
  await page.getByLabel("Reference of a case").fill(reference.toLowerCase());
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("row", { name: /Ola Berg/ })).toHaveCount(0);
  await expect(booking).toBeVisible();
  expect(new URL(page.url()).search, "no reference stands in an address").toBe("");
  const [receipt] = await Promise.all([page.waitForEvent("download"), booking.getByRole("link", { name: /^Receipt/ }).click()]);
  expect(receipt.suggestedFilename()).toMatch(/^skranke-.+\.json$/);

  await page.getByLabel("Reference of a case").fill("");
  await page.getByLabel("Officer").selectOption({ label: "Solveig Dahl" });
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("row", { name: /Solveig Dahl added an officer Ola Berg/ })).toBeVisible();
  await expect(booking).toHaveCount(0);
  await page.getByLabel("Reference of a case").fill("NONE-1");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("There are no such entries.")).toBeVisible();
  await expectAccessible(page, "nothing found");

});
