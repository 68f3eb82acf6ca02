// Late answers: they change only what they belong to, and no other page, form, focus or press.
import { atDesk, expect, findTime, MONDAY, REDUCED, signIn, test } from "./counter.mjs";

/**
 * Delays the next answer to this request, after the server has handled it. `release` delivers it, and resolves when the page has
 * read it and had two frames for rendering.
 */
async function hold(page, method, url) {
  let go;
  const isFree = new Promise((free) => (go = free));
  let asked;
  const isAsked = new Promise((known) => (asked = known));
  let isHeld = false;
  const handler = async (route) => {
    if (isHeld || route.request().method() !== method) return route.fallback();
    isHeld = true;
    const response = await route.fetch();
    asked();
    await isFree;
    await route.fulfill({ response });
  };
  await page.route(url, handler);
  return {
    isAsked,
    release: async () => {
      const finished = page.waitForEvent("requestfinished", (request) => request.method() === method && url.test(request.url()));
      go();
      await (await finished).response();
      await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
    },
  };
}

const question = (page) => page.getByRole("complementary", { name: "Did you find" });

test("a yes for one page asks for no words on the next", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check`);
  const answer = await hold(page, "PUT", /\/api\/feedback\//);
  await question(page).getByRole("button", { name: "Yes", exact: true }).click();
  await answer.isAsked;
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await answer.release();
  // The next page has its own question and answer.
  await question(page).getByRole("button", { name: "No", exact: true }).click();
  await expect(page.getByLabel("Thank you for the answer!")).toBeVisible();
});

test("words that are being typed are not made anew by the answer to the yes before them", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check`);
  const answer = await hold(page, "PUT", /\/api\/feedback\//);
  await question(page).getByRole("button", { name: "No", exact: true }).click();
  const words = page.getByLabel("Thank you for the answer!");
  await words.pressSequentially("Where do I");
  await answer.release();
  await page.keyboard.type(" park?");
  await expect(words).toHaveValue("Where do I park?");
});

test("whoever has gone on stays where they are when a booking is answered", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await page.getByRole("button", { name: /09:30/ }).first().click();
  const booked = await hold(page, "POST", /\/api\/appointments$/);
  await page.getByRole("button", { name: "Book this time" }).click();
  await booked.isAsked;
  await page.getByRole("link", { name: "My profile" }).click();
  const phone = page.getByLabel("Mobile phone");
  await phone.fill("+47 22");
  await booked.release();
  await page.keyboard.type(" 34");
  await expect(phone).toHaveValue("+47 22 34");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("My profile");
  // The booking has been made.
  await page.getByRole("link", { name: "My cases" }).click();
  await expect(page.getByText(/^Your appointment: /)).toBeVisible();
});

test("a day of entry is typed on while the times are looked at again", async ({ page, counter }) => {
  await signIn(page, await counter(MONDAY), "piotr@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  const again = page.getByRole("button", { name: "Check again" });
  const times = await hold(page, "GET", /\/times$/);
  await again.click();
  await times.isAsked;
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").pressSequentially("26.10.");
  await times.release();
  await page.keyboard.type("2020");
  await expect(page.getByLabel("Which day did you enter")).toHaveValue("26.10.2020");
});

test("a language that is chosen stays while a session elsewhere is ended", async ({ browser, page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(await (await browser.newContext({ locale: "en-GB" })).newPage(), open, "kari@example.org");
  await signIn(page, open, "kari@example.org", "/sign-in?to=/profile");
  const sessions = await hold(page, "GET", /\/api\/account\/sessions$/);
  await page.getByRole("button", { name: /^Sign out there/ }).click();
  await sessions.isAsked;
  await page.getByLabel("Norsk").check();
  await sessions.release();
  await expect(page.getByRole("button", { name: /^Sign out there/ })).toHaveCount(0);
  await expect(page.getByLabel("Norsk")).toBeChecked();
});

test("another case that is typed while one is added is not wiped out", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "asha@example.org");
  await page.getByText("Add a case").first().click();
  const reference = page.getByLabel("Reference");
  await reference.fill("demo-0102");
  await page.getByLabel("The applicant’s date of birth").fill("17.05.1990");
  const added = await hold(page, "POST", /\/api\/cases$/);
  await page.getByRole("button", { name: "Add a case" }).click();
  await added.isAsked;
  await reference.fill("demo-0103");
  await added.release();
  await expect(page.getByText("The case is added.")).toBeVisible();
  await expect(reference).toHaveValue("demo-0103");
});

test("of two searches the later one counts, whichever is answered first", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Ingrid Berg", "/desk/find");
  const words = page.getByLabel("Reference, booking number, name or phone");
  const first = await hold(page, "POST", /\/api\/desk\/search$/);
  await words.fill("nordm");
  await page.getByRole("button", { name: "Search" }).click();
  await first.isAsked;
  await words.fill("Nowak");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText(/^Piotr Nowak/).first()).toBeVisible();
  await first.release();
  await expect(page.getByText(/^Piotr Nowak/).first()).toBeVisible();
  await expect(page.getByText(/^Kari Nordmann/)).toHaveCount(0);
});

/** Opens a day at an office, which is fetched again after a move of one slot. That answer is delayed. */
async function dayThatIsFetchedAnew(page, open) {
  await atDesk(page, open, "Jonas Lie", "/desk/times");
  await page.getByLabel("Office").selectOption("Seksjon for utlendingsforvaltning, Oslo");
  await page.getByRole("button", { name: /^See the day: Tuesday 23 March/ }).click();
  const moves = page.getByRole("button", { name: /^Move \d/ });
  await moves.first().waitFor();
  const day = await hold(page, "GET", /\/api\/desk\/offices\/[^/]+\/days\//);
  await moves.first().click();
  await page.getByLabel("to", { exact: true }).fill("16:45");
  await page.getByRole("button", { name: "Move it" }).click();
  await expect(page.getByText("The time is moved.")).toBeVisible();
  await day.isAsked;
  return day;
}

/** Presses a button with the mouse; `happens` runs between down and up. */
async function pressWhile(page, button, happens) {
  await button.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await button.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await happens();
  await page.mouse.up();
}

test("a press is not lost while the day is fetched anew", async ({ page, counter }) => {
  const day = await dayThatIsFetchedAnew(page, await counter(REDUCED));
  await page.getByText("Add a single time").first().click();
  await page.locator("#add-day").fill("27.03.2021");
  await page.locator("#add-time").fill("10:15");
  await page.getByRole("checkbox", { name: "Work permit" }).check();
  await pressWhile(page, page.getByRole("button", { name: "Add a single time" }), day.release);
  await expect(page.getByText("The time is added.")).toBeVisible();
});

test("a press in the day itself is not lost while it is fetched anew", async ({ page, counter }) => {
  const day = await dayThatIsFetchedAnew(page, await counter(REDUCED));
  await pressWhile(page, page.getByRole("button", { name: /^Take back \d/ }).last(), day.release);
  await page.getByRole("button", { name: "Yes, take it back" }).click();
  await expect(page.getByText("The time is taken back.")).toBeVisible();
});

test("what is typed into one row stays when the day is fetched anew for another", async ({ page, counter }) => {
  const day = await dayThatIsFetchedAnew(page, await counter(REDUCED));
  await page.getByRole("button", { name: /^Move \d/ }).nth(2).click();
  const to = page.getByLabel("to", { exact: true }).last();
  await to.fill("17:");
  await day.release();
  await expect(page.getByRole("row", { name: /16:45/ })).toBeVisible();
  await page.keyboard.type("15");
  await expect(page.getByLabel("to", { exact: true })).toHaveValue("17:15");
});

test("the focus stays in the field that a planner has gone into since", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Jonas Lie", "/desk/times");
  await page.getByLabel("Office").selectOption("Seksjon for utlendingsforvaltning, Oslo");
  await page.getByRole("button", { name: /^See the day: Tuesday 23 March/ }).click();
  const takenBack = await hold(page, "DELETE", /\/api\/desk\/slots\//);
  await page.getByRole("button", { name: /^Take back \d/ }).first().click();
  await page.getByRole("button", { name: "Yes, take it back" }).click();
  await takenBack.isAsked;
  await page.getByText("Add a single time").first().click();
  await page.locator("#add-time").fill("10:");
  await takenBack.release();
  await expect(page.getByText("The time is taken back.")).toBeVisible();
  await page.keyboard.type("15");
  await expect(page.locator("#add-time")).toHaveValue("10:15");
});
