// Work with a person on the telephone or at the door: by keyboard, on a phone and on a large screen.
import { atDesk, caseOf, expect, expectAccessible, piotrBooks, REDUCED, tabTo, test } from "./counter.mjs";

const focused = (page) => page.evaluate(() => document.activeElement?.tagName);

for (const [where, size] of [
  ["a phone", { width: 390, height: 844 }],
  ["a large screen", { width: 1280, height: 900 }],
]) {
  test(`a clerk books by keyboard on ${where}, and always sees and hears where they are`, async ({ page, counter }) => {
    await page.setViewportSize(size);
    const open = await counter(REDUCED);
    await atDesk(page, open, "Ingrid Berg", "/desk/find");
    await page.getByLabel("Reference, booking number, name or phone").fill("demo 0401");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Found: 1")).toBeVisible();
    await tabTo(page, page.getByRole("link", { name: /Piotr Nowak/ }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Case: Piotr Nowak, DEMO-0401" })).toBeFocused();
    await expect(page).toHaveTitle("Piotr Nowak, DEMO-0401 – Case – Skranke");
    await page.getByLabel("No", { exact: true }).check();
    // The last visible slot is far below the questions.
    const slots = page.locator(".times button:visible");
    await slots.last().waitFor();
    const slot = slots.last();
    await slot.focus();
    const name = await slot.getAttribute("aria-label");
    await page.keyboard.press("Enter");
    await expect(slot).toHaveAttribute("aria-pressed", "true");
    await expect(page.locator(".times button[aria-pressed=true]")).toHaveCount(1);
    const book = page.getByRole("button", { name: /^Book this time/ });
    await expect(book).toBeFocused();
    await expect(book).toBeInViewport({ ratio: 1 });
    // The accessible name contains the time.
    await expect(book).toHaveAccessibleName(new RegExp(`^Book this time .*${name.match(/\d\d:\d\d/)[0]}`));
    await expectAccessible(page, "chosen");
    // A second choice replaces the first in the list and in the bar.
    await slots.first().focus();
    const scrolled = () => page.evaluate(() => Math.round(window.scrollY));
    const place = await scrolled();
    await page.keyboard.press("Enter");
    await expect(slots.first()).toHaveAttribute("aria-pressed", "true");
    await expect(slot).toHaveAttribute("aria-pressed", "false");
    await expect(book).toBeFocused();
    await expect(book).toBeInViewport({ ratio: 1 });
    // The page may scroll by the height of the bar at most.
    expect(Math.abs((await scrolled()) - place), "the place in the list is kept").toBeLessThan(200);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Has an appointment" })).toBeFocused();
    await expect(page.getByRole("status").filter({ hasText: /^Booked: / })).toBeVisible();
    expect(await focused(page)).not.toBe("BODY");

    // The pressed button is gone after the cancellation, and the focus is not lost.
    await page.getByText("Cancel this appointment for the office").first().click();
    await page.getByLabel("Why?").fill("The office is flooded");
    await page.keyboard.press("Enter");
    await expect(page.getByText("The appointment is cancelled, and the applicant is told.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: /^Case: Piotr Nowak/ })).toBeFocused();
    await expect(page.getByRole("heading", { name: "Book a time" })).toBeVisible();
    expect(await focused(page)).not.toBe("BODY");
  });
}

test("a person is found by their day of birth, and their case says that they came today", async ({ page, counter, browser }) => {
  const piotr = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await piotrBooks(piotr, await counter(REDUCED));
  // The day of his appointment.
  const open = await counter("2021-03-23T09:00:00+01:00");
  await atDesk(page, open, "Ingrid Berg", "/desk/find");
  await page.getByLabel("Reference, booking number, name or phone").fill("17/05/1990");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("Asha Rao").first()).toBeVisible();
  const card = await page.locator(".ds-card").first().boundingBox();
  const text = await page.locator(".ds-card strong").first().boundingBox();
  expect(text.x - card.x, "the name does not stick to the border").toBeGreaterThan(10);
  await expectAccessible(page, "find");

  const id = await caseOf(page, open, "Piotr");
  await page.goto(`${open.url}/desk/cases/${id}`);
  await page.getByRole("heading", { name: "Has an appointment" }).waitFor();
  const today = page.getByRole("heading", { name: "Appointment today at 09:30" });
  await expect(today).toBeVisible();
  await expect(page.getByRole("button", { name: "Did not come" })).toHaveCount(0);
  await tabTo(page, page.getByRole("button", { name: "Came", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Came", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("status").filter({ hasText: "noted" })).toBeVisible();
  expect(await focused(page)).not.toBe("BODY");
  await expectAccessible(page, "came");
});

test("the office that was chosen last is chosen on every page of this tab", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Jonas Lie", "/desk/times");
  await expect(page.getByText("Choose an office to see its week.")).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Week/ })).toBeHidden();
  await page.getByLabel("Office").selectOption("SUA Oslo");
  await expect(page.getByRole("heading", { name: "Week 12, from 22 March 2021" })).toBeVisible();
  const nav = page.getByRole("navigation", { name: "The desk" });
  await nav.getByRole("link", { name: "Close or reduce" }).click();
  await page.getByRole("heading", { level: 1, name: "Close or reduce" }).waitFor();
  await expect(page.getByLabel("Office").locator("option:checked")).toHaveText("SUA Oslo");

  // A share above 0 % keeps a slot on each day, and the rounding is shown.
  await page.getByLabel("First day").fill("22.03.2021");
  await page.getByLabel("Last day").fill("09.04.2021");
  await page.getByLabel("Capacity that is left").fill("1");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await page.getByRole("heading", { name: /^People who would lose/ }).waitFor();
  const days = page.getByRole("table", { name: "Day by day" }).getByRole("row").filter({ hasText: "× 1 %" });
  expect(await days.count()).toBeGreaterThan(5);
  for (const day of await days.allTextContents()) expect(day).toMatch(/\d+ × 1 % → 1, at least one$/);
  await expectAccessible(page, "close");

  // Sign-out leaves no stored values for the next person.
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await atDesk(page, open, "Jonas Lie", "/desk/close");
  await expect(page.getByLabel("Office").locator("option:checked")).toHaveText("Choose an office");
});

test("an officer is warned before they are signed out, and stays", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Ingrid Berg", "/desk/find");
  // The session ends in four minutes, in the form of the server's answer.
  const soon = async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, ends: "2021-03-22T08:04:00Z" } });
  };
  await page.route("**/api/desk/session", soon);
  await page.reload();
  const stay = page.getByRole("button", { name: "Stay signed in" });
  await expect(page.getByText("You will be signed out at 09:04.")).toBeVisible({ timeout: 10_000 });
  await expect(stay).toBeInViewport();
  await expectAccessible(page, "warned");
  await page.unroute("**/api/desk/session");
  await tabTo(page, stay);
  await page.keyboard.press("Enter");
  await expect(page.getByText("You will be signed out")).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1, name: "Find a person" })).toBeFocused();

  // The end is announced with a link to sign-in if the officer does not react.
  await page.route("**/api/desk/session", async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, ends: "2021-03-22T07:59:00Z" } });
  });
  await page.reload();
  await expect(page.getByText("You are signed out because")).toBeVisible({ timeout: 10_000 });
  await expect(page.getByRole("link", { name: "Sign in", exact: true })).toHaveAttribute("href", "/desk/sign-in?to=/desk/find");
});
