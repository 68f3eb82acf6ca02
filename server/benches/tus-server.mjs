// The npm package `@tus/server` with a file store in the folder given as first argument. It prints its port.
import { createServer } from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const tus = new Server({ path: "/files", datastore: new FileStore({ directory: process.argv[2] }) });
const server = createServer((request, response) => tus.handle(request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
// Standard input closes when the benchmark ends.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
