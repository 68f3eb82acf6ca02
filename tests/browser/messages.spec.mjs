// An applicant's view of sent messages, and of a cancellation by the office.
import { MONDAY, expect, expectAccessible, piotrBooks, test } from "./counter.mjs";

test("who booked sees what was sent, and hears on every page that the office has cancelled", async ({ page, counter }) => {
  const open = await counter(MONDAY);
  await piotrBooks(page, open);
  const receipt = page.url();

  // The page loads the messages once, when it opens. The e-mail is being sent by then.
  const sent = page.getByRole("region", { name: "What we have sent you" });
  await expect(sent).toContainText("Confirmation, e-mail to p•••@example.org");
  await expect(async () => {
    await page.reload();
    await expect(sent).toContainText("Confirmation, e-mail to p•••@example.org: sent Monday 2 November 2020, 09:0", { timeout: 2000 });
  }).toPass();
  await expectAccessible(page, "with messages");

  const said = open.command("close", "SUA", "--from", "2020-11-02", "--to", "2020-12-31", "--yes");
  expect(said).toContain("1 lose their appointment");
  await page.goto(`${open.url}/cases`);
  await expect(page.getByText(/^The office has cancelled your appointment on .* Do not come\.$/)).toBeVisible();
  await expectAccessible(page, "the case");
  await page.goto(receipt);
  await page.getByRole("heading", { level: 1, name: "The office has cancelled this appointment" }).waitFor();
  await expect(page.getByText(/^We are sorry\. Do not come at this time/)).toBeVisible();
  await expect(sent).toContainText("The office has cancelled, e-mail to p•••@example.org");
  await expect(sent).not.toContainText("Reminder");
  await expectAccessible(page, "cancelled by the office");
  await page.getByRole("button", { name: "Norsk" }).click();
  await page.getByRole("heading", { level: 1, name: "Politiet har avlyst denne timen" }).waitFor();
  await expect(page.getByRole("region", { name: "Dette har vi sendt deg" })).toContainText("Politiet har avlyst, e-post til p•••@example.org");
});
