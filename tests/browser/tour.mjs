// A walk through every page in every state, for whoever wants to look: `look(name)` is called at each stop.
import { findTime, signIn } from "./counter.mjs";

export async function tour(page, open, look) {
  await page.goto(open.url);
  await page.locator("article").first().waitFor();
  for (const notice of await page.locator("details").all()) await notice.click();
  await look("start");
  await page.goto(`${open.url}/no/such/page`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await look("not-found");
  await page.goto(`${open.url}/sign-in`);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await look("sign-in-empty");
  await page.getByLabel("E-mail address").fill("asha@example.org");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code from the e-mail").waitFor();
  await look("sign-in-code");
  await signIn(page, open, "nobody@example.org");
  await look("cases-none");
  await signIn(page, open, "asha@example.org");
  await look("cases");
  await findTime(page);
  await look("times-not-answered");
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day").fill("32.13.2020");
  await look("times-no-such-day");
  await page.getByLabel("Which day").fill("15.03.2021");
  await page.getByLabel("told to report").check();
  await look("times-refused");
  await page.getByLabel("No", { exact: true }).check();
  await look("times-free");
  await page.getByRole("button", { name: /09:00/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "Check and book" }).waitFor();
  await look("confirm");
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { level: 1, name: "Your appointment is booked" }).waitFor();
  await look("receipt");
  await page.getByRole("button", { name: "Cancel the appointment" }).click();
  await look("receipt-sure");
  await page.getByRole("button", { name: "Yes, cancel the appointment" }).click();
  await page.getByRole("heading", { level: 1, name: "This appointment is cancelled" }).waitFor();
  await look("receipt-cancelled");
}
