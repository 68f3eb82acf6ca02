// Every page in both languages: readable for everybody, and from this host alone.
import { REDUCED, expect, expectAccessible, findTime, signIn, test } from "./counter.mjs";

test("every page is accessible in both languages, and fits a phone", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const elsewhere = [];
  const complaints = [];
  page.on("request", (request) => request.url().startsWith(open.url) || elsewhere.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));

  const look = async (what) => {
    for (const language of ["Norsk", "English"]) {
      await page.getByRole("button", { name: language }).click();
      await expectAccessible(page, `${what}, ${language}`);
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wider, `${what}, ${language}, ${width} px`).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 390, height: 844 });
    }
  };
  await page.goto(open.url);
  await page.getByRole("heading", { name: "What applies now" }).waitFor();
  for (const notice of await page.locator("details").all()) await notice.click();
  await look("start");
  await page.goto(`${open.url}/no/such/page`);
  await look("not found");
  await page.goto(`${open.url}/sign-in`);
  await look("sign-in");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await look("sign-in without an address");
  await signIn(page, open, "asha@example.org");
  await look("cases");
  await findTime(page);
  await look("times, not answered");
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day").fill("32.13.2020");
  await look("times, a day that does not exist");
  await page.getByLabel("Which day").fill("15.03.2021");
  await page.getByLabel("told to report").check();
  await look("times, refused");
  await page.getByLabel("No", { exact: true }).check();
  await look("times, free");
  await page.getByRole("button", { name: /09:00/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "Check and book" }).waitFor();
  await look("confirm");
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
  await look("receipt");
  await page.getByRole("button", { name: "Cancel the appointment" }).click();
  await look("receipt, asked whether to cancel");
  await page.getByRole("button", { name: "Yes, cancel the appointment" }).click();
  await page.getByRole("heading", { level: 1, name: "This appointment is cancelled" }).waitFor();
  await look("receipt, cancelled");

  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});
