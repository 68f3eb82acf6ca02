// Sending documents on request of the police, with interruptions and failures, up to the review at the desk.
import { askForDocuments, atDesk, expect, expectAccessible, REDUCED, signIn, tabTo, test } from "./counter.mjs";
import { pdf, photo } from "./papers.mjs";

const PDF = { name: "passport.pdf", mimeType: "application/pdf" };

/** Requests documents from Asha and opens her page for sending them. Returns the server, the officer's page and the case's id. */
async function asked(page, counter, browser) {
  const open = await counter(REDUCED);
  const desk = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await atDesk(desk, open, "Ingrid Berg");
  const id = await askForDocuments(desk, open, "Asha Rao");
  await signIn(page, open, "asha@example.org", `/sign-in?to=/cases/${id}`);
  await page.getByRole("link", { name: "Send documents" }).click();
  await page.getByRole("heading", { level: 1, name: "Send documents" }).waitFor();
  return { open, desk, id };
}

async function choose(page, ...files) {
  await page.getByLabel("Choose files").setInputFiles(files);
}

async function send(page) {
  await page.getByRole("button", { name: /^Send \(/ }).click();
}

/** The sent document with this name. */
function sent(page, name) {
  return page.getByRole("region", { name: "Documents you have sent" }).getByRole("listitem").filter({ hasText: name });
}

/** Limits the upload to this many bytes per second. */
async function throttle(page, bytesASecond) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesASecond });
}

/** Waits until a part of a file has been sent, but not all of it. */
async function onTheWay(page) {
  await expect.poll(async () => Number(await page.getByRole("progressbar").first().evaluate((bar) => bar.value)), { timeout: 15_000 }).toBeGreaterThan(5);
  expect(Number(await page.getByRole("progressbar").first().evaluate((bar) => bar.value))).toBeLessThan(90);
}

/** Starts to send a document that takes some seconds. */
async function sendSlowly(page) {
  await throttle(page, 300_000);
  await choose(page, { ...PDF, buffer: pdf("A long document", { size: 6_000_000 }) });
  await send(page);
  await onTheWay(page);
}

test("Asha sends a PDF and a picture; the office accepts one, returns the other, and she sends it again", async ({ page, counter, browser }) => {
  test.setTimeout(90_000);
  const { open, desk, id } = await asked(page, counter, browser);
  await expect(page.getByText("Send every page of your passport.")).toBeVisible();
  await expect(page.getByText("Send them electronically on Friday 16 April 2021 at the latest.")).toBeVisible();
  await expect(page.getByText(/Each file can have up to 20 MB, and all files of the case together up to 100 MB/)).toBeVisible();
  await expectAccessible(page, "documents, nothing chosen");
  const picture = await photo(page, 800, 600);
  await choose(page, { ...PDF, buffer: pdf("Page of a passport") }, { name: "contract.jpg", mimeType: "image/jpeg", buffer: picture });
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expectAccessible(page, "documents, chosen");
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await send(page);
  await expect(page.getByText("Everything is sent (2).")).toBeVisible();
  for (const name of ["passport.pdf", "contract.jpg"]) {
    await expect(sent(page, name).getByText("Checked", { exact: true })).toBeVisible({ timeout: 15_000 });
    await expect(sent(page, name)).toContainText("The check found nothing wrong.");
    await expect(sent(page, name)).toContainText("We keep it until");
  }
  await expectAccessible(page, "documents, sent");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);

  // A file that was sent before is recognised.
  await choose(page, { ...PDF, buffer: Buffer.from("%PDF-1.4 another one") }, { name: "contract.jpg", mimeType: "image/jpeg", buffer: picture });
  await page.getByRole("button", { name: "Remove: passport.pdf" }).click();
  await send(page);
  await expect(page.getByText("You have sent this file already.")).toBeVisible();
  await page.getByRole("button", { name: "Remove: contract.jpg" }).click();

  await desk.getByRole("link", { name: "Received documents" }).first().click();
  await expect(desk.getByRole("heading", { name: "Waiting to be dealt with: 2" })).toBeVisible();
  await expect(desk.getByText("not scanned for viruses").first()).toBeVisible();
  await expectAccessible(desk, "inbox");
  // The buttons are below the page image on a narrow screen, and do not move when it loads.
  const wide = desk.viewportSize();
  await desk.setViewportSize({ width: 390, height: 800 });
  let come;
  const mayCome = new Promise((resolve) => (come = resolve));
  await desk.route("**/pages/1", (route) => mayCome.then(() => route.continue()));
  await desk.getByRole("link", { name: "passport.pdf" }).click();
  await desk.getByRole("heading", { level: 1, name: "Document" }).waitFor();
  const accept = desk.getByRole("button", { name: "Accept" });
  const before = await accept.boundingBox();
  come();
  const drawn = desk.getByRole("img", { name: "passport.pdf: Page 1 of 1" });
  await expect.poll(() => drawn.evaluate((image) => image.naturalWidth)).toBeGreaterThan(500);
  expect(Math.abs((await accept.boundingBox()).y - before.y)).toBeLessThan(5);
  await desk.setViewportSize(wide);
  await expect(desk.getByText("No virus scanner has looked at this document.")).toBeVisible();
  await expect(desk.getByRole("link", { name: "Download the original" })).toHaveCount(0);
  await expectAccessible(desk, "document");
  await expect(desk).toHaveTitle("passport.pdf, Asha Rao – Document – Skranke");
  await desk.getByRole("button", { name: "Accept" }).click();
  await desk.getByRole("button", { name: "Yes, accept" }).click();
  await expect(desk.getByText("The document is accepted.")).toBeVisible();
  await expect(desk.getByRole("button", { name: "Accept" })).toHaveCount(0);

  await desk.getByRole("link", { name: "All received documents" }).click();
  await desk.getByRole("link", { name: "contract.jpg" }).click();
  // The image must have its final size before the next step.
  await expect.poll(() => desk.getByRole("img", { name: /^contract.jpg/ }).evaluate((image) => image.naturalWidth)).toBeGreaterThan(500);
  await desk.getByText("Return with a reason").click();
  await desk.getByRole("button", { name: "Return the document" }).click();
  await expect(desk.getByText("Write what is wrong, and what the applicant should do.").first()).toBeVisible();
  await desk.getByLabel("Reason in Norwegian").fill("Underskriften mangler.");
  await desk.getByLabel("Reason in English").fill("The signature is missing.");
  await desk.reload();
  await expect(desk.getByLabel("Reason in English")).toHaveValue("The signature is missing.");
  await expectAccessible(desk, "document, to be returned");
  await desk.getByRole("button", { name: "Return the document" }).click();
  await expect(desk.getByText("The document is returned with this reason:")).toBeVisible();
  await expect(desk.getByRole("heading", { level: 1 })).toBeFocused();

  await page.reload();
  await expect(sent(page, "passport.pdf").getByText("Accepted", { exact: true })).toBeVisible();
  await expect(sent(page, "contract.jpg").getByText("Returned", { exact: true })).toBeVisible();
  await expect(sent(page, "contract.jpg")).toContainText("The signature is missing.");
  await page.getByRole("button", { name: "Norsk" }).click();
  await expect(page.getByText("Underskriften mangler.")).toBeVisible();
  await expectAccessible(page, "documents, in Norwegian");
  await page.getByRole("button", { name: "English" }).click();
  await choose(page, { name: "contract.jpg", mimeType: "image/jpeg", buffer: await photo(page, 900, 700) });
  await send(page);
  await expect(sent(page, "contract.jpg").getByText("Checked", { exact: true })).toBeVisible({ timeout: 15_000 });

  await desk.goto(`${open.url}/desk/cases/${id}`);
  const documents = desk.getByRole("region", { name: "Documents" });
  await expect(documents.getByRole("listitem")).toHaveCount(3);
  const download = desk.waitForEvent("download");
  await documents.getByRole("link", { name: "Download everything (ZIP)" }).click();
  expect((await download).suggestedFilename()).toBe("DEMO-0101.zip");
});

test("sending pauses, goes on, survives a reload, a restart of the server and a cut line", async ({ page, context, counter, browser }) => {
  test.setTimeout(150_000);
  const { open } = await asked(page, counter, browser);
  const file = { ...PDF, buffer: pdf("A long document", { size: 16_000_000 }) };
  await throttle(page, 500_000);
  await choose(page, file, { ...PDF, name: "second.pdf", buffer: pdf("Another one") });
  await send(page);
  await onTheWay(page);
  await expect(page.getByText("Sending file 1 of 2. Stay on this page")).toBeVisible();
  await expectAccessible(page, "documents, sending");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("The sending is paused.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Go on" })).toBeFocused();
  await page.getByRole("button", { name: "Go on" }).click();
  await onTheWay(page);

  // A reload loses the file, and keeps what has arrived of it.
  await page.reload();
  const begun = sent(page, "passport.pdf");
  await expect(begun).toContainText(/[1-9]\d* % is here\. Choose the same file again/);
  await choose(page, file);
  await send(page);
  await onTheWay(page);

  await context.setOffline(true);
  await expect(page.getByText("The sending goes on by itself when the connection is back.")).toBeVisible();
  await context.setOffline(false);
  await throttle(page, 500_000);
  await onTheWay(page);

  await open.stop();
  await expect(page.getByText("We get no answer from the counter. We try again")).toBeVisible({ timeout: 15_000 });
  await counter(REDUCED, open.port);
  await throttle(page, 20_000_000);
  await expect(page.getByText("Everything is sent (1).")).toBeVisible({ timeout: 60_000 });
  await expect(sent(page, "passport.pdf").getByText("Checked", { exact: true })).toBeVisible({ timeout: 15_000 });
  await expect(sent(page, "passport.pdf")).toHaveCount(1);
});

test("documents are sent by keyboard alone, and what happens is read out", async ({ page, counter, browser }) => {
  await asked(page, counter, browser);
  await throttle(page, 400_000);
  await tabTo(page, page.getByLabel("Choose files"));
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles([{ ...PDF, buffer: pdf("A long document", { size: 3_000_000 }) }]);
  await tabTo(page, page.getByRole("button", { name: "Send (1)" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "The files you have chosen" })).toBeFocused();
  await onTheWay(page);
  await tabTo(page, page.getByRole("button", { name: "Pause" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Go on" })).toBeFocused();
  await expect(page.getByRole("status").filter({ hasText: "The sending is paused." })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Everything is sent (1)." })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("status").filter({ hasText: "passport.pdf: Checked" })).toBeAttached({ timeout: 15_000 });
});

test("what is taken back on its way leaves nothing", async ({ page, counter, browser }) => {
  await asked(page, counter, browser);
  await sendSlowly(page);
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE" && response.status() === 204);
  await page.getByRole("button", { name: "Cancel: passport.pdf" }).click();
  await expect(page.getByLabel("Choose files")).toBeFocused();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await deleted;
  await page.reload();
  await page.getByLabel("Choose files").waitFor();
  await expect(page.getByText("passport.pdf")).toHaveCount(0);
});

test("what still fails after several tries is done by phone, with a code that the office knows", async ({ page, counter, browser }) => {
  test.setTimeout(120_000);
  const { open, desk } = await asked(page, counter, browser);
  const stop = (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue());
  await page.route("**/api/uploads/*", stop);
  await choose(page, { ...PDF, buffer: pdf("Page of a passport") });
  await send(page);
  await expect(page.getByText("We get no answer from the counter. We try again")).toBeVisible();
  const alert = page.getByRole("alert");
  await expect(alert.getByRole("heading", { name: "Call about your documents" })).toBeVisible({ timeout: 40_000 });
  await expect(alert.getByRole("link", { name: "Call 22 34 21 00" })).toHaveAttribute("href", "tel:22342100");
  const code = await alert.locator(".number").textContent();
  expect(code).toMatch(/^[A-Z0-9]{3}-[A-Z0-9]{3}$/);
  await expect(page.getByLabel("Choose files")).toHaveCount(0);
  await expectAccessible(page, "documents, by phone");
  await page.getByRole("link", { name: "Back to the case" }).click();
  await expect(page.getByRole("heading", { name: "Call about your documents" })).toBeVisible();
  await expect(page.locator(".number")).toHaveText(code);
  await expect(page.getByRole("link", { name: "Send documents" })).toHaveCount(0);
  await page.getByRole("link", { name: "See what you have sent" }).click();

  await desk.goto(`${open.url}/desk/find`);
  await desk.getByLabel("Reference, booking number, name or phone").fill(code);
  await desk.getByRole("button", { name: "Search" }).click();
  await desk.getByRole("link", { name: /Asha Rao/ }).click();
  await expect(desk.getByRole("region", { name: "Documents" })).toContainText(code);
  await expectAccessible(desk, "case whose sending has failed");
  await desk.goto(`${open.url}/desk/documents`);
  await expect(desk.getByText(code)).toBeVisible();
  await expect(desk.getByText("The browser got no answer from the counter.")).toBeVisible();
  await desk.getByRole("button", { name: "Dealt with: Asha Rao" }).click();
  await expect(desk.getByText(code)).toHaveCount(0);

  await page.unroute("**/api/uploads/*", stop);
  await page.getByRole("button", { name: "See whether I can send now" }).click();
  await choose(page, { ...PDF, buffer: pdf("Page of a passport") });
  await send(page);
  await expect(page.getByText("Everything is sent (1).")).toBeVisible();
});

test("where not even the office can be told, the page says whom to call, and keeps what was chosen", async ({ page, counter, browser }) => {
  test.setTimeout(90_000);
  await asked(page, counter, browser);
  const stop = (route) => (route.request().method() === "GET" ? route.continue() : route.abort());
  for (const address of ["**/api/uploads", "**/api/uploads/*", "**/documents/failure"]) await page.route(address, stop);
  await choose(page, { ...PDF, buffer: pdf("Page of a passport") });
  await send(page);
  const alert = page.getByRole("alert");
  await expect(alert.getByRole("link", { name: "Call 22 34 21 00" })).toBeVisible({ timeout: 40_000 });
  await expect(alert.locator(".number")).toHaveCount(0);
  await expect(alert).toContainText("the office has not been told");
  await page.unrouteAll();
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Everything is sent (1).")).toBeVisible();
});

test("what cannot be sent is said before it is sent, and what cannot be used after it was checked", async ({ page, counter, browser }) => {
  await asked(page, counter, browser);
  const requests = [];
  page.on("request", (request) => request.url().includes("/api/uploads") && requests.push(request.method()));
  await choose(
    page,
    { name: "photo.heic", mimeType: "image/heic", buffer: Buffer.from("ftypheic") },
    { name: "empty.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) },
    { name: "large.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(20_000_001) },
    { name: "letter.docx", mimeType: "application/msword", buffer: Buffer.from("PK") },
    { name: `${"a".repeat(300)}.pdf`, mimeType: "application/pdf", buffer: pdf("A long name") },
  );
  const chosen = page.getByRole("region", { name: "The files you have chosen" });
  for (const [name, sentence] of [
    ["photo.heic", "Settings > Camera > Formats > Most Compatible"],
    ["empty.pdf", "The file is empty."],
    ["large.pdf", "The file is too large."],
    ["letter.docx", "This is neither a PDF nor a picture"],
    ["aaaa", "We cannot keep the file’s name."],
  ]) {
    await expect(chosen.getByRole("listitem").filter({ hasText: name })).toContainText(sentence);
  }
  await expect(page.getByRole("button", { name: /^Send \(/ })).toHaveCount(0);
  await expectAccessible(page, "documents that cannot be sent");
  expect(requests).toEqual([]);
  await choose(page, { name: "locked.pdf", mimeType: "application/pdf", buffer: pdf("Secret", { encrypted: true }) });
  await send(page);
  await expect(sent(page, "locked.pdf")).toContainText("The PDF is protected by a password.", { timeout: 15_000 });
  // The media type says PDF. The server recognises the content by its first bytes.
  await choose(page, { name: "program.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\x00".padEnd(2000, "x")) });
  await send(page);
  await expect(chosen.getByRole("listitem").filter({ hasText: "program.pdf" })).toContainText("neither a PDF nor a picture", { timeout: 15_000 });
  // The status does not claim that everything is sent while a file is refused.
  await choose(page, { ...PDF, buffer: pdf("Page of a passport") });
  await send(page);
  await expect(page.getByText("Sent: 1. Not sent: 6.")).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText(/Everything is sent/)).toHaveCount(0);
});

test("a large picture is made smaller and upright if its sender agrees", async ({ page, counter, browser }) => {
  test.setTimeout(60_000);
  const { open, desk } = await asked(page, counter, browser);
  await choose(page, { name: "IMG_1.JPG", mimeType: "image/jpeg", buffer: await photo(page, 4000, 3000) });
  const smaller = page.getByLabel("Make large pictures smaller before they are sent");
  await expect(smaller).not.toBeChecked();
  await smaller.check();
  await expectAccessible(page, "documents, a large picture");
  await send(page);
  await expect(sent(page, "IMG_1.jpg").getByText("Checked", { exact: true })).toBeVisible({ timeout: 15_000 });
  await desk.goto(`${open.url}/desk/documents`);
  await desk.getByRole("link", { name: "IMG_1.jpg" }).click();
  const drawn = desk.getByRole("img", { name: /IMG_1/ });
  await expect.poll(() => drawn.evaluate((image) => image.naturalHeight / (image.naturalWidth || 1))).toBeCloseTo(4 / 3, 1);
  // The left side of the camera's image is at the top.
  const [top, bottom] = await drawn.evaluate((image) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return [0.1, 0.9].map((at) => [...context.getImageData(canvas.width / 2, canvas.height * at, 1, 1).data]);
  });
  expect(top[1]).toBeLessThan(100);
  expect(bottom[1]).toBeGreaterThan(200);
});

test("an invitation that ends in the middle ends the sending, and says so", async ({ page, counter, browser }) => {
  test.setTimeout(60_000);
  const { open, desk, id } = await asked(page, counter, browser);
  await sendSlowly(page);
  const withdrawn = await desk.request.delete(`${open.url}/api/desk/cases/${id}/invitation`);
  expect(withdrawn.ok()).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The police have not asked you for documents electronically", { timeout: 15_000 });
  await expect(alert).toContainText("These files were not taken: passport.pdf");
  await expect(page.getByLabel("Choose files")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Documents you have sent" })).toHaveCount(0);
  await expectAccessible(page, "documents, withdrawn");
});

test("what came before an invitation was withdrawn is seen, and nobody is told to go on with it", async ({ page, counter, browser }) => {
  test.setTimeout(60_000);
  const { open, desk, id } = await asked(page, counter, browser);
  await sendSlowly(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const received = async () => {
    const { documents } = await (await page.request.get(`${open.url}/api/cases/${id}/documents`)).json();
    return documents[0]?.received ?? 0;
  };
  await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0);
  expect((await desk.request.delete(`${open.url}/api/desk/cases/${id}/invitation`)).ok()).toBe(true);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("alert")).toContainText("These files were not taken: passport.pdf", { timeout: 15_000 });
  await expect(sent(page, "passport.pdf")).toContainText(/Only \d+ % of the file came, so it was not taken\./);
  await expect(page.getByText("Choose the same file again")).toHaveCount(0);
  await page.getByRole("link", { name: "Back to the case" }).click();
  await page.getByRole("link", { name: "See what you have sent" }).click();
  await expect(sent(page, "passport.pdf")).toContainText("so it was not taken");
});

test("who applies for citizenship, or was not asked, has no way", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  for (const [email, why] of [
    ["ama@example.org", "Applications for citizenship cannot be delivered electronically"],
    ["asha@example.org", "The police have not asked you for documents electronically"],
  ]) {
    await signIn(page, open, email);
    await page.getByRole("link", { name: /^See the case/ }).first().click();
    await page.getByRole("heading", { level: 1, name: "Your case" }).waitFor();
    await expect(page.getByRole("link", { name: /document/i })).toHaveCount(0);
    await expect(page.getByRole("button", { name: /document/i })).toHaveCount(0);
    await page.goto(`${page.url()}/documents`);
    await expect(page.getByRole("heading", { name: why })).toBeVisible();
    await expect(page.locator("input[type=file]")).toHaveCount(0);
    await expectAccessible(page, `documents of ${email}`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in", exact: true }).first().waitFor();
  }
});
