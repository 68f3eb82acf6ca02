// An officer's day: publishing slots, closing an office, and help by telephone.
import { atDesk, expect, expectAccessible, piotrBooks, REDUCED, tabTo, test } from "./counter.mjs";

const office = "Seksjon for utlendingsforvaltning, Oslo";

test("a planner publishes times from a weekly pattern, and sees them in the week", async ({ page, counter }) => {
  // Some sixty steps.
  test.setTimeout(60_000);
  const open = await counter(REDUCED);
  await atDesk(page, open, "Jonas Lie", "/desk/times");
  await page.getByLabel("Office").selectOption(office);
  await expect(page.getByRole("heading", { name: "Week 12, from 22 March 2021" })).toBeVisible();
  await page.getByText("Publish from a weekly pattern").click();
  await page.getByRole("button", { name: "See what comes of it" }).click();
  await expect(page.getByText("Write the day in numbers").first()).toBeVisible();
  await page.getByLabel("First day").fill("24.05.2021");
  await page.getByLabel("Last day").fill("30.05.2021");
  await page.getByLabel("Hours").fill("9-12, 13-15");
  await page.getByLabel("Counters").fill("2");
  await page.getByRole("checkbox", { name: "Work permit" }).check();
  // The time of publication is a day and a time, or neither.
  await page.getByLabel("Publish on").fill("12.05.2021");
  await page.getByRole("button", { name: "See what comes of it" }).click();
  await expect(page.getByText("Write a time like 14:30.")).toBeVisible();
  await page.getByLabel("Publish on").fill("");
  await page.getByRole("button", { name: "See what comes of it" }).click();
  // Whit Monday is left out.
  await expect(page.getByText("80 times on 4 days")).toBeVisible();
  await expect(page.getByText("Public holidays, left out: 24 May 2021")).toBeVisible();
  await expect(page.getByText(`${office}, 24 May 2021 to 30 May 2021: Work permit. They are published at once.`)).toBeVisible();
  await expectAccessible(page, "times");
  await page.getByRole("button", { name: "Publish these times" }).click();
  await expect(page.getByRole("dialog", { name: "Publish 80 times on 4 days?" })).toBeVisible();
  await page.getByRole("button", { name: "Yes, publish" }).click();
  await expect(page.getByText("80 times are published.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Week 21, from 24 May 2021" })).toBeVisible();
  const tuesday = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Tuesday 25 May 2021" }) });
  await expect(tuesday.getByText("20 free")).toBeVisible();

  await page.getByRole("button", { name: "See the day: Tuesday 25 May 2021" }).click();
  const takesBack = page.getByRole("button", { name: "Take back 09:00" });
  await takesBack.first().waitFor();
  const before = await takesBack.count();
  // The dialog focuses the safe choice, which Enter presses without an effect.
  await takesBack.first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Take back Tuesday 25 May 2021, 09:00?" })).toBeVisible();
  await expect(page.getByRole("button", { name: "No, go back" })).toBeFocused();
  await expectAccessible(page, "take back");
  await page.keyboard.press("Enter");
  await expect(takesBack.first()).toBeFocused();
  await expect(takesBack).toHaveCount(before);
  await takesBack.first().click();
  await page.getByRole("button", { name: "Yes, take it back" }).click();
  await expect(tuesday.getByText("1 taken back")).toBeVisible();
  await expect(page.getByText("The time is taken back.")).toBeVisible();
  await expect(page.getByRole("heading", { name: `Tuesday 25 May 2021, ${office}` })).toBeFocused();
  // Week and day are fetched again. Forms that were open in the old day are gone.
  await expect(takesBack).toHaveCount(before - 1);
  await page.getByRole("button", { name: "Move 09:30" }).first().click();
  await page.getByLabel("to", { exact: true }).fill("soon");
  await page.getByRole("button", { name: "Move it" }).click();
  await expect(page.getByText("Write the day like 22.03.2021, and the time like 14:30.")).toBeVisible();
  await page.getByLabel("to", { exact: true }).fill("16:00");
  await page.getByRole("button", { name: "Move it" }).click();
  await expect(page.getByRole("row", { name: /16:00/ })).toBeVisible();
  // A move to another day.
  await page.getByRole("button", { name: "Move 10:00" }).first().click();
  const moved = page.getByRole("row").filter({ has: page.getByRole("button", { name: "Move it" }) });
  await expect(moved.getByLabel("Day", { exact: true })).toHaveValue("25.05.2021");
  await moved.getByLabel("Day", { exact: true }).fill("27.05.2021");
  await moved.getByLabel("to", { exact: true }).fill("16:00");
  await moved.getByRole("button", { name: "Move it" }).click();
  await expect(page.getByText("The time is moved.")).toBeVisible();
  const thursday = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Thursday 27 May 2021" }) });
  await expect(thursday.getByText("21 free")).toBeVisible();
  await expectAccessible(page, "day");
  await page.getByText("Add a single time").first().click();
  await page.getByLabel("Day", { exact: true }).fill("29.05.2021");
  await page.getByLabel("Time", { exact: true }).fill("10:15");
  await page.getByRole("button", { name: "Add a single time" }).click();
  await expect(page.getByText("The time is added.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Saturday 29 May 2021" })).toBeVisible();

  // The open day is closed after a change of the office.
  await page.getByRole("button", { name: "See the day: Saturday 29 May 2021" }).click();
  await expect(page.getByRole("heading", { name: `Saturday 29 May 2021, ${office}` })).toBeVisible();
  await page.getByLabel("Office").selectOption("SUA Oslo");
  await expect(page.getByRole("heading", { name: /^Saturday 29 May 2021, / })).toHaveCount(0);

  // A publication in the future, at a local time that exists.
  await page.getByLabel("Office").selectOption(office);
  await page.getByLabel("Publish on").fill("28.03.2021");
  await page.getByLabel("at (time)").fill("02:30");
  await page.getByRole("button", { name: "See what comes of it" }).click();
  await expect(page.getByText("not in the hour that the clock skips")).toBeVisible();
  await page.getByLabel("at (time)").fill("08:00");
  await page.getByRole("button", { name: "See what comes of it" }).click();
  await expect(page.getByText("They are published on Sunday 28 March 2021, 08:00.")).toBeVisible();
  await page.getByRole("button", { name: "Publish these times" }).click();
  await page.getByRole("button", { name: "Yes, publish" }).click();
  await expect(page.getByText("80 times will be published on Sunday 28 March 2021, 08:00.")).toBeVisible();
});

test("a planner closes an office after a preview, undoes it, and closes it for good", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  const piotr = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await piotrBooks(piotr, open);
  await atDesk(page, open, "Jonas Lie", "/desk/close");
  // No office is preselected.
  await expect(page.getByLabel("Office").locator("option:checked")).toHaveText("Choose an office");
  await page.getByLabel("First day").fill("28.03.2021");
  await page.getByLabel("Last day").fill("28.03.2021");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await expect(page.getByText("Choose the office.")).toBeVisible();
  await page.getByLabel("Office").selectOption("SUA Oslo");
  // A Sunday has neither appointments nor available slots.
  await page.getByLabel("First day").fill("28.03.2021");
  await page.getByLabel("Last day").fill("28.03.2021");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await expect(page.getByText("There is nothing to do")).toBeVisible();
  await page.getByLabel("First day").fill("22.03.2021");
  await page.getByLabel("Last day").fill("09.04.2021");
  await page.getByLabel("Capacity that is left").fill("140");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await expect(page.getByText("Write a whole number from 0 to 100.")).toBeVisible();
  await page.getByLabel("Capacity that is left").fill("0");
  // An answer that arrives after a change of the form is dropped.
  let goOn;
  const changed = new Promise((done) => (goOn = done));
  const late = async (route) => (await changed, await route.continue());
  await page.route("**/api/desk/closures/preview", late, { times: 1 });
  await page.getByRole("button", { name: "See who is affected" }).click();
  await page.getByLabel("Office").selectOption(office);
  const answered = page.waitForResponse("**/api/desk/closures/preview");
  goOn();
  await answered;
  await expect(page.getByRole("button", { name: "See who is affected" })).toHaveAttribute("aria-disabled", "false");
  await expect(page.getByRole("heading", { name: /^People who would lose/ })).toHaveCount(0);
  await page.getByLabel("Office").selectOption("SUA Oslo");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await expect(page.getByRole("heading", { name: "People who would lose their time: 1" })).toBeFocused();
  // Three figures, and for each day the numbers before and after.
  await expect(page.getByRole("listitem").filter({ hasText: "Lose their time" })).toHaveText("1 Lose their time");
  await expect(page.getByRole("row", { name: /^Tuesday 23 March 2021 1 0 1 0 2 × 0 % = 0$/ })).toBeVisible();
  await page.getByText("See them (1 of 1)").click();
  await expect(page.getByRole("row", { name: /Piotr Nowak.*loses it: closed.*e-mail/ })).toBeVisible();
  await expectAccessible(page, "close");
  await page.getByRole("button", { name: "Cancel and tell everybody (1)" }).click();
  await page.getByRole("heading", { level: 1, name: "Closing" }).waitFor();
  await expect(page.getByRole("row", { name: "Waiting to be sent 1" })).toBeVisible();
  await expectAccessible(page, "closing");
  await piotr.reload();
  await piotr.getByRole("heading", { level: 1, name: "The office has cancelled this appointment" }).waitFor();

  await expect(page.getByRole("heading", { name: "If you undo it now" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("This closing was undone on")).toBeVisible();
  await expect(page.getByRole("heading", { name: "What was given back" })).toBeVisible();
  await piotr.reload();
  await piotr.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
  await page.getByRole("link", { name: "Close or reduce" }).last().click();
  await expect(page.getByText("undone", { exact: true })).toBeVisible();
});

test("who does not get their appointment back is listed with the reason, before and after", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  const piotr = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await piotrBooks(piotr, open);
  await atDesk(page, open, "Jonas Lie", "/desk/close");
  await page.getByLabel("Office").selectOption("SUA Oslo");
  await page.getByLabel("First day").fill("22.03.2021");
  await page.getByLabel("Last day").fill("26.03.2021");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await page.getByRole("button", { name: "Cancel and tell everybody (1)" }).click();
  await page.getByRole("heading", { level: 1, name: "Closing" }).waitFor();
  const [{ id }] = await (await piotr.request.get(`${open.url}/api/cases`)).json();
  const { slots } = await (await piotr.request.get(`${open.url}/api/cases/${id}/times`)).json();
  const booked = await piotr.request.post(`${open.url}/api/appointments`, { data: { case: id, slot: slots[0].id } });
  expect(booked.status()).toBe(201);
  const row = page.getByRole("row", { name: /Piotr Nowak.*has booked another appointment since/ });
  await expect(row).toBeVisible();
  await expectAccessible(page, "before undoing");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("This closing was undone on")).toBeVisible();
  await expect(row).toBeVisible();
  await expectAccessible(page, "after undoing");
});

test("a planner closes an office by keyboard alone, and a reload loses nothing", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  const piotr = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await piotrBooks(piotr, open);
  const button = (name) => tabTo(page, page.getByRole("button", { name }).first());
  const type = async (label, text) => {
    await tabTo(page, page.getByLabel(label));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  await page.goto(`${open.url}/desk/close`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await button(/^Jonas Lie/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Close or reduce" })).toBeFocused();
  await tabTo(page, page.getByLabel("Office"));
  await page.keyboard.type("SUA");
  await type("First day", "22.03.2021");
  await type("Last day", "09.04.2021");
  await page.reload();
  await expect(page.getByLabel("Last day")).toHaveValue("09.04.2021");
  await expect(page.getByLabel("Office")).toContainText("SUA Oslo");
  await button("See who is affected");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "People who would lose their time: 1" })).toBeFocused();
  await button("Cancel and tell everybody (1)");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Closing" })).toBeFocused();
  await button("Undo");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This closing was undone on")).toBeVisible();

  // A pattern survives a reload as well.
  await page.goto(`${open.url}/desk/times`);
  await page.getByLabel("Office").selectOption(office);
  await page.getByRole("checkbox", { name: "Work permit" }).check();
  await page.getByText("Publish from a weekly pattern").click();
  await page.getByRole("checkbox", { name: "Friday" }).uncheck();
  await page.getByLabel("Hours").fill("9-12");
  await page.reload();
  await expect(page.getByLabel("Office").locator("option:checked")).toHaveText(office);
  await page.getByText("Publish from a weekly pattern").click();
  await expect(page.getByLabel("Hours")).toHaveValue("9-12");
  await expect(page.getByRole("checkbox", { name: "Work permit" })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: "Friday" })).not.toBeChecked();
});

test("a clerk finds Kari on the phone and books her passport for a critical journey", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Ingrid Berg", "/desk/find");
  await page.getByLabel("Reference, booking number, name or phone").fill("nordm");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("Found: 1")).toBeVisible();
  await expectAccessible(page, "find");
  await page.getByRole("link", { name: /Kari Nordmann/ }).click();
  await page.getByRole("heading", { level: 1, name: "Case" }).waitFor();
  await page.getByLabel("No", { exact: true }).check();
  await expect(page.getByRole("heading", { name: "You cannot book an appointment now" })).toBeVisible();
  await page.getByLabel("I need the passport for a critical journey").check();
  await expect(page.getByRole("heading", { name: "Book this appointment by phone" })).toBeVisible();
  await page.getByRole("button", { name: /09:00/ }).first().click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByText("Write down why, in a few words.")).toBeVisible();
  const reason = page.getByLabel("Why is the journey critical?");
  await reason.fill("Her mother is dying in London");
  // A planner deletes the slot just before the booking.
  const planner = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await atDesk(planner, open, "Jonas Lie", "/desk/times");
  const tooLate = async (route) => {
    const { slot } = route.request().postDataJSON();
    expect((await planner.request.delete(`${open.url}/api/desk/slots/${slot}`)).status()).toBe(204);
    await route.continue();
  };
  await page.route("**/api/desk/appointments", tooLate, { times: 1 });
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByText("Somebody else has just taken this time.")).toBeVisible();
  await expect(reason).toHaveValue("Her mother is dying in London");
  await page.reload();
  await expect(reason).toHaveValue("Her mother is dying in London");
  await page.getByRole("button", { name: /09:00/ }).first().click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("heading", { name: "Has an appointment" })).toBeVisible();
  await expect(page.getByText("Her mother is dying in London")).toBeVisible();
  await expect(page.getByText("to be done by phone")).toBeVisible();
  await expectAccessible(page, "case");
  // The printed page shows the appointment only.
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("heading", { name: "Has an appointment" })).toBeVisible();
  await expect(page.locator(".desk-bar")).toBeHidden();
  await expect(page.getByText("What has happened")).toBeHidden();
  await page.emulateMedia({ media: null });

  // The decision follows the appointment when that changes.
  await page.reload();
  await page.getByText("Cancel this appointment for the office").first().click();
  await page.getByLabel("Why?").fill("The journey is off");
  await page.getByRole("button", { name: "Cancel this appointment for the office" }).click();
  await expect(page.getByText("cancelled by the office")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Book this appointment by phone" })).toBeVisible();

  await page.goto(`${open.url}/desk/calls`);
  await expect(page.getByText("Nobody has to be called.")).toBeVisible();
  await expectAccessible(page, "calls");
  // Pages for planners are closed to clerks.
  await page.goto(`${open.url}/desk/close`);
  await expect(page.getByText("Your role does not allow this.").first()).toBeVisible();
});
