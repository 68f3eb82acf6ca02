// "Check your situation": answers without sign-in, and without any request about the situation.
import { REDUCED, expect, test } from "./counter.mjs";

const yes = (page, question) => page.getByRole("group", { name: question }).getByLabel("Yes", { exact: true });
const no = (page, question) => page.getByRole("group", { name: question }).getByLabel("No", { exact: true });
const answer = (page) => page.locator("section[aria-labelledby=answer]");
const asked = (page) => page.locator("main form > *");

test("a quarantined engineer sees the day, the sentence, the days drawn and what is due", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check#on=2020-11-02`);
  await page.getByRole("radio", { name: "Book an appointment" }).waitFor();

  const sent = [];
  page.on("request", (request) => request.url().startsWith("data:") || sent.push(request.url()));
  await expect(asked(page)).toHaveCount(1);
  await page.getByRole("radio", { name: "Book an appointment" }).check();
  await page.getByLabel("What have you applied for").selectOption("work");
  await yes(page, /sent in the application/).check();
  await yes(page, /quarantine/).check();
  await expect(answer(page)).toHaveCount(0);
  const entry = page.getByLabel("Which day did you enter");
  await entry.pressSequentially("26.10.202");
  await expect(page.getByText("Write the day with numbers")).toHaveCount(0);
  await entry.pressSequentially("0");
  await expect(entry).toBeFocused();
  await yes(page, /within one week/).check();
  await no(page, "Do you have an appointment?").check();
  await expect(answer(page)).toContainText("You cannot book an appointment now");
  await expect(answer(page)).toContainText("You can from Friday 6 November 2020.");
  await expect(answer(page)).toContainText("until you have been quarantined for ten days");
  await expect(answer(page)).toContainText("within a week of entry");

  const days = page.locator(".timeline li");
  await expect(days).toHaveCount(12);
  await expect(days.first()).toContainText("26 October 2020: day of entry");
  await expect(days.nth(7)).toContainText("2 November 2020: day 7 of quarantine, the day you ask about");
  await expect(days.last()).toContainText("6 November 2020: first day after the quarantine");

  await page.getByText("See how we came to this answer").click();
  await expect(page.getByText("You entered on 26 October 2020. 10 whole days follow. The last is 5 November 2020.")).toBeVisible();

  await yes(page, /start to work/).check();
  await page.getByLabel("Which country").selectOption("IN");
  await no(page, /told UDI/).check();
  await expect(page.getByRole("heading", { name: "Tell UDI that you start to work" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Order a residence card with the police" })).toBeVisible();

  // The answer follows the input.
  await entry.fill("21.10.2020");
  await expect(answer(page)).toContainText("You can book an appointment");
  await entry.fill("25.10.2020");
  await expect(answer(page)).toContainText("You can from Thursday 5 November 2020.");

  await page.getByRole("button", { name: "Norsk" }).click();
  await expect(answer(page)).toContainText("Du kan gjøre dette fra torsdag 5. november 2020.");
  await expect(entry).toHaveCount(0);
  await expect(page.getByLabel("Hvilken dag reiste du inn")).toHaveValue("25.10.2020");
  expect(sent).toEqual([]);
});

test("the same situation on four days has four answers", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  // A passport in Oslo, after an entry six days before each day.
  const link = (on, entry) =>
    `${open.url}/check#on=${on}&wish=book&kind=passport&quarantine=yes&entry=${entry}&told=no&district=oslo&critical=no&appointment=none`;
  for (const [on, entry, says] of [
    ["2020-04-20", "2020-04-14", "You can from Wednesday 29 April 2020."],
    ["2020-10-26", "2020-10-20", "You can from Saturday 31 October 2020."],
    ["2021-03-17", "2021-03-11", "You can from Saturday 10 April 2021."],
    ["2026-11-22", "2026-11-16", "You can book an appointment"],
  ]) {
    await page.goto("about:blank");
    await page.goto(link(on, entry));
    await expect(answer(page), on).toContainText(says);
  }
});

test("the day moves by keyboard, by landmark and by typing", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check#wish=book&kind=passport&quarantine=no&district=oslo&critical=no&appointment=none`);
  await expect(answer(page)).toContainText("You can from Saturday 10 April 2021.");
  await page.getByText("Look at another day").click();
  await page.getByRole("button", { name: "17 March 2021" }).click();
  await expect(answer(page)).toContainText("You cannot book");
  const slider = page.getByLabel("Move through the time");
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByLabel("Day, month and year", { exact: true })).toHaveValue("16.03.2021");
  await expect(answer(page)).toContainText("You can book an appointment");
  await page.getByLabel("Day, month and year", { exact: true }).fill("09.04.2021");
  await expect(answer(page)).toContainText("You can from Saturday 10 April 2021.");
  await page.getByRole("button", { name: "Today" }).click();
  await expect(page).toHaveURL(/check#(?!.*on=)/);
});

test("a link carries the situation, and nothing of it reaches the server", async ({ page, counter, context }) => {
  const open = await counter(REDUCED);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${open.url}/check`);
  await page.getByRole("radio", { name: "Deliver documents electronically", exact: true }).check();
  await page.getByLabel("What have you applied for").selectOption("citizenship");
  await no(page, /asked you to upload/).check();
  await expect(answer(page)).toContainText("You cannot deliver your documents electronically");
  await page.getByRole("button", { name: "Copy the link" }).click();
  await expect(page.getByText("The link is copied.")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#");

  const other = await context.newPage();
  const urls = [];
  other.on("request", (request) => urls.push(request.url() + (request.postData() ?? "")));
  await other.goto(link);
  await expect(answer(other)).toContainText("cannot be delivered electronically");
  expect(urls.filter((url) => new URL(url).pathname !== "/check" && /citizenship|wish/.test(url))).toEqual([]);
  await other.getByRole("button", { name: "Start again" }).click();
  await expect(asked(other)).toHaveCount(1);
});

test("by keyboard alone, the questions can be answered", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check`);
  await page.getByRole("radio", { name: "Book an appointment" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("What have you applied for")).toBeFocused();
  await page.keyboard.type("Visa");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(yes(page, /sent in the application/)).toBeChecked();
  await page.keyboard.press("Tab");
  await expect(yes(page, /quarantine/)).toBeFocused();
});
