// The start page: readable before the app has loaded and without scripts, and unchanged afterwards.
import { REDUCED, expect, expectAccessible, expectHiddenIsHidden, test } from "./counter.mjs";

const EN = {
  title: "Appointments with the police immigration office",
  today: "Today is Monday 22 March 2021",
  situation: [
    "You can only come to the police with an appointment",
    "you have to wait 10 whole days after the day you entered",
    "in Oslo from 17 March up to and including 9 April 2021",
  ],
  office: "Mondays at 08:00",
};
const NB = {
  title: "Time hos politiets utlendingsseksjon",
  today: "I dag er det mandag 22. mars 2021",
  situation: [
    "Du kan bare møte hos politiet når du har time",
    "må du vente 10 hele dager etter dagen du reiste inn",
    "i Oslo fra og med 17. mars til og med 9. april 2021",
  ],
  office: "mandager kl. 08:00",
};

async function expectText(page, { title, today, situation, office }) {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(page.getByRole("heading", { level: 2 }).first()).toHaveText(today);
  for (const sentence of situation) await expect(page.locator("main")).toContainText(sentence);
  const sua = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "SUA Oslo" }) });
  await expect(sua).toContainText("Eksempelfaret 1, 0585 Oslo");
  await expect(sua).toContainText("02800");
  await expect(sua).toContainText("09:00–15:00");
  await expect(sua).toContainText(office);
}

test("without scripts it can be read in both languages", async ({ browser, counter }) => {
  const open = await counter(REDUCED);
  const page = await (await browser.newContext({ javaScriptEnabled: false, locale: "en-GB" })).newPage();
  await page.goto(open.url);
  await expectText(page, EN);
  // Disabled scripts do not make this browser show `noscript`, so the source is checked.
  expect(await (await fetch(open.url)).text()).toMatch(/<noscript>[^]*This page needs JavaScript[^]*<\/noscript>/);
  await page.getByText("Read the whole notice").first().click();
  await expect(page.getByText("These appointments will be made by calling our service line.")).toBeVisible();
  await page.getByRole("link", { name: "Norsk" }).click();
  await expectText(page, NB);
  await expect(page.locator("html")).toHaveAttribute("lang", "nb");
  // The language is kept.
  await page.goto(open.url);
  await expectText(page, NB);
});

test("it stands there before the page has loaded, and stays as it is", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  // Animations and late fonts change the size of the content, so both are turned off.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.route("**/*.woff2", (route) => route.abort());
  await page.goto(open.url, { waitUntil: "commit" });
  await expectText(page, EN);
  await expectAccessible(page, "before the page has loaded");
  // No failure is reported, because a missing font is none.
  await expect(page.locator("#broken")).toBeHidden();
  await expectHiddenIsHidden(page, "before the page has loaded");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.getByText("Read the whole notice").first().click();
  const before = await page.title();
  const height = (text) => text.evaluate((element) => element.getBoundingClientRect().height);
  const tall = await height(page.locator("#start"));

  release();
  await expect(page.getByRole("button", { name: "English" })).toBeVisible();
  await expectText(page, EN);
  await expect(page.locator("#waiting")).toHaveCount(0);
  await expect(page.locator("#start")).toHaveCount(1);
  expect(await page.title()).toBe(before);
  await expect.poll(() => height(page.locator("#start"))).toBe(tall);
  await expect(page.getByText("These appointments will be made by calling our service line.")).toBeVisible();
  await expectAccessible(page, "once it has loaded");
  expect(asked).not.toContain("/api/start");
});

test("the language changes in the page, and the server follows", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(open.url);
  await page.getByRole("button", { name: "Norsk" }).click();
  await expectText(page, NB);
  await expect(page).toHaveTitle(`${NB.title} – Skranke`);
  await expectAccessible(page, "in the other language");
  const html = await (await page.request.get(open.url)).text();
  expect(html).toContain('<html lang="nb"');
  await page.reload();
  await expect(page.getByRole("button", { name: "Norsk" })).toHaveAttribute("aria-pressed", "true");
  await expectText(page, NB);
  await page.getByRole("button", { name: "English" }).click();
  await expectText(page, EN);
  // The last of several quick presses counts.
  await page.getByRole("button", { name: "Norsk" }).click();
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("button", { name: "Norsk" }).click();
  await expectText(page, NB);
});

test("its links lead on within the page, and back", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(open.url);
  await expect(page.getByRole("button", { name: "English" })).toBeVisible();
  let documents = 0;
  page.on("request", (request) => request.isNavigationRequest() && documents++);
  await page.getByRole("link", { name: "Check your situation" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Check your situation" })).toBeFocused();
  await page.goBack();
  await expectText(page, EN);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.getByRole("link", { name: "Book an appointment" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(documents).toBe(0);
});

test("when the server does not answer, it is said, and trying again goes on", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check`);
  await page.getByRole("radio", { name: "Book an appointment" }).waitFor();
  await page.route("**/api/start*", (route) => route.abort());
  await page.getByRole("link", { name: "Skranke" }).click();
  await expect(page.getByRole("alert")).toContainText("We get no answer from the counter.");
  await page.unroute("**/api/start*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expectText(page, EN);
});

test("while a page is on its way nothing says that it broke", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  for (const path of ["/sign-in", "/check", "/cases", "/desk"]) {
    await page.goto(open.url + path, { waitUntil: "commit" });
    await expect(page.getByText("The counter is opening")).toBeVisible();
    await expect(page.locator("#broken")).toBeHidden();
    await expectHiddenIsHidden(page, path);
  }
  release();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in at the desk" })).toBeVisible();
});

test("without scripts a page says whom to call, and not that it is opening or broken", async ({ browser, counter }) => {
  const open = await counter(REDUCED);
  const page = await (await browser.newContext({ javaScriptEnabled: false, locale: "en-GB" })).newPage();
  await page.goto(`${open.url}/sign-in`);
  await expect(page.locator("#broken")).toBeHidden();
  await expect(page.getByText("The counter is opening")).toBeHidden();
  // Disabled scripts do not make this browser show `noscript`, so the source is checked.
  const noscript = (await (await fetch(`${open.url}/sign-in`)).text()).match(/<noscript>[^]*<\/noscript>/)[0];
  expect(noscript).toContain('href="tel:02800"');
  expect(noscript).toContain('href="/?lang=en#places"');
});
