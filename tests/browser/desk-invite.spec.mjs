// Requests for documents by an officer, and the applicant's view of them.
import { atDesk, expect, expectAccessible, REDUCED, signIn, test } from "./counter.mjs";

async function fillIn(page, { last, nb, en }) {
  await page.getByLabel("Last day to send").fill(last);
  await page.getByLabel("What to send and how, in Norwegian").fill(nb);
  await page.getByLabel("What to send and how, in English").fill(en);
}

test("a planner asks all whom a filter shows; whoever may not be asked is listed with the reason", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Jonas Lie", "/desk/invite");
  await page.getByRole("button", { name: "See who would be asked" }).click();
  await expect(page.getByText("Say what to send and how.").first()).toBeVisible();
  await expect(page.getByText("Write the day in numbers: day, month and year with four digits, such as 22.03.2021.")).toBeVisible();
  await expectAccessible(page, "invite, nothing filled in");
  await fillIn(page, { last: "16.04.2021", nb: "Send alle sider i passet.", en: "Send every page of your passport." });
  // The values survive a reload.
  await page.reload();
  await expect(page.getByLabel("What to send and how, in English")).toHaveValue("Send every page of your passport.");
  await page.getByRole("button", { name: "See who would be asked" }).click();
  const heading = page.getByRole("heading", { name: /^People who would be asked: \d+$/ });
  await expect(heading).toBeFocused();
  const count = Number((await heading.textContent()).match(/\d+/)[0]);
  expect(count).toBeGreaterThan(0);
  await expect(page.getByRole("row", { name: /Kari Nordmann/ })).toContainText("cannot be delivered electronically");
  await expectAccessible(page, "invite, preview");
  await page.getByRole("button", { name: `Ask them by e-mail (${count})` }).click();
  await page.getByRole("heading", { level: 1, name: "Asked for documents" }).waitFor();
  await expect(page.getByText(`Asked still: ${count}`)).toBeVisible();
  await expect(page.getByText(`To be told: ${count}`)).toBeVisible();
  await expectAccessible(page, "asking");

  const asha = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await signIn(asha, open, "asha@example.org");
  await expect(asha.getByText("The police ask for your documents, by 16 April 2021").first()).toBeVisible();
  await asha.getByRole("link", { name: /See the case/ }).first().click();
  await expect(asha.getByRole("heading", { name: "The police ask for your documents" })).toBeVisible();
  await expect(asha.getByText("Send every page of your passport.")).toBeVisible();
  await expectAccessible(asha, "case that is asked for");
  await asha.getByRole("button", { name: "Norsk" }).click();
  await expect(asha.getByText("Send alle sider i passet.")).toBeVisible();

  await page.getByText("Withdraw the request").click();
  await page.getByRole("button", { name: `Withdraw for all of them (${count})` }).click();
  await expect(page.getByText("Asked still: 0")).toBeVisible();
  await asha.reload();
  await asha.getByRole("heading", { level: 1 }).waitFor();
  await expect(asha.getByText("Send alle sider i passet.")).toHaveCount(0);
});

test("a clerk asks one person, and takes it back; for a passport the rules say no", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Ingrid Berg", "/desk/find");
  const find = async (name) => {
    await page.goto(`${open.url}/desk/find`);
    await page.getByLabel("Reference, booking number, name or phone").fill(name);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: new RegExp(name) }).first().click();
    await page.getByRole("heading", { level: 1, name: "Case" }).waitFor();
  };
  await find("Kari Nordmann");
  const documents = page.getByRole("region", { name: "Documents" });
  await expect(documents.getByRole("heading", { name: /cannot be delivered electronically/ })).toBeVisible();
  await expect(documents.getByRole("button")).toHaveCount(0);

  await find("Asha Rao");
  await documents.getByText("Ask for documents electronically").first().click();
  await fillIn(page, { last: "16.04.2021", nb: "Send passet.", en: "Send your passport." });
  await documents.getByRole("button", { name: "Ask for documents electronically" }).click();
  await expect(documents.getByText("Asked on 22 March 2021, until 16 April 2021")).toBeVisible();
  await expectAccessible(page, "case that is asked for, at the desk");
  await documents.getByRole("button", { name: "Withdraw the request" }).click();
  await expect(documents.getByText("Ask for documents electronically").first()).toBeVisible();
});
