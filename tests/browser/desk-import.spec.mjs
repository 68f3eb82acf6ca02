// Import of the case register from a file.
import { atDesk, expect, expectAccessible, REDUCED, test } from "./counter.mjs";

const HEADER = "reference;born;applicant;type;district;submitted;citizenships\r\n";
const FILE = {
  name: "saker.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(
    `\ufeff${HEADER}OSL-1;17.05.1990;Asha Rao;work;oslo;ja;IN\r\nOSL-2;31.02.1990;Bo Li;study;oslo;ja;CN\r\n` +
      `OSL-3;1990-01-01;Cy Twombly;picnic;oslo;ja;US\r\nOSL-4;1990-01-02;Dag Øye;passport;oslo;nei;NO\r\n`,
  ),
};

test("a planner takes the good rows of a file, and the same file changes nothing", async ({ page, counter }) => {
  const open = await counter(REDUCED);
  await atDesk(page, open, "Jonas Lie");
  await page.getByRole("navigation", { name: "The desk" }).getByRole("link", { name: "Import cases" }).click();
  await page.getByRole("heading", { level: 1, name: "Import cases" }).waitFor();
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(new URL(request.url()).pathname));
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByText("Choose a file first.")).toBeVisible();
  await page.getByLabel("The file").setInputFiles(FILE);
  expect(sent, "nothing is sent before somebody asks").toEqual([]);
  await expectAccessible(page, "before");

  const count = (name) => page.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell");
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByRole("heading", { name: "What the file would change" })).toBeVisible();
  await expect(count("New cases")).toHaveText("2");
  await expect(count("Rows with errors")).toHaveText("2");
  await expect(page.getByRole("row", { name: /^1 born There is no such day\. no-such-day 31\.02\.1990 3$/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^1 type There is no such type of application\. unknown-type picnic 4$/ })).toBeVisible();
  await expectAccessible(page, "preview");

  await page.getByRole("button", { name: "Take the good rows" }).click();
  await expect(page.getByText("The register is up to date with the good rows of saker.csv.")).toBeVisible();
  await expectAccessible(page, "taken");
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByText("There is nothing to take")).toBeVisible();
  await expect(count("Already as in the file")).toHaveText("2");
  await expect(page.getByRole("button", { name: "Take the good rows" })).toHaveCount(0);
  expect(sent).toEqual(["/api/desk/imports/preview", "/api/desk/imports", "/api/desk/imports/preview"]);

  // A file from Norwegian Excel: not UTF-8, with Norwegian headings. Equal errors share a row.
  const rows = ["OSL-5;17.05.1990;Bjørn Åse;Pass;Oslo;ja;NO", ...Array.from({ length: 30 }, (_, at) => `OSL-${at + 6};i går;Bo;Visum;Oslo;ja;NO`)];
  const text = `Referanse;Fødselsdato;Navn;Søknadstype;Distrikt;Innsendt;Statsborgerskap\r\n${rows.join("\r\n")}\r\n`;
  await page.getByLabel("The file").setInputFiles({ name: "excel.csv", mimeType: "text/csv", buffer: Buffer.from(text, "latin1") });
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByText("The file was read as Windows-1252, as Excel saves “CSV”.")).toBeVisible();
  await expect(count("New cases")).toHaveText("1");
  await expect(page.getByRole("row", { name: /^30 born This is not a date\. not-a-date i går 3, 4, 5, .* …$/ })).toBeVisible();
  await expectAccessible(page, "windows");

  // The page is not in a clerk's menu.
  await page.getByRole("button", { name: "Sign out" }).click();
  await atDesk(page, open, "Ingrid Berg");
  await expect(page.getByRole("link", { name: "Import cases" })).toHaveCount(0);
});
