// Every refusal offers a next step: a link that works, or a telephone number.
import { readFileSync } from "node:fs";
import { caseOf, atDesk, expect, expectAccessible, findTime, piotrBooks, REDUCED, signIn, test } from "./counter.mjs";

const titles = JSON.parse(readFileSync(new URL("../../app/locales/en.json", import.meta.url), "utf8"))["reason_title*"];
const ways = (page) => page.locator(".ways");
const hrefs = (page) => ways(page).locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));

/** A refusal for each reason that `/check` can give, and the minimum next step. */
const REFUSALS = [
  ["not-applied", "wish=book&kind=work&submitted=no&quarantine=no&appointment=none", "https://selfservice.udi.no/"],
  ["quarantine-not-over", "wish=book&kind=work&submitted=yes&quarantine=yes&entry=20.03.2021&told=no&appointment=none", "/#places"],
  ["week-rule-gives-way", "wish=attend&appointment=none&quarantine=yes&entry=20.03.2021&told=yes", "/cases"],
  ["passport-capacity-reduced", "wish=book&kind=passport&quarantine=no&district=oslo&critical=no&appointment=none", "tel:02800"],
  ["critical-travel-by-phone", "wish=book&kind=passport&quarantine=no&district=oslo&critical=yes&appointment=none", "tel:02800"],
  ["already-booked", "wish=book&kind=work&submitted=yes&quarantine=no&appointment=booked", "/cases"],
  ["no-appointment", "wish=attend&appointment=none&quarantine=no", "/cases"],
  ["appointment-cancelled", "wish=attend&appointment=cancelled&quarantine=no", "/cases"],
  ["citizenship-excluded", "wish=upload&kind=citizenship&invited=no", "/cases"],
  ["not-invited", "wish=upload&kind=work&invited=no", "/cases"],
  ["invitation-expired", "wish=upload&kind=work&invited=yes&over=yes", "/cases"],
  ["technical-failure", "wish=upload&kind=work&invited=yes&over=no&technical=yes&district=oslo", "tel:22342100"],
  ["udi-cannot-book", "wish=ask-udi-for-appointment", "/cases"],
  ["digital-not-on-request", "wish=ask-to-upload", "/cases"],
];

for (const offices of [true, false]) {
  test(`every refusal leads on, ${offices ? "with" : "without"} the offices`, async ({ page, counter }) => {
    // Fourteen pages are loaded.
    test.setTimeout(90_000);
    const open = await counter(REDUCED);
    if (!offices) await page.route("**/api/offices", (route) => route.abort());
    for (const [reason, answers, leads] of REFUSALS) {
      await page.goto("about:blank");
      await page.goto(`${open.url}/check#${answers}`);
      const answer = page.locator("section[aria-labelledby=answer]");
      await expect(answer.getByRole("heading", { name: titles[reason], exact: true }), reason).toBeVisible();
      await expect(ways(page), reason).toBeVisible();
      const known = offices || leads !== "tel:02800";
      await expect.poll(() => hrefs(page), reason).toContain(known ? leads : "/#places");
      for (const href of await hrefs(page)) expect(href, reason).toMatch(/^(tel:[+\d]+|https:\/\/|\/)/);
    }
  });
}

test("who finds no free time calls, is reminded of the next posting, and learns that there is no other office", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "omar@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await expect(ways(page).getByRole("link", { name: /^Call / })).toHaveAttribute("href", /^tel:/);
  await expect(ways(page)).toContainText("Open now, until 15:00.");
  await expect(ways(page)).toContainText("posts new times next on Monday 29 March 2021 at 08:00.");
  await expect(ways(page)).toContainText("No other office in your police district gives appointments for this.");
  await expect(ways(page)).toContainText("Have the reference of your case ready: DEMO-0701.");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    ways(page).getByRole("link", { name: "Put it in your calendar" }).click(),
  ]);
  const file = await (await page.request.get(download.url())).text();
  expect(file).toContain("DTSTART:20210329T060000Z");
  expect(file).toContain("BEGIN:VALARM");
  expect(download.url()).not.toContain("DEMO");
  await expectAccessible(page, "no free time");
});

test("who cannot book a type, or has not applied, is led on", async ({ browser, counter }) => {
  const open = await counter(REDUCED);
  for (const [email, says, leads] of [
    ["olena@example.org", "No office in your police district gives appointments for this now.", /^tel:/],
    ["lin@example.org", "UDI’s Application Portal", /^https:\/\/selfservice\.udi\.no/],
  ]) {
    const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await signIn(page, open, email);
    await findTime(page);
    await page.getByLabel("No", { exact: true }).check();
    await expect(ways(page), email).toContainText(says);
    await expect.poll(async () => (await hrefs(page)).some((href) => leads.test(href)), email).toBe(true);
    await page.context().close();
  }
});

test("who has an appointment already is led to it, and from a cancelled one to a new time", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await piotrBooks(page, open);
  const receipt = new URL(page.url()).pathname;
  const desk = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await atDesk(desk, open, "Ingrid Berg");
  const id = await caseOf(desk, open, "Piotr Nowak");
  await page.goto(`${open.url}/cases/${id}/times`);
  await expect(page.getByRole("link", { name: "See the appointment" })).toHaveAttribute("href", receipt);
  const cancelled = await desk.request.post(`${open.url}/api/desk${receipt}/cancel`, { data: { reason: "a flood" } });
  expect(cancelled.ok(), await cancelled.text()).toBe(true);
  await page.goto(open.url + receipt);
  await expect.poll(() => hrefs(page)).toContain(`/cases/${id}/times`);
  await expect.poll(async () => (await hrefs(page)).some((href) => href.startsWith("tel:"))).toBe(true);
});

test("a link in a mail leads through sign-in to what it is about", async ({ browser, page, counter }) => {
  const open = await counter(REDUCED);
  await piotrBooks(page, open);
  const receipt = new URL(page.url()).pathname;
  await expect.poll(async () => (await fetch(`${open.url}/demo/mail`)).text()).toContain(receipt);
  const elsewhere = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await signIn(elsewhere, open, "piotr@example.org", receipt);
  await expect(elsewhere.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  expect(new URL(elsewhere.url()).pathname).toBe(receipt);
});
