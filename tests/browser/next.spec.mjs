// Next steps and answers: they are where people look, and one press away.
import { REDUCED, askForDocuments, atDesk, expect, expectNothingCut, findTime, piotrBooks, signIn, test } from "./counter.mjs";

const card = (page, name) => page.getByRole("article", { name: new RegExp(name) });
/** The primary buttons, which mark the next step. */
const blue = (of) => of.locator(".ds-button:not([data-variant=secondary]):not([data-variant=tertiary])");
const notInQuarantine = (page) => page.getByLabel("No", { exact: true }).first().check();

test("each case says what to do now, and has one blue button for that", async ({ page, browser, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org");
  await expect(blue(card(page, "Asha Rao"))).toHaveText(["Find a time"]);

  // A request for documents becomes the first task; no slot is used for it.
  const desk = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await atDesk(desk, open, "Jonas Lie");
  await askForDocuments(desk, open, "Asha Rao");
  await page.reload();
  await expect(blue(card(page, "Asha Rao"))).toHaveText(["Send documents"]);
  await expect(card(page, "Asha Rao").getByRole("link", { name: /^Find a time/ })).toHaveAttribute("data-variant", "secondary");
  await blue(card(page, "Asha Rao")).click();
  await expect(page.getByLabel("Choose files")).toBeAttached();

  // A start of work with an earlier deadline comes first.
  await page.getByRole("link", { name: "My cases" }).click();
  await page.getByRole("link", { name: /^See the case/ }).click();
  await page.getByLabel("First day at work").fill("25.03.2021");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(blue(page.locator("main"))).toHaveText(["I have told UDI"]);
  await page.getByRole("link", { name: "My cases" }).click();
  await expect(blue(card(page, "Asha Rao"))).toHaveText(["Tell UDI"]);
  const day = page.getByText("By Thursday 25 March 2021: tell UDI that you start to work.");
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await expect(day).toBeVisible();
    await expectNothingCut(page, `cases at ${width} px`);
  }
  await expect(page.getByRole("link", { name: /^Send documents/ })).toHaveAttribute("data-variant", "secondary");
  await blue(card(page, "Asha Rao")).click();
  await page.getByRole("button", { name: "I have told UDI" }).click();
  await expect(blue(page.locator("main"))).toHaveText(["Send documents"]);
});

test("what to do now follows the case: apply, come", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "lin@example.org");
  await expect(blue(page.locator("article"))).toHaveText(["Go to the Application Portal"]);
  await piotrBooks(page, open);
  await page.getByRole("link", { name: "My cases" }).click();
  await expect(blue(page.locator("article"))).toHaveText(["See the appointment"]);
});

test("the answer is in sight as soon as the questions are answered, with its day", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("15.03.2021");
  const status = page.getByRole("status").filter({ hasText: "You cannot book" });
  await expect(status).toHaveText("You cannot book an appointment now. From Friday 26 March 2021 you can book here.");
  await expect(status).toBeInViewport({ ratio: 1 });
  // The focused question does not move.
  await expect(page.getByLabel("Which day did you enter")).toBeFocused();
  await expect(page.getByLabel("Which day did you enter")).toBeInViewport();
  await page.getByRole("button", { name: "See the answer" }).click();
  await expect(page.getByRole("heading", { name: "You cannot book an appointment now" })).toBeInViewport();
  await expect(page.locator("#answer")).toBeFocused();
  // A visible answer is not repeated in short.
  await expect(page.getByRole("button", { name: "See the answer" })).toHaveCount(0);
  await page.getByLabel("No", { exact: true }).check();
  await expect(page.getByRole("status").filter({ hasText: "free times below" })).toHaveText(/^\d+ free times below\.$/);
});

test("the button to the answer keeps the focus of the keyboard, and moves nothing", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("15.03.2021");
  const button = page.getByRole("button", { name: "See the answer" });
  await button.waitFor();
  await page.evaluate(() => scrollTo(0, 200));
  await page.locator("#told").evaluate((tick) => tick.focus({ preventScroll: true }));
  await page.keyboard.press("Tab");
  await expect(button).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(200);
  // Also when the answer has come into sight since.
  await page.locator("#answer").evaluate((answer) => answer.scrollIntoView());
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  await expect(button).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#answer")).toBeFocused();
  await expect(button).toHaveCount(0);
});

test("check says its answer in a sentence, and not the whole of it at once", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check#wish=book&kind=passport&quarantine=no&district=oslo&critical=no&appointment=none`);
  await expect(page.getByRole("status").filter({ hasText: "You cannot book" })).toHaveText("You cannot book an appointment now. You can from Saturday 10 April 2021.");
  await expect(page.locator("section[aria-labelledby=answer]")).toBeVisible();
  expect(await page.locator("[aria-live] section, [role=status] section, [role=alert] section").count()).toBe(0);
});

test("whoever has an appointment is led to it, and not told of a first day", async ({ page, context, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "piotr@example.org");
  await findTime(page);
  await notInQuarantine(page);
  const times = page.url();
  // Two tabs, each at a different slot.
  const other = await context.newPage();
  await other.goto(times);
  await notInQuarantine(other);
  await other.getByRole("button", { name: /^Wednesday 24 March 2021, 12:15/ }).click();
  await other.getByText("We keep this time for you").waitFor();
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30/ }).click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
  const receipt = page.url();

  const expectLed = async (of, how) => {
    await expect(of.getByRole("heading", { name: "You already have an appointment for this case." }), how).toBeVisible();
    await expect(of.getByText("Tuesday 23 March 2021, 09:30"), how).toBeVisible();
    await expect(of.getByText(/first day you can book/), how).toHaveCount(0);
    await expect(of.getByRole("button", { name: "Book this time" }), how).toHaveCount(0);
    await expect(of.getByRole("link", { name: "See the appointment" }), how).toHaveAttribute("href", new URL(receipt).pathname);
  };
  await other.getByRole("button", { name: "Book this time" }).click();
  await expectLed(other, "in the other tab");
  await expect(other.getByRole("heading", { name: "You already have an appointment for this case." })).toBeFocused();
  await page.goBack();
  await expectLed(page, "on the way back");
  await page.goto(`${open.url}/check#wish=book&kind=passport&quarantine=no&district=nordland&appointment=booked`);
  await expect(page.locator("section[aria-labelledby=answer]")).toContainText("You cannot book an appointment now");
  await expect(page.getByText(/You can from/)).toHaveCount(0);
});

test("whoever chooses another time comes back to the place they left", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "piotr@example.org");
  await findTime(page);
  await notInQuarantine(page);
  const late = page.getByRole("button", { name: /^Tuesday 30 March 2021, 09:30/ });
  await late.click();
  await page.getByText("We keep this time for you").waitFor();
  await page.getByRole("link", { name: "Choose another time" }).click();
  await expect(late).toBeFocused();
  await expect(late).toBeInViewport();
  await late.click();
  await page.getByText("We keep this time for you").waitFor();
  await page.goBack();
  await expect(late).toBeFocused();
  await expect(late).toBeInViewport();
});

test("what is wrong in a form has the focus, and the title says so", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/sign-in`);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await expect(page.getByLabel("E-mail address")).toBeFocused();
  await expect(page).toHaveTitle("Error: Sign in – Skranke");
  await page.getByLabel("E-mail address").fill("asha");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await expect(page.getByText("This is not an e-mail address.")).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toBeFocused();
  await signIn(page, open, "asha@example.org");
  await expect(page).toHaveTitle("My cases – Skranke");

  await page.getByText("Add a case").first().click();
  const add = page.getByRole("button", { name: "Add a case" });
  const [reference, born] = [page.getByLabel("Reference"), page.getByLabel("The applicant’s date of birth")];
  await add.click();
  await expect(reference).toBeFocused();
  await expect(reference).toHaveAttribute("aria-required", "true");
  await reference.fill("DEMO-0102");
  await add.click();
  await expect(born).toBeFocused();
  await expect(page).toHaveTitle("Error: My cases – Skranke");
  await born.fill("17.05.1991");
  await add.click();
  await expect(page.getByText("We cannot add a case with what you have written.")).toBeVisible();
  await expect(reference).toBeFocused();
  await expect(page.getByText("give this number")).toHaveCount(0);

  await page.goto(`${open.url}/profile`);
  const phone = page.getByLabel("Mobile phone (optional)");
  await phone.fill("12");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(phone).toBeFocused();
  await expect(page).toHaveTitle("Error: My profile – Skranke");
  await expect(page.getByText("give this number")).toHaveCount(0);
  // A second submit moves the focus to the error again.
  await page.getByRole("button", { name: "Save" }).click();
  await expect(phone).toBeFocused();
  await phone.fill("+47 22 34 21 00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(page).toHaveTitle("My profile – Skranke");
});

test("an answer that comes late takes the focus from nobody who has gone on", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org", "/profile");
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/api/account", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByLabel("Mobile phone").fill("12");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Download my data" }).focus();
  release();
  await expect(page.getByText("This is not a phone number.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Download my data" })).toBeFocused();
});

test("the receipt says what comes next, the cancelled one that it is no more, and paper where it is from", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await piotrBooks(page, open);
  const old = page.url();
  await expect(page.getByRole("heading", { name: "What happens next" })).toBeVisible();
  await expect(page.locator(".receipt .number")).toBeVisible();
  await expect(page.locator(".print-only")).toBeHidden();
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".print-only")).toContainText("Police immigration office");
  await expect(page.locator(".print-only")).toContainText("Printed Monday 22 March 2021, 09:0");
  await expect(page.locator(".print-only")).toContainText(old);
  await expect(page.locator("main")).not.toContainText("Cancel here");
  await page.emulateMedia({ media: "screen" });

  await page.getByRole("button", { name: "Cancel the appointment" }).click();
  await page.getByRole("button", { name: "Yes, cancel the appointment" }).click();
  await page.getByRole("heading", { level: 1, name: "This appointment is cancelled" }).waitFor();
  await expect(page.locator(".number")).toHaveCSS("text-decoration-line", "line-through");
  await page.getByRole("link", { name: "Find a time" }).click();
  await notInQuarantine(page);
  await page.getByRole("button", { name: /^Wednesday 24 March 2021, 12:15/ }).click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
  const now = new URL(page.url()).pathname;
  await page.goto(old);
  await expect(page.getByText("You have another appointment: Wednesday 24 March 2021, 12:15.")).toBeVisible();
  await expect(page.getByRole("link", { name: "See the new appointment" })).toHaveAttribute("href", now);
  await expect(page.getByRole("link", { name: "Find a time" })).toHaveCount(0);
});

test("links that stand alone are as large as a finger, and notices keep off the edge", async ({ page, context, counter }) => {
  const open = await counter(REDUCED);
  const expectLarge = async (links) => {
    await links.first().waitFor();
    for (const link of await links.all()) expect((await link.boundingBox()).height, await link.textContent()).toBeGreaterThanOrEqual(44);
  };
  await piotrBooks(page, open);
  await expectLarge(page.locator("dd > a"));
  await expectLarge(page.getByRole("navigation").getByRole("link"));
  await page.getByRole("link", { name: "My cases" }).click();
  await expectLarge(page.getByRole("link", { name: /^See the case/ }));
  await context.setOffline(true);
  const notice = page.locator(".notice");
  await notice.waitFor();
  const { x, width } = await notice.boundingBox();
  expect([x >= 12, x + width <= 390 - 12]).toEqual([true, true]);
  const icon = await notice.evaluate((element) => parseFloat(getComputedStyle(element, "::before").width));
  expect(icon).toBeGreaterThan(10);
  await context.setOffline(false);
});

test("no address leads the browser to believe that a page exists", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const answer = await page.goto(`${open.url}/no/such/page`);
  expect(answer.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page does not exist");
  // The icon's data URL contains no white space.
  expect(await page.locator("link[rel=icon]").getAttribute("href")).not.toMatch(/\s/);
});
