// Officers' passkeys and sessions: lists, removal, and confirmation before changes of access.
import { atDesk, expect, expectAccessible, REDUCED, test } from "./counter.mjs";

/** Six minutes after `REDUCED`. */
const LATER = "2021-03-22T09:06:00+01:00";

/** Passkeys require a host name, not an IP address. */
const named = (counter) => `http://localhost:${counter.port}`;

/** Adds a virtual authenticator to the page. `verify` sets whether it verifies the user. */
async function giveAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return { verify: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
}

/** Registers a passkey with the secret of a link. */
async function joins(page, open, link) {
  await page.goto(`${named(open)}/desk/join#${link.split("#")[1]}`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "The desk" }).waitFor();
}

test("a link for a lost passkey is told to the officer until they have read it", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Solveig Dahl");
  await page.goto(`${open.url}/desk/officers`);
  await page.getByRole("link", { name: "Passkeys: Henrik Moe" }).click();
  await page.getByRole("heading", { level: 1, name: "Passkeys and sessions" }).waitFor();
  await expect(page.getByText("Henrik Moe, administrator")).toBeVisible();
  await expect(page.getByText("No passkey has been added yet.")).toBeVisible();
  await page.getByRole("button", { name: "End all and make a link" }).click();
  await expect(page.getByText("Give Henrik Moe this link yourself")).toBeVisible();
  await expect(page.getByText(/^Solveig Dahl, .*no passkey was added/)).toBeVisible();
  await expectAccessible(page, "another officer's access");
  const link = await page.locator("code").innerText();

  const other = await browser.newContext();
  const henrik = await other.newPage();
  await giveAuthenticator(henrik);
  await joins(henrik, open, link);
  const notice = henrik.getByText(/^Solveig Dahl made a link for a new passkey for you on Monday 22 March 2021/);
  await expect(notice).toBeVisible();
  await expect(notice).toContainText("A passkey was added with it on");
  await expectAccessible(henrik, "the notice");
  await henrik.goto(`${named(open)}/desk/find`);
  await henrik.getByRole("heading", { level: 1, name: "Find a person" }).waitFor();
  await expect(notice).toBeVisible();
  await henrik.getByRole("button", { name: "I have read this" }).click();
  await expect(notice).toBeHidden();
  await henrik.goto(`${named(open)}/desk`);
  await henrik.getByRole("heading", { level: 1, name: "The desk" }).waitFor();
  await expect(notice).toHaveCount(0);

  // A new link by Solveig removes the passkeys and sessions.
  await page.getByRole("button", { name: "End all and make a link" }).click();
  await expect(page.getByText("No passkey has been added yet.")).toBeVisible();
  await henrik.goto(`${named(open)}/desk/find`);
  await henrik.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await other.close();
});

test("an officer sees and ends their own passkeys and sessions", async ({ page, counter, browser }) => {
  const open = await counter(REDUCED);
  const said = open.command("officer", "add", "Åse Nygård", "--district", "nordland");
  await giveAuthenticator(page);
  await joins(page, open, said.match(/http:\S+/)[0]);
  await page.getByRole("navigation", { name: "The desk" }).getByRole("link", { name: "Your passkeys" }).click();
  await page.getByRole("heading", { level: 1, name: "Your passkeys" }).waitFor();
  await expect(page.getByText("You signed in with this one")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Make a link" }).click();
  await expect(page.getByText("Open this link on the other device.")).toBeVisible();
  await expectAccessible(page, "one's own access");

  const other = await browser.newContext();
  const phone = await other.newPage();
  await giveAuthenticator(phone);
  await joins(phone, open, await page.locator("code").innerText());
  await page.reload();
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(2);
  await page.getByRole("button", { name: /^End:/ }).click();
  await expect(page.getByText("The session has ended.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Your passkeys" })).toBeFocused();
  await phone.goto(`${named(open)}/desk`);
  await phone.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  const second = page.getByRole("listitem").filter({ hasText: "added" }).filter({ hasNotText: "You signed in with this one" });
  await second.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.getByText("The passkey is removed")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
  await other.close();
});

test("some minutes after signing in, access is given with the passkey in the hand", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const said = open.command("officer", "add", "Åse Nygård", "--district", "nordland");
  const finger = await giveAuthenticator(page);
  await joins(page, open, said.match(/http:\S+/)[0]);
  const later = await counter(LATER, open.port);
  await page.goto(`${named(later)}/desk/officers`);
  await finger.verify(false);
  await page.getByLabel("Name").fill("Ola Berg");
  await page.getByRole("button", { name: "Add an officer" }).click();
  await expect(page.getByText("you did not show your passkey")).toBeVisible();
  await expect(page.getByRole("row", { name: /Ola Berg/ })).toHaveCount(0);
  await finger.verify(true);
  await page.getByRole("button", { name: "Add an officer" }).click();
  await expect(page.getByText("Give Ola Berg this link yourself")).toBeVisible();
});
