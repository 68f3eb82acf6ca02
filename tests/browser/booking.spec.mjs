// Booking in the browser: from the refusal to the receipt.
import { expect, findTime, FRIDAY, MONDAY, REDUCED, signIn, tabTo, test } from "./counter.mjs";

const SENTENCE = "you can not book an appointment with the police until you have been quarantined for ten days";

test("a quarantined engineer sees why not until 6 November, and books on 6 November", async ({ page, counter }) => {
  await signIn(page, await counter(MONDAY), "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("26.10.2020");
  await page.getByLabel("told to report").check();

  await expect(page.getByRole("heading", { name: "You cannot book an appointment now" })).toBeVisible();
  await expect(page.getByText("The first day you can book is Friday 6 November 2020.")).toBeVisible();
  await expect(page.locator("blockquote").first()).toContainText(SENTENCE);
  await expect(page.locator("blockquote").nth(1)).toContainText("within a week of entry");
  await expect(page.getByRole("heading", { name: "Free times" })).toHaveCount(0);

  await signIn(page, await counter(FRIDAY), "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("26.10.2020");
  await page.getByRole("button", { name: /^Monday 9 November 2020, 09:00/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check and book");
  await expect(page.getByText("Monday 9 November 2020, 09:00")).toBeVisible();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  await expect(page.getByText(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/)).toBeVisible();

  await page.getByRole("link", { name: "My cases" }).click();
  await expect(page.getByText("Your appointment: Monday 9 November 2020, 09:00")).toBeVisible();
});

/** Two people in separate browsers, each at the list of the two available slots in Trøndelag. */
async function twoStudents(browser, open) {
  const pages = [];
  for (const email of ["tuva@example.org", "amal@example.org"]) {
    const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await signIn(page, open, email);
    await findTime(page);
    await page.getByLabel("No", { exact: true }).check();
    await page.getByRole("button", { name: /10:00$/ }).waitFor();
    pages.push(page);
  }
  return pages;
}

test("of two who go for the same time one books, and the other is offered the others", async ({ browser, counter }) => {
  const [tuva, amal] = await twoStudents(browser, await counter(REDUCED));
  await tuva.getByRole("button", { name: /10:00$/ }).click();
  await expect(tuva.getByText("We keep this time for you until 09:05.")).toBeVisible();
  await amal.getByRole("button", { name: /10:00$/ }).click();
  await expect(amal.getByRole("alert")).toContainText("This time is no longer free");
  // The other slot, which is the last one, is offered at once.
  await amal.getByRole("button", { name: /12:30$/ }).click();
  await amal.getByRole("button", { name: "Book this time" }).click();
  await expect(amal.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  await tuva.getByRole("button", { name: "Book this time" }).click();
  await expect(tuva.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");

  await tuva.getByRole("button", { name: "Cancel the appointment" }).click();
  await tuva.getByRole("button", { name: "Yes, cancel the appointment" }).click();
  await expect(tuva.getByRole("heading", { level: 1 })).toHaveText("This appointment is cancelled");
});

test("the last time of all is gone while somebody looks, and they are told so", async ({ browser, counter }) => {
  const [tuva, amal] = await twoStudents(browser, await counter(REDUCED));
  for (const [page, time] of [[tuva, /10:00$/], [amal, /12:30$/]]) {
    await page.getByRole("button", { name: time }).click();
    await page.getByText("We keep this time for you").waitFor();
  }
  await tuva.getByRole("button", { name: "Book this time" }).click();
  await tuva.getByRole("heading", { name: "Your appointment is booked" }).waitFor();
  // The list is empty for her, because Amal holds the last slot.
  await tuva.getByRole("link", { name: "Change the appointment" }).click();
  await expect(tuva.getByRole("heading", { name: "There are no free appointments at the moment" })).toBeVisible();
  await expect(tuva.locator(".times button")).toHaveCount(0);
});

test("a time that is kept is offered to nobody else, until its keeper leaves", async ({ browser, counter }) => {
  const [tuva, amal] = await twoStudents(browser, await counter(REDUCED));
  await tuva.getByRole("button", { name: /10:00$/ }).click();
  await tuva.getByText("We keep this time for you").waitFor();
  const again = amal.getByRole("button", { name: "Check again" });
  await again.click();
  await expect(amal.getByRole("button", { name: /10:00$/ })).toHaveCount(0);
  await expect(again).toBeFocused();
  // A reload during the booking keeps the hold.
  await tuva.reload();
  await expect(tuva.getByText("We keep this time for you")).toBeVisible();
  await tuva.getByRole("link", { name: "Choose another time" }).click();
  await tuva.getByRole("heading", { level: 1, name: "Find a time" }).waitFor();
  await expect(async () => {
    await again.click();
    await expect(amal.getByRole("button", { name: /10:00$/ })).toBeVisible({ timeout: 500 });
  }).toPass();
});

test("whose answer got lost sees after a reload what is booked", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "amal@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await page.getByRole("button", { name: /10:00$/ }).click();
  await page.getByRole("button", { name: "Book this time" }).waitFor();
  await page.route("**/api/appointments", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("alert")).toContainText("We get no answer from the counter.");
  await page.reload();
  await expect(page.getByText("You already have an appointment for this case.")).toBeVisible();
  await page.getByRole("link", { name: "See the appointment" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
});

test("each demo person is told what holds for them", async ({ browser, counter }) => {
  const open = await counter(REDUCED);
  const expected = [
    ["kari@example.org", "The passport offices receive fewer people now"],
    ["lin@example.org", "You have not sent in your application"],
    ["omar@example.org", "There are no free appointments at the moment"],
    ["olena@example.org", "No appointments are given for this kind of application now"],
  ];
  for (const [email, reason] of expected) {
    const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await signIn(page, open, email);
    await findTime(page);
    await page.getByLabel("No", { exact: true }).check();
    await expect(page.getByRole("heading", { name: reason }), email).toBeVisible();
    await page.context().close();
  }
});

test("a passport for a critical journey is booked by phone", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "kari@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await expect(page.getByText("The first day you can book is Saturday 10 April 2021.")).toBeVisible();
  await page.getByLabel("critical journey").check();
  await expect(page.getByRole("heading", { name: "Book this appointment by phone" })).toBeVisible();
  await expect(page.locator("blockquote").first()).toContainText("calling our service line");
  const call = page.getByRole("link", { name: "Call 02800" });
  await expect(call).toHaveAttribute("href", "tel:02800");
  await expect(page.getByText("Open now, until 15:00.")).toBeVisible();
  await expect(page.getByText("Have this ready when you call")).toBeVisible();
  // The number stands above the sentences.
  const [number, quotation] = [await call.boundingBox(), await page.locator("blockquote").first().boundingBox()];
  expect(number.y).toBeLessThan(quotation.y);
});

test("everything by keyboard alone", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "piotr@example.org");
  const press = (name, role = "button") => tabTo(page, page.getByRole(role, { name }).first());
  await press(/^Find a time/, "link");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Find a time" })).toBeFocused();
  await press("Yes", "radio");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByLabel("No", { exact: true })).toBeChecked();
  await press(/09:30/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Check and book" })).toBeFocused();
  await press("Book this time");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Your appointment is booked" })).toBeFocused();
  await press("Cancel the appointment");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Yes, cancel the appointment" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "This appointment is cancelled" })).toBeFocused();
});
