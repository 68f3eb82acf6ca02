// Publication of a policy document: one administrator drafts it, another approves it.
import { atDesk, expect, expectAccessible, REDUCED, test } from "./counter.mjs";

/** A document that reduces Oslo's passport offices again after Easter. */
const oslo = `id = "oslo-2021-03-22"
version = 1
publisher = "Oslo politidistrikt"
published = 2021-03-22
changed = 2021-03-22
original = "nb"
title = { nb = "Passkontorene etter påske", en = "The passport offices after Easter" }

[[sentence]]
id = "window"
says = "forbids"
nb = "Fra og med 19. april til og med 30. april 2021 nedskalerer vi passkontorene."
en = "From 19 April to 30 April 2021, both days included, we reduce the capacity of the passport offices."

[[reduced-passport-capacity]]
districts = ["oslo"]
first = 2021-04-19
last = 2021-04-30
sentence = "window"
`;

const notices = async (page, open) => {
  await page.goto(`${open.url}/desk/notices`);
  await page.getByRole("heading", { level: 1, name: "Notices and policies" }).waitFor();
};

test("Solveig drafts when the passport offices are reduced, and Henrik approves it", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Solveig Dahl");
  await page.getByRole("navigation", { name: "The desk" }).getByRole("link", { name: "Notices and policies" }).click();
  await page.getByRole("heading", { level: 1, name: "Notices and policies" }).waitFor();
  await expect(page.getByRole("row", { name: /udi-2020-10-26 1 UDI comes with the program/ })).toBeVisible();
  await expect(page.getByText("There is no open draft.")).toBeVisible();
  await page.getByRole("button", { name: "Draft a new document" }).click();
  const document = page.getByLabel("The document (TOML)");
  await expect(document).toBeFocused();
  await expect(document).toHaveValue(/^id = "oslo-2021-03-22"/);
  await expectAccessible(page, "a new document");

  // Faults are reported with their lines, and the text survives errors and a reload.
  await document.fill(oslo.replace('["oslo"]', '["atlantis"]').replace("says =", "sais ="));
  await page.getByRole("button", { name: "See who is answered differently" }).click();
  await expect(page.getByText("Write the day in numbers")).toBeVisible();
  await page.getByLabel("Holds from").fill("22.03.2021");
  await page.getByRole("button", { name: "See who is answered differently" }).click();
  await expect(page.getByText("The document has faults")).toBeVisible();
  await expect(page.getByText("Line 9: `says` is missing").or(page.getByText("line 9: `says` is missing"))).toBeVisible();
  await expect(page.getByText("line 16: `atlantis` is no police district")).toBeVisible();
  await expectAccessible(page, "faults");
  await page.reload();
  await expect(document).toHaveValue(/atlantis/);
  await expect(page.getByLabel("Holds from")).toHaveValue("22.03.2021");

  await document.fill(oslo);
  await page.getByRole("button", { name: "See who is answered differently" }).click();
  await expect(page.getByText(/^Answered differently: 2 of \d+ standard people$/)).toBeVisible();
  const kari = page.getByRole("listitem").filter({ hasText: "Kari, who books a passport in Oslo" });
  await expect(kari).toContainText("19 April 2021 to 30 April 2021");
  await expect(kari).toContainText("Before: allowed");
  await expect(kari).toContainText("After: refused; The passport offices receive fewer people now; until 1 May 2021");
  await expect(page.getByText(/^It changes something for .* only/)).toBeVisible();
  await expectAccessible(page, "preview");
  await page.getByRole("button", { name: "Save the draft" }).click();
  await page.getByRole("heading", { level: 1, name: /^Draft: / }).waitFor();
  await expect(page.getByText("You drafted this. Another administrator approves it.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve and publish" })).toHaveCount(0);
  await expectAccessible(page, "own draft");
  await page.getByRole("link", { name: "All notices and policies" }).click();
  await expect(page.getByRole("link", { name: "oslo-2021-03-22, version 1, from 22 March 2021" })).toBeVisible();
  await expect(document, "what was saved is not kept in the tab").toHaveCount(0);

  const henrik = await (await browser.newContext({ locale: "nb-NO", viewport: { width: 390, height: 844 } })).newPage();
  await henrik.goto(`${open.url}/desk/sign-in?to=/desk/notices`);
  await henrik.getByRole("button", { name: /^Henrik Moe/ }).click();
  await henrik.getByRole("heading", { level: 1, name: "Kunngjøringer og regler" }).waitFor();
  await expectAccessible(henrik, "kunngjøringer");
  await henrik.getByRole("link", { name: "oslo-2021-03-22, versjon 1, fra 22. mars 2021" }).click();
  await henrik.getByRole("heading", { level: 1, name: /^Utkast: oslo-2021-03-22/ }).waitFor();
  await expect(henrik.getByText(/^Solveig Dahl, /)).toBeVisible();
  await expect(henrik.getByText(/^Får et annet svar: 2 av \d+ typiske personer$/)).toBeVisible();
  await expect(henrik.getByText("Kari, som bestiller time for pass i Oslo")).toBeVisible();
  await expectAccessible(henrik, "utkast");
  await henrik.getByRole("button", { name: "Godkjenn og kunngjør" }).click();
  await expect(henrik.getByText("Utkastet er godkjent. Det gjelder fra 22. mars 2021.")).toBeVisible();
  await henrik.getByRole("link", { name: "Alle kunngjøringer og regler" }).click();
  await expect(henrik.getByRole("row", { name: /Passkontorene etter påske.*22\. mars 2021, kunngjort i skranken/ })).toBeVisible();

  // The document is in force for decisions from now on.
  const facts = { at: "2021-04-20T09:00:00+02:00", question: "book", application: { type: "passport", district: "oslo" } };
  const answer = await page.request.post(`${open.url}/api/decide`, { data: facts });
  expect((await answer.json()).reasons[0].source).toBe("oslo-2021-03-22#window");
});

test("what holds for the country is approved by Lars in another district, or withdrawn", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Henrik Moe");
  await notices(page, open);
  await page.getByRole("button", { name: "Draft a new version of udi-2020-10-26" }).click();
  const document = page.getByLabel("The document (TOML)");
  await expect(document).toHaveValue(/\nversion = 2\n/);
  await document.fill((await document.inputValue()).replace("days = 10", "days = 12"));
  await page.getByLabel("Holds from").fill("01.04.2021");
  await page.getByRole("button", { name: "See who is answered differently" }).click();
  await expect(page.getByText(/^It changes what holds outside/)).toBeVisible();
  await expect(page.getByText("Asha, an engineer in quarantine who entered 10 days before and books")).toBeVisible();
  await page.getByRole("button", { name: "Save the draft" }).click();
  await page.getByRole("heading", { level: 1, name: /^Draft: / }).waitFor();
  const address = page.url();

  const other = async (name) => {
    const there = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await atDesk(there, open, name);
    await there.goto(address);
    await there.getByRole("heading", { level: 1, name: /^Draft: / }).waitFor();
    await expect(there.getByText("waits for approval")).toBeVisible();
    return there;
  };
  const solveig = await other("Solveig Dahl");
  await expect(solveig.getByRole("button", { name: "Withdraw" })).toBeVisible();
  await expect(solveig.getByRole("button", { name: "Approve and publish" })).toHaveCount(0);
  const lars = await other("Lars Vik");
  await lars.getByRole("button", { name: "Approve and publish" }).click();
  await expect(lars.getByText("The draft is approved. It holds from 1 April 2021.")).toBeVisible();
  await solveig.getByRole("button", { name: "Withdraw" }).click();
  await solveig.getByRole("button", { name: "Yes, withdraw" }).click();
  await expect(solveig.getByText("The draft is withdrawn.")).toBeVisible();
});
