// A walk through every page of the desk, for whoever wants to look: `look(name)` is called at each stop. `other` is a page of
// somebody else's browser, where applicants book what is cancelled here.
import { atDesk, piotrBooks, signIn } from "./counter.mjs";
import { pdf, photo } from "./papers.mjs";

export async function deskTour(page, other, open, look) {
  await piotrBooks(other, open);

  await page.goto(`${open.url}/desk`);
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await look("desk-sign-in");
  await atDesk(page, open, "Jonas Lie");
  await look("desk-home");
  await page.goto(`${open.url}/desk/times`);
  await page.getByLabel("Office").selectOption("Seksjon for utlendingsforvaltning, Oslo");
  await page.getByText("Publish from a weekly pattern").click();
  await page.getByLabel("First day").fill("25.03.2021");
  await page.getByLabel("Last day").fill("09.04.2021");
  await page.getByLabel("Hours").fill("9-12, 13-15");
  await page.getByLabel("Counters").fill("2");
  await page.getByRole("checkbox", { name: "Work permit" }).check();
  await page.getByRole("button", { name: "See what comes of it" }).click();
  await page.getByRole("button", { name: "Publish these times" }).waitFor();
  await look("desk-times-preview");
  await page.getByRole("button", { name: "Publish these times" }).click();
  await page.getByText(/times are published/).waitFor();
  await page.getByRole("button", { name: /^See the day: Thursday/ }).click();
  await page.getByRole("button", { name: "Take back 09:00" }).first().waitFor();
  await look("desk-times-day");
  await page.goto(`${open.url}/desk/close`);
  await page.getByLabel("Office").selectOption("SUA Oslo");
  await page.getByLabel("First day").fill("22.03.2021");
  await page.getByLabel("Last day").fill("09.04.2021");
  await page.getByRole("button", { name: "See who is affected" }).click();
  await page.getByText("See them (1 of 1)").click();
  await look("desk-close-preview");
  await page.getByRole("button", { name: "Cancel and tell everybody (1)" }).click();
  await page.getByRole("heading", { level: 1, name: "Closing" }).waitFor();
  await look("desk-closing");
  await other.reload();
  await other.getByRole("heading", { level: 1, name: "The office has cancelled this appointment" }).waitFor();
  await look("receipt-office-cancelled", other);
  await page.goto(`${open.url}/desk/invite`);
  await page.getByLabel("Last day to send").fill("16.04.2021");
  await page.getByLabel("What to send and how, in Norwegian").fill("Send alle sidene i passet ditt.\nSend arbeidsavtalen.");
  await page.getByLabel("What to send and how, in English").fill("Send every page of your passport.\nSend your contract.");
  await page.getByRole("button", { name: "See who would be asked" }).click();
  await page.getByRole("heading", { name: /^People who would be asked/ }).waitFor();
  await look("desk-invite-preview");
  await page.getByRole("button", { name: /^Ask them by e-mail/ }).click();
  await page.getByRole("heading", { level: 1, name: "Asked for documents" }).waitFor();
  await look("desk-asking");
  await signIn(other, open, "asha@example.org");
  await other.getByText(/The police ask for your documents/).waitFor();
  await look("cases-asked", other);
  await other.getByRole("link", { name: /^See the case/ }).click();
  await other.getByRole("heading", { name: "The police ask for your documents" }).waitFor();
  await look("case-asked", other);
  const asha = new URL(other.url()).pathname.split("/").pop();
  await sendDocuments(other, look);
  await reviewDocuments(page, open, look);
  await other.reload();
  await other.getByText("The signature is missing.").waitFor();
  await look("documents-returned", other);
  await other.request.post(`${open.url}/api/cases/${asha}/documents/failure`, { data: { what: "no-answer" } });
  await other.reload();
  await other.getByRole("heading", { name: "Call about your documents" }).waitFor();
  await look("documents-by-phone", other);
  await other.goto(`${open.url}/cases/${asha}`);
  await other.getByRole("heading", { name: "Call about your documents" }).waitFor();
  await look("case-by-phone", other);
  await page.goto(`${open.url}/desk/documents`);
  await page.getByRole("button", { name: "Dealt with: Asha Rao" }).waitFor();
  await look("desk-documents-failure");
  await page.goto(`${open.url}/desk/cases/${asha}`);
  await page.getByRole("link", { name: "Download everything (ZIP)" }).waitFor();
  await look("desk-case-documents");
  await page.goto(`${open.url}/desk/find`);
  await page.getByLabel("Reference, booking number, name or phone").fill("an");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText(/^Found:/).waitFor();
  await look("desk-find");
  await page.getByRole("link", { name: /Kari Nordmann/ }).click();
  await page.getByLabel("No", { exact: true }).check();
  await page.getByLabel("I need the passport for a critical journey").check();
  await page.getByRole("heading", { name: "Book this appointment by phone" }).waitFor();
  await look("desk-case-by-phone");
  await page.getByRole("button", { name: /09:00/ }).first().click();
  await page.getByLabel("Why is the journey critical?").fill("Her mother is dying in London");
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.getByRole("heading", { name: "Has an appointment" }).waitFor();
  await look("desk-case-booked");
  await page.goto(`${open.url}/desk/calls`);
  await page.getByText("Nobody has to be called.").waitFor();
  await look("desk-calls");
  await page.goto(`${open.url}/desk/import`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await look("desk-import");
  await page.goto(`${open.url}/desk/numbers`);
  await page.getByRole("table").first().waitFor();
  await look("desk-numbers");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in at the desk" }).waitFor();
  await atDesk(page, open, "Solveig Dahl");
  await page.goto(`${open.url}/desk/officers`);
  await page.getByRole("table").or(page.getByRole("list")).first().waitFor();
  await look("desk-officers");
  await page.goto(`${open.url}/desk/audit`);
  await page.getByRole("table").waitFor();
  await look("desk-audit");
  await page.goto(`${open.url}/desk/notices`);
  await page.getByRole("table").first().waitFor();
  await look("desk-notices");
  await page.getByRole("button", { name: "Draft a new version of oslo-2021-03-16" }).click();
  const document = page.getByLabel("The document (TOML)");
  await document.fill((await document.inputValue()).replace("last = 2021-04-09", "last = 2021-04-25"));
  await page.getByLabel("Holds from").fill("22.03.2021");
  await page.getByRole("button", { name: "See who is answered differently" }).click();
  await page.getByText(/^Answered differently/).waitFor();
  await look("desk-notices-preview");
  await page.getByRole("button", { name: "Save the draft" }).click();
  await page.getByRole("heading", { level: 1, name: "Draft", exact: true }).waitFor();
  await look("desk-notices-draft");
}

async function sendDocuments(page, look) {
  await page.getByRole("link", { name: "Send documents" }).click();
  const files = page.getByLabel("Choose files");
  await files.waitFor();
  await look("documents", page);
  await files.setInputFiles([
    { name: "passport.pdf", mimeType: "application/pdf", buffer: pdf("All pages of a passport", { size: 4_000_000 }) },
    { name: "contract, page 1.jpg", mimeType: "image/jpeg", buffer: await photo(page, 2600, 1900) },
    { name: "IMG_0042.HEIC", mimeType: "image/heic", buffer: Buffer.from("ftypheic") },
  ]);
  await page.getByLabel("Make large pictures smaller before they are sent").check();
  await look("documents-chosen", page);
  const session = await page.context().newCDPSession(page);
  const speed = (uploadThroughput) => session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await session.send("Network.enable");
  await speed(500_000);
  await page.getByRole("button", { name: "Send (2)" }).click();
  await page.waitForFunction(() => document.querySelector("progress")?.value > 20);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("The sending is paused.").waitFor();
  await look("documents-paused", page);
  await speed(-1);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Sent: 2. Not sent: 1.").waitFor();
  await page.getByRole("button", { name: "Remove: IMG_0042.HEIC" }).click();
  await page.getByText("The check found nothing wrong.").nth(1).waitFor();
  await look("documents-sent", page);
}

async function reviewDocuments(page, open, look) {
  await page.goto(`${open.url}/desk/documents`);
  await page.getByRole("link", { name: "contract, page 1.jpg" }).waitFor();
  await look("desk-documents");
  await page.getByRole("link", { name: "contract, page 1.jpg" }).click();
  await page.waitForFunction(() => document.querySelector(".desk-page")?.naturalWidth > 0);
  await page.getByText("Return with a reason").click();
  await page.getByRole("button", { name: "Return the document" }).click();
  await look("desk-document");
  await page.getByLabel("Reason in Norwegian").fill("Underskriften mangler. Send hele siden.");
  await page.getByLabel("Reason in English").fill("The signature is missing. Send the whole page.");
  await page.getByRole("button", { name: "Return the document" }).click();
  await page.getByText("The document is returned with this reason:").waitFor();
  await look("desk-document-returned");
}
