// The call list: people whom no message has reached.
import { createServer } from "node:http";
import { atDesk, caseOf, expect, expectAccessible, REDUCED, signIn, tabTo, test } from "./counter.mjs";

/** An SMS gateway that rejects every number. */
async function gateway() {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(422).end();
  });
  await new Promise((open) => server.listen(0, "127.0.0.1", open));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Gives Kari a telephone number, and an appointment booked by a clerk for a critical journey. */
async function kariHasATime(kari, clerk, open) {
  await signIn(kari, open, "kari@example.org");
  const phone = await kari.request.patch(`${open.url}/api/account`, { data: { language: "en", phone: "+47 22 34 21 07" } });
  expect(phone.ok(), await phone.text()).toBe(true);
  const id = await caseOf(clerk, open, "Kari Nordmann");
  const situation = { entry: null, told_to_report_within_week: false, critical_travel: true };
  const told = await clerk.request.put(`${open.url}/api/desk/cases/${id}/situation`, { data: situation });
  expect(told.ok(), await told.text()).toBe(true);
  const { slots } = await (await clerk.request.get(`${open.url}/api/desk/cases/${id}/times`)).json();
  const booked = await clerk.request.post(`${open.url}/api/desk/appointments`, { data: { case: id, slot: slots[0].id, reason: "A funeral" } });
  expect(booked.status(), await booked.text()).toBe(201);
}

test("Kari's SMS reaches nobody: she is on the call list until a clerk has called her", async ({ page, counter, browser }) => {
  const sms = await gateway();
  const open = await counter(REDUCED, undefined, { SMS_URL: sms.url });
  await atDesk(page, open, "Ingrid Berg", "/desk/calls");
  await expect(page.getByText("Nobody has to be called.")).toBeVisible();
  const kari = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await kariHasATime(kari, page, open);
  open.command("close", "Pass- og ID-kontoret, Oslo", "--from", "2021-03-22", "--to", "2021-05-31", "--yes");

  // A planner follows the delivery.
  const planner = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await atDesk(planner, open, "Jonas Lie", "/desk/close");
  await planner.getByRole("link", { name: /^Pass- og ID-kontoret, Oslo/ }).click();
  await expect(planner.getByRole("row", { name: "Did not get through: on the call list 1" })).toBeVisible();

  await expect(async () => {
    await page.reload();
    await expect(page.getByText("To be called: 1")).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expect(page.getByRole("link", { name: "+47 22 34 21 07" })).toHaveAttribute("href", "tel:+4722342107");
  await expect(page.getByText("the address was not accepted")).toBeVisible();
  await page.getByText("What the message says").click();
  await expect(page.locator(".desk-message")).toContainText("Do not come");
  await expectAccessible(page, "the call list");
  await tabTo(page, page.getByRole("button", { name: "I have called: Kari Nordmann" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Have you called Kari Nordmann?" })).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Yes, I have called" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nobody has to be called.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Call list" })).toBeFocused();
  await planner.reload();
  await expect(planner.getByRole("row", { name: "Did not get through: called 1" })).toBeVisible();
  sms.stop();
});
