// Third-party tus client for the tests: tus-js-client, which knows the protocol only. The first argument is JSON with url, cookie,
// case, file, name, chunk (in bytes) and how:
// - "whole" sends the file;
// - "resume" aborts after the first chunk, and a second client that knows only the upload's URL resumes;
// - "end" aborts and deletes the upload;
// - "at once" sends the first chunk with the request that creates the upload.
// The result is written as a JSON line.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const { url, cookie, file, name, chunk, how, ...about } = JSON.parse(process.argv[2]);
const content = readFileSync(file);
const requests = [];

function upload(more) {
  return new Promise((done, fail) => {
    const sending = new Upload(content, {
      endpoint: `${url}/api/uploads`,
      headers: { cookie },
      metadata: { filename: name, case: about.case },
      chunkSize: chunk,
      uploadDataDuringCreation: how === "at once",
      retryDelays: [100, 200, 400],
      onAfterResponse: (request, response) => requests.push(`${request.getMethod()} ${response.getStatus()}`),
      onSuccess: () => done(sending.url),
      onError: fail,
      ...more,
      onChunkComplete: () => more.breaksOff && sending.abort(how === "end").then(() => done(sending.url), fail),
    });
    sending.start();
  });
}

try {
  let address = await upload({ breaksOff: how === "resume" || how === "end" });
  if (how === "resume") address = await upload({ uploadUrl: address });
  console.log(JSON.stringify({ address: new URL(address).pathname, requests }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error), requests }));
}
