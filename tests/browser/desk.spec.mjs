// Officers: passkeys, sign-in and administration.
import { expect, expectAccessible, REDUCED, test } from "./counter.mjs";

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

test("the first administrator joins by a link, and signs in by a passkey ever after", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const said = open.command("officer", "add", "Åse Nygård", "--district", "nordland");
  const link = said.match(/http:\S+/)[0].replace("http://localhost:8080", named(open));
  const finger = await giveAuthenticator(page);
  await page.goto(link);
  await page.getByRole("heading", { level: 1, name: "Add your passkey" }).waitFor();
  await expectAccessible(page, "join");

  await finger.verify(false);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("No passkey was added")).toBeVisible();
  await finger.verify(true);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "The desk" }).waitFor();
  await expect(page.getByText("Åse Nygård, administrator, Nordland")).toBeVisible();
  await expectAccessible(page, "desk");

  // A link works once.
  await page.goto(link);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("This link has been used")).toBeVisible();

  await page.goto(`${named(open)}/desk/officers`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await page.goto(`${named(open)}/desk/officers`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: "Officers" }).waitFor();
  await expect(page.getByRole("row", { name: /Åse Nygård/ })).toBeVisible();

  await page.getByLabel("Name").fill("Ola Berg");
  await page.getByRole("button", { name: "Add an officer" }).click();
  await expect(page.getByText("Give Ola Berg this link yourself")).toBeVisible();
  await expectAccessible(page, "officers");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy the link" }).click();
  await expect(page.getByText("Copied", { exact: true })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.locator(".desk-code")).toHaveText(copied);
  // An accidental press does no harm: Enter and Escape close the dialog, and the focus returns to the button.
  const end = page.getByRole("button", { name: "End access: Ola Berg" });
  for (const way of ["Enter", "Escape"]) {
    await end.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "End Ola Berg’s access?" })).toBeVisible();
    await page.keyboard.press(way);
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(end).toBeFocused();
  }
  await expect(page.getByRole("row", { name: /Ola Berg/ })).toBeVisible();
  await end.click();
  await expectAccessible(page, "end access");
  await page.getByRole("button", { name: "Yes, end access" }).click();
  await expect(page.getByRole("row", { name: /Ola Berg/ })).toHaveCount(0);
  await expect(page.getByText("Ola Berg no longer has access.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Officers" })).toBeFocused();
});

test("an applicant loads nothing of the desk", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(`${open.url}/sign-in`);
  await page.getByLabel("E-mail address").waitFor();
  expect(loaded.filter((path) => path.includes("desk"))).toEqual([]);
  await page.goto(`${open.url}/desk`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  expect(loaded.filter((path) => /desk-\w+\.wasm$/.test(path))).toHaveLength(1);
});
