// Comparison server for the benchmark: npm's tus server with its store in the folder of the first argument. It prints its port.
import { createServer } from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const tus = new Server({ path: "/files", datastore: new FileStore({ directory: process.argv[2] }) });
const server = createServer((request, response) => tus.handle(request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
// The server ends with the benchmark.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
