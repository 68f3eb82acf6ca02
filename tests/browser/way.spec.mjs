// Further applicant journeys: moves, families, start of work, adding a case, and the profile.
import { MONDAY, REDUCED, expect, findTime, newCode, signIn, test } from "./counter.mjs";

const notInQuarantine = (page) => page.getByLabel("No", { exact: true }).first().check();

test("Piotr takes another time, and keeps his until he has it", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org");
  await findTime(page);
  await notInQuarantine(page);
  await expect(page.getByRole("heading", { name: "Free times" })).toBeVisible();
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30/ }).click();
  await expect(page.getByText("Step 2 of 2")).toBeVisible();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("heading", { name: "What happens next" })).toBeVisible();
  const number = await page.locator(".number").textContent();

  await page.getByRole("link", { name: "Change the appointment" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Change your appointment");
  await expect(page.getByText("You have an appointment on Tuesday 23 March 2021, 09:30.")).toBeVisible();
  await page.getByRole("button", { name: /^Wednesday 24 March 2021, 12:15/ }).click();
  await expect(page.getByText("Instead of")).toBeVisible();
  await page.getByRole("button", { name: "Take this time instead" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  await expect(page.getByText("Wednesday 24 March 2021, 12:15")).toBeVisible();
  await expect(page.locator(".number")).not.toHaveText(number);

  // The receipt's extras: QR code, map and calendar file.
  await expect(page.getByAltText("QR code with the booking number")).toHaveJSProperty("complete", true);
  expect(await page.getByAltText("QR code with the booking number").evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
  await expect(page.getByRole("link", { name: /Eksempelfaret 1/ })).toHaveAttribute("href", /openstreetmap\.org/);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Add to your calendar" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.ics$/);
});

test("the Silva family gets three times one after another", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "silva@example.org");
  await findTime(page);
  await notInQuarantine(page);
  for (const name of ["Carla Silva", "Miguel Silva"]) await page.getByLabel(name).check();
  // The slot at 13:00 stands alone on each day. Only 09:00 is followed by two more slots.
  await expect(page.getByRole("button", { name: /13:00/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /09:30/ })).toHaveCount(0);
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:00/ }).click();
  await expect(page.getByText("Miguel Silva, 10:00")).toBeVisible();
  // A reload keeps the other people and their holds.
  await page.reload();
  await expect(page.getByText("We keep these times for you until 09:05.")).toBeVisible();
  await page.getByRole("button", { name: "Book these times" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  await expect(page.getByRole("definition").filter({ hasText: "Bruno Silva" })).toBeVisible();
  for (const other of ["09:30, Carla Silva", "10:00, Miguel Silva"]) {
    await expect(page.getByRole("link", { name: other })).toBeVisible();
  }
  await page.getByRole("link", { name: "My cases" }).click();
  for (const time of ["09:00", "09:30", "10:00"]) {
    await expect(page.getByText(`Your appointment: Tuesday 23 March 2021, ${time}`)).toBeVisible();
  }
});

test("Asha starts to work: she reports it to UDI, and still orders the card", async ({ page, counter }) => {
  await signIn(page, await counter(MONDAY), "asha@example.org");
  await page.getByRole("link", { name: "See the case and what you must do: Asha Rao" }).click();
  await page.getByLabel("First day at work").fill("32.11.2020");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("There is no such day.")).toBeVisible();
  await page.getByLabel("First day at work").fill("09.11.2020");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("At the latest on Monday 9 November 2020")).toBeVisible();
  const mail = await page.getByRole("link", { name: "Write the e-mail to UDI" }).getAttribute("href");
  expect(decodeURIComponent(mail)).toContain("Name: Asha Rao\nReference: DEMO-0101\nFirst day at work: 9 November 2020");
  await page.getByRole("button", { name: "I have told UDI" }).click();
  await expect(page.getByText("You told UDI on Monday 2 November 2020.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Tell UDI that you start to work" })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Order a residence card with the police" })).toBeVisible();
});

test("a case that is missing is added by reference and day of birth", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "asha@example.org");
  await page.getByText("Add a case").first().click();
  await page.getByLabel("Reference").fill("demo-0102");
  await page.getByLabel("The applicant’s date of birth").fill("17.05.1991");
  await page.getByRole("button", { name: "Add a case" }).click();
  await expect(page.getByText("We cannot add a case with what you have written.")).toBeVisible();
  await page.getByLabel("The applicant’s date of birth").fill("17.05.1990");
  await page.getByRole("button", { name: "Add a case" }).click();
  await expect(page.getByRole("heading", { name: "Residence card – Asha Rao" })).toBeVisible();
});

test("the profile: a wrong number, language, another device, and leaving", async ({ browser, page, counter }) => {
  const open = await counter(REDUCED);
  const other = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await signIn(other, open, "kari@example.org");
  await signIn(page, open, "kari@example.org", "/sign-in?to=/profile");
  // A deep link survives sign-in.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("My profile");
  await page.getByLabel("Mobile phone").fill("22 34 21 00");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This is not a phone number.")).toBeVisible();
  await page.getByLabel("Mobile phone").fill("004722342100");
  await page.getByLabel("Norsk").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(page.getByLabel("Mobile phone")).toHaveValue("+47 22 34 21 00");

  await page.getByRole("button", { name: /^Sign out there/ }).click();
  await expect(page.getByRole("button", { name: /^Sign out there/ })).toHaveCount(0);
  await other.reload();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Sign in");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download my data" }).click();
  expect((await download).suggestedFilename()).toBe("skranke.json");

  await page.getByRole("button", { name: "Delete my account …" }).click();
  await expect(page.getByText("until 22 March 2026")).toBeVisible();
  await page.getByRole("button", { name: "Yes, delete my account" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});

test("did you find what you were looking for", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check`);
  const question = page.getByRole("complementary", { name: "Did you find what you were looking for?" });
  await question.getByRole("button", { name: "No" }).click();
  await question.getByLabel("What could be better?").fill("Where do I park?");
  await question.getByRole("button", { name: "Send" }).click();
  await expect(question.getByText("Thank you.")).toBeVisible();
});

test("somebody whose connection is cut is told so, and everything goes on by itself", async ({ page, context, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org");
  await context.setOffline(true);
  await expect(page.getByText("There is no connection to the internet.")).toBeVisible();
  await page.getByRole("link", { name: /^Find a time/ }).click();
  await expect(page.getByRole("alert")).toContainText("We get no answer");
  await context.setOffline(false);
  await expect(page.getByText("Do you have to be in quarantine")).toBeVisible();
  await expect(page.getByText("There is no connection to the internet.")).toHaveCount(0);
});

test("a reload loses nothing that was typed", async ({ page, counter }) => {
  await signIn(page, await counter(MONDAY), "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("26.10.20");
  await page.getByLabel("told to report").check();
  await page.reload();
  await expect(page.getByLabel("Which day did you enter")).toHaveValue("26.10.20");
  await expect(page.getByLabel("told to report")).toBeChecked();
});

test("a family that comes too late for its times is offered others for all of it", async ({ browser, page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "silva@example.org");
  await findTime(page);
  await notInQuarantine(page);
  await page.getByLabel("Carla Silva").check();
  // Asha holds the second of the slots meanwhile.
  const asha = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await signIn(asha, open, "asha@example.org");
  await findTime(asha);
  await notInQuarantine(asha);
  await asha.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30 – Seksjon/ }).click();
  await expect(asha.getByText("We keep this time for you until")).toBeVisible();

  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:00/ }).click();
  await expect(page.getByRole("alert")).toContainText("This time is no longer free");
  await page.getByRole("button", { name: /^Wednesday 24 March 2021, 09:00/ }).click();
  await expect(page.getByText("Carla Silva, 09:30")).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel("Carla Silva")).toBeChecked();
});

test("the old receipt of a changed appointment leads to the new one, and a lost answer is found again", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org");
  await findTime(page);
  await notInQuarantine(page);
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30/ }).click();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  const old = page.url();
  await page.getByRole("link", { name: "Change the appointment" }).click();
  await page.getByRole("button", { name: /^Wednesday 24 March 2021, 12:15/ }).click();
  await page.getByText("We keep this time for you until").waitFor();
  await page.route(/\/move$/, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Take this time instead" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  await page.reload();
  await expect(page.getByText("You already have an appointment for this case.")).toBeVisible();
  await expect(page.getByText("Wednesday 24 March 2021, 12:15")).toBeVisible();
  await page.goto(old);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This appointment has been moved");
  await page.getByRole("link", { name: "See the new appointment" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
});

test("yes and no count at once, each for its page, and what is said later joins them", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const given = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/feedback/")) given.push([request.url(), request.postDataJSON()]);
  });
  await page.goto(`${open.url}/check`);
  await page.getByRole("complementary", { name: "Did you find" }).getByRole("button", { name: "No", exact: true }).click();
  await page.getByLabel("Thank you for the answer!").fill("Where is Bodø?");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByText("Thank you. That helps us.")).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("complementary", { name: "Did you find" }).getByRole("button", { name: "Yes", exact: true }).click();
  await page.getByLabel("Thank you! Is there").fill("Never sent");
  await page.getByRole("link", { name: "Skranke" }).click();
  await expect(page.getByRole("complementary", { name: "Did you find" }).getByRole("button", { name: "Yes", exact: true })).toBeVisible();
  const [[first, no], [second, words], [third, yes]] = given;
  expect([no.page, no.found, no.words]).toEqual(["check", false, ""]);
  expect([second, words.words]).toEqual([first, "Where is Bodø?"]);
  expect(third).not.toEqual(first);
  expect([yes.page, yes.found, given.length]).toEqual(["sign-in", true, 3]);
});

test("who comes back from the mailbox to a page that was loaded anew types the code", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("piotr@example.org");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code from the e-mail").waitFor();
  await page.reload();
  await expect(page.getByText("We have sent a code to piotr@example.org.")).toBeVisible();
  await page.getByLabel("The code from the e-mail").fill(await newCode(open, "piotr@example.org", []));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("My cases");
});

test("who deletes the account is told that it is deleted", async ({ page, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org", "/profile");
  await page.getByRole("button", { name: /^Delete my account/ }).click();
  await page.getByRole("button", { name: "Yes, delete my account" }).click();
  await expect(page.getByText("Your account is deleted.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in", exact: true })).toBeVisible();
});
