// Sample files for uploads, valid and invalid ones.
import { randomBytes } from "node:crypto";

/** A PDF with one page and a line of text. `size` adds this many bytes of an invisible picture, so that sending takes a while. */
export function pdf(text, { size = 0, encrypted = false } = {}) {
  const stream = (dictionary, bytes) => Buffer.concat([Buffer.from(`<<${dictionary}/Length ${bytes.length}>>stream\n`), bytes, Buffer.from("\nendstream")]);
  const objects = [
    Buffer.from("<</Type/Catalog/Pages 2 0 R>>"),
    Buffer.from("<</Type/Pages/Count 1/Kids[4 0 R]>>"),
    Buffer.from("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    Buffer.from("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents 5 0 R>>"),
    stream("", Buffer.from(`BT /F1 24 Tf 40 700 Td (${text}) Tj ET`)),
  ];
  // Hexadecimal data cannot be mistaken for another file format.
  if (size) objects.push(stream("/Filter/ASCIIHexDecode", Buffer.from(randomBytes(size / 2).toString("hex"))));
  const secret = "5f".repeat(32);
  const lock = encrypted ? `/Encrypt <</Filter/Standard/V 1/R 2/O<${secret}>/U<${secret}>/P -4>>/ID[<${secret}><${secret}>]` : "";
  const parts = [Buffer.from("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  const places = [];
  let place = parts[0].length;
  for (const [index, object] of objects.entries()) {
    places.push(place);
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    parts.push(part);
    place += part.length;
  }
  const table = places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  const count = objects.length + 1;
  parts.push(Buffer.from(`xref\n0 ${count}\n0000000000 65535 f \n${table}trailer<</Size ${count}/Root 1 0 R${lock}>>\nstartxref\n${place}\n%%EOF\n`));
  return Buffer.concat(parts);
}

/** A JPEG as taken by an upright camera: stored rotated, with its orientation in the metadata. */
export async function photo(page, width, height) {
  const base64 = await page.evaluate(([width, height]) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    // The left side of the stored image becomes the top.
    context.fillStyle = "firebrick";
    context.fillRect(0, 0, width / 4, height);
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
  }, [width, height]);
  const jpeg = Buffer.from(base64, "base64");
  // A TIFF header with one entry: 0x0112 (orientation), a short, 6 (rotate 90° clockwise).
  const exif = Buffer.from("457869660000" + "4d4d002a00000008" + "0001" + "0112000300000001" + "00060000" + "00000000", "hex");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(exif.length + 2);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from("ffe1", "hex"), length, exif, jpeg.subarray(2)]);
}
