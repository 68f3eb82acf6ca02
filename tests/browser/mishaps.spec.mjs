// Failures: each is explained in the person's language, and no input is lost.
import { MONDAY, REDUCED, codes, expect, findTime, newCode, signIn, test } from "./counter.mjs";

const ENTRY = "Which day did you enter";

test("a day that does not exist is said while one types, in both languages, and stays", async ({ page, counter }) => {
  await signIn(page, await counter(MONDAY), "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel(ENTRY).fill("32.13.2020");
  await expect(page.getByText("There is no such day.")).toBeVisible();
  await expect(page.getByLabel(ENTRY)).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("button", { name: "Norsk" }).click();
  await expect(page.getByText("Den dagen finnes ikke.")).toBeVisible();
  await expect(page.getByLabel("Hvilken dag kom du")).toHaveValue("32.13.2020");
  await expect(page.locator("html")).toHaveAttribute("lang", "nb");
  await page.getByLabel("Hvilken dag kom du").fill("i går");
  await page.getByLabel("Hvilken dag kom du").blur();
  await expect(page.getByText("Skriv datoen med tall")).toBeVisible();
});

test("a session that runs out leads to sign-in and back, with what was typed", async ({ page, counter }) => {
  const first = await counter(REDUCED);
  await signIn(page, first, "piotr@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel(ENTRY).fill("01.03.2021");
  const later = await counter("2021-03-22T14:00:00+01:00", first.port);
  const before = await codes(later, "piotr@example.org");
  await page.getByRole("button", { name: /09:30/ }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await expect(page.getByText("You have been signed out because the time was up.")).toBeVisible();
  await page.getByLabel("E-mail address").fill("piotr@example.org");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code from the e-mail").waitFor();
  await page.getByLabel("The code from the e-mail").fill(await newCode(later, "piotr@example.org", before));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Find a time");
  await expect(page.getByLabel(ENTRY)).toHaveValue("01.03.2021");
});

test("a server that does not answer is said so, and trying again goes on", async ({ page, counter }) => {
  const first = await counter(REDUCED);
  await signIn(page, first, "piotr@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await page.getByRole("button", { name: /09:30/ }).first().click();
  await page.getByRole("button", { name: "Book this time" }).waitFor();
  await first.stop();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("alert")).toContainText("We get no answer from the counter.");
  await counter(REDUCED, first.port);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
});

test("wrong codes and addresses are said under their field", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/sign-in`);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await expect(page.getByText("Write your e-mail address.")).toBeVisible();
  await page.getByLabel("E-mail address").fill("asha");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await expect(page.getByText("This is not an e-mail address.")).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue("asha");
  await page.getByLabel("E-mail address").fill("asha@example.org");
  await page.getByRole("button", { name: "Send me a code" }).click();
  const [code] = await codes(open, "asha@example.org").then(async (all) => {
    await page.getByLabel("The code from the e-mail").waitFor();
    return all.length ? all : codes(open, "asha@example.org");
  });
  await page.getByLabel("The code from the e-mail").fill(code === "000000" ? "000001" : "000000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("The code is not right.")).toBeVisible();
});

test("sign-in leads to no other site", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  for (const to of ["/%09/127.0.0.1:1/", "/%2509/127.0.0.1:1", "//127.0.0.1:1/", "https://127.0.0.1:1/"]) {
    await signIn(page, open, "piotr@example.org", `/sign-in?to=${to}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("My cases");
  }
});

test("a deep link survives sign-in, and an unknown address has a way out", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "piotr@example.org", "/cases");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("My cases");
  await page.goto(`${open.url}/no/such/page`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page does not exist");
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Appointments with the police");
});

test("a part of the page that does not come is said so, and trying again brings it", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  let parts = 0;
  await page.route(/applicant-[0-9a-f]+\.wasm$/, (route) => (parts++ === 0 ? route.abort() : route.continue()));
  await page.goto(open.url);
  await page.getByRole("heading", { level: 1, name: /police immigration office/ }).waitFor();
  expect(parts, "a first visit does without").toBe(0);
  await page.getByRole("link", { name: "Sign in", exact: true }).first().click();
  await expect(page.getByRole("alert")).toContainText("We get no answer from the counter.");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  expect(parts).toBe(2);
});

test("neither a reload nor a restart of the server in the middle of a booking loses anything", async ({ page, counter }) => {
  const first = await counter(REDUCED);
  const again = async () => {
    await page.reload();
    await counter(REDUCED, first.port);
    await page.reload();
  };
  await signIn(page, first, "piotr@example.org");
  await findTime(page);
  await page.getByLabel("Yes", { exact: true }).check();
  await page.getByLabel(ENTRY).fill("01.03.2021");
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30/ }).waitFor();
  await again();
  await expect(page.getByLabel(ENTRY)).toHaveValue("01.03.2021");
  await page.getByRole("button", { name: /^Tuesday 23 March 2021, 09:30/ }).click();
  await expect(page.getByText("We keep this time for you until 09:05.")).toBeVisible();
  await again();
  await expect(page.getByText("We keep this time for you until 09:05.")).toBeVisible();
  await page.getByRole("button", { name: "Book this time" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your appointment is booked");
  const number = await page.locator(".number").textContent();
  await again();
  await expect(page.locator(".number")).toHaveText(number);
});

test("a page that cannot be loaded says so", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  for (const missing of [/_bg\.wasm$/, /app-[0-9a-f]+\.js$/]) {
    await page.route(missing, (route) => route.abort());
    for (const path of ["/", "/cases"]) {
      await page.goto(open.url + path);
      await expect(page.getByRole("alert")).toContainText("The page could not be loaded.");
    }
    await page.unroute(missing);
    await page.getByRole("link", { name: "try again" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  }
});

test("what failed offline is tried again by itself", async ({ page, context, counter }) => {
  await signIn(page, await counter(REDUCED), "piotr@example.org");
  await findTime(page);
  await page.getByLabel("No", { exact: true }).check();
  await page.getByRole("button", { name: /^Tuesday 30 March 2021, 09:30/ }).waitFor();
  await context.setOffline(true);
  await page.getByRole("button", { name: /^Tuesday 30 March 2021, 09:30/ }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByRole("alert")).toBeInViewport();
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check and book");
});
