// The frame of every page: the skip link, and the screen after the end of a session.
import { REDUCED, atDesk, caseOf, codes, expect, findTime, newCode, piotrBooks, signIn, test } from "./counter.mjs";

/** Asserts, by keyboard, that the skip link is the first stop, and that the next one is inside the content. */
async function expectSkip(page, what) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
    scrollTo(0, 0);
  });
  const skip = page.locator(".ds-skip-link");
  await skip.focus();
  const path = page.url();
  await page.keyboard.press("Enter");
  await expect(page.locator("main"), what).toBeFocused();
  expect(page.url(), what).toBe(path);
  await page.keyboard.press("Tab");
  // A page of the desk may have no focusable element. The next stop is then behind the content, not in a menu.
  expect(await page.evaluate(() => document.activeElement.closest("header, nav")?.outerHTML ?? ""), what).toBe("");
  // The attribute is removed again, so that a press on plain text does not move the focus.
  await expect(page.locator("main"), what).not.toHaveAttribute("tabindex");
}

test("the skip link leads past the menus on every page, by keyboard", async ({ page, browser, counter }) => {
  // Two dozen pages are loaded.
  test.setTimeout(120_000);
  const open = await counter(REDUCED);
  await page.goto(`${open.url}/check#wish=book&kind=passport&quarantine=no`);
  await page.getByRole("radio", { name: "Book an appointment" }).waitFor();
  await page.keyboard.press("Tab");
  await expect(page.locator(".ds-skip-link")).toBeFocused();
  // The answers stay in the fragment of the URL.
  await expectSkip(page, "check");
  await expect(page.getByRole("radio", { name: "Book an appointment" })).toBeChecked();
  await signIn(page, open, "asha@example.org");
  await expectSkip(page, "cases");
  const [{ id }] = await (await page.request.get(`${open.url}/api/cases`)).json();
  for (const path of ["/", "/sign-in", "/profile", `/cases/${id}`, `/cases/${id}/times`, `/cases/${id}/documents`, "/no/such/page"]) {
    await page.goto(open.url + path);
    await page.locator("main h1").waitFor();
    await page.getByText("Loading …").waitFor({ state: "detached" });
    await expectSkip(page, path);
  }
  const desk = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await desk.goto(`${open.url}/desk`);
  await desk.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await expectSkip(desk, "/desk/sign-in");
  await atDesk(desk, open, "Solveig Dahl");
  const asha = await caseOf(desk, open, "Asha Rao");
  const ways = ["", "/find", "/calls", "/documents", "/times", "/close", "/invite", "/numbers", "/import", "/officers", "/notices", "/audit", `/cases/${asha}`];
  for (const path of ways) {
    await desk.goto(`${open.url}/desk${path}`);
    await desk.getByRole("navigation").waitFor();
    await desk.locator("main h1").waitFor();
    await desk.getByText("Loading …").waitFor({ state: "detached" });
    await expect(desk.locator("main nav"), path).toHaveCount(0);
    await expectSkip(desk, `/desk${path}`);
  }
});

test("who signs out in one tab leaves nothing of a case on the screen of another", async ({ page, context, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("15.03.2021");
  await expect(page.getByText("Asha Rao")).toBeVisible();
  const kept = () => page.evaluate(() => Object.entries(sessionStorage).map((pair) => pair.join(": ")).join("\n"));
  expect(await kept()).toContain("15.03.2021");
  await page.getByRole("button", { name: "Norsk" }).click();
  await page.getByRole("button", { name: "English" }).click();

  const other = await context.newPage();
  await other.goto(`${open.url}/profile`);
  await other.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(other.getByRole("link", { name: "Sign in", exact: true })).toBeVisible();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await expect(page.getByText("Asha Rao")).toHaveCount(0);
  expect(await kept()).not.toContain("15.03.2021");
  // The language and the marks of known browsers do not belong to the session.
  const left = (await context.cookies()).map((cookie) => cookie.name).sort();
  expect(left).toEqual(["language", "skranke-ask", "skranke-known"]);
});

test("who signs in as somebody else finds nothing of the person before", async ({ page, context, counter }) => {
  const open = await counter(REDUCED);
  await signIn(page, open, "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("15.03.2021");
  await expect(page.getByText("Asha Rao")).toBeVisible();
  const other = await context.newPage();
  await signIn(other, open, "piotr@example.org");
  // The first person's tab now belongs to the second person.
  await expect(page.getByText("Asha Rao")).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("15.03.2021");
});

test("a session that runs out while nobody looks empties the screen, and keeps what was typed for the same person", async ({ page, counter }) => {
  await page.clock.install();
  const first = await counter(REDUCED);
  await signIn(page, first, "asha@example.org");
  await findTime(page);
  await page.getByLabel("Yes").check();
  await page.getByLabel("Which day did you enter").fill("15.03.2021");
  await expect(page.getByText("Asha Rao")).toBeVisible();
  const later = await counter("2021-03-22T13:00:05+01:00", first.port);
  const before = await codes(later, "asha@example.org");
  await page.clock.fastForward("04:00:10");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await expect(page.getByText("You have been signed out because the time was up.")).toBeVisible();
  await expect(page.getByText("Asha Rao")).toHaveCount(0);
  await page.getByLabel("E-mail address").fill("asha@example.org");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code from the e-mail").waitFor();
  await page.getByLabel("The code from the e-mail").fill(await newCode(later, "asha@example.org", before));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Find a time");
  await expect(page.getByLabel("Which day did you enter")).toHaveValue("15.03.2021");
});

test("an officer who signs out in one tab leaves nothing on the screen of another", async ({ page, context, browser, counter }) => {
  const open = await counter(REDUCED);
  await piotrBooks(await (await browser.newContext({ locale: "en-GB" })).newPage(), open);
  await atDesk(page, open, "Ingrid Berg");
  const id = await caseOf(page, open, "Piotr");
  await page.goto(`${open.url}/desk/cases/${id}`);
  await expect(page.getByText(/Piotr/).first()).toBeVisible();
  const other = await context.newPage();
  await other.goto(`${open.url}/desk`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in at the desk");
  await expect(page.getByText(/Piotr/)).toHaveCount(0);
});

test("a page for which one has to sign in shows no failure on the way to sign-in", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  // The observer also finds an alert that is removed at once.
  await page.addInitScript(() => {
    window.alerts = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (node.nodeType === 1 && (node.matches("[role=alert]") || node.querySelector("[role=alert]"))) window.alerts.push(node.textContent);
        }
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${open.url}/cases`);
  await expect(page.getByText("Sign in to go on.")).toBeVisible();
  const alerts = await page.evaluate(() => window.alerts.filter((text) => !text.includes("The page could not be loaded")));
  expect(alerts).toEqual([]);
});

