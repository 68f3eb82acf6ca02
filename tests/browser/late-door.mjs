// TCP proxy in front of the server that delays every answer of the API.
import { connect, createServer } from "node:net";

/** Maximum delay of an answer in milliseconds. */
const LONGEST = 300;

/** Pseudo-random numbers from 0 to 1, reproducible by the seed (mulberry32). */
function chance(seed) {
  let state = [...seed].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts the proxy on `port` for the server on `behind`. Resolves with its port and a function that closes it. */
export async function lateDoor(port, behind, seed) {
  const next = chance(seed);
  const sockets = new Set();
  const door = createServer((client) => {
    const server = connect(behind, "127.0.0.1");
    // A connection carries one answer at a time. Only the first bytes of each are delayed.
    let isDue = false;
    let sent = Promise.resolve();
    for (const [socket, other] of [[client, server], [server, client]]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      const head = bytes.toString("latin1", 0, 200);
      if (/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(head)) isDue = /^[A-Z]+ \/api\//.test(head);
      server.write(bytes);
    });
    client.on("end", () => server.end());
    client.on("close", () => server.destroy());
    server.on("data", (bytes) => {
      const wait = isDue ? next() * LONGEST : 0;
      isDue = false;
      sent = sent.then(() => wait && new Promise((go) => setTimeout(go, wait))).then(() => client.write(bytes));
    });
    server.on("close", () => (sent = sent.then(() => client.end())));
  });
  await new Promise((open, failed) => door.once("error", failed).listen(port, "127.0.0.1", open));
  return {
    port: door.address().port,
    stop: () =>
      new Promise((closed) => {
        door.close(closed);
        for (const socket of sockets) socket.destroy();
      }),
  };
}
