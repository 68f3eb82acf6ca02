// Mail server for the tests. The first argument is JSON with its settings. Events are written as JSON lines, and commands are read
// from standard input.
//
// - tls: "none", "starttls" or "implicit", with key and cert; user and password, if it requires them.
// - hold: "greeting" sends no greeting; "answer" accepts a message and answers on the command "go"; "sender" answers the sender's
//   address on the command "go".
//
// Recipients that begin with a key of `refusals` are refused with its value.
import { createInterface } from "node:readline";
import { SMTPServer } from "smtp-server";

const wanted = JSON.parse(process.argv[2] ?? "{}");
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const refusals = {
  unknown: [550, "5.1.1 no such mailbox"],
  nobody: [550, "no such mailbox"],
  blocked: [554, "5.7.1 client host blocked"],
  full: [552, "5.2.2 mailbox full"],
};

const waiting = [];
let holdsSenders = wanted.hold === "sender";
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line !== "go") return;
  holdsSenders = false;
  waiting.splice(0).forEach((answer) => answer());
});
// The server ends with the test.
process.stdin.on("end", () => process.exit());

const server = new SMTPServer({
  secure: wanted.tls === "implicit",
  key: wanted.key,
  cert: wanted.cert,
  disabledCommands: wanted.tls === "starttls" ? [] : ["STARTTLS"],
  authOptional: !wanted.user,
  allowInsecureAuth: true,
  disableReverseLookup: true,
  logger: false,
  onAuth(auth, _session, done) {
    say({ signed_in_as: auth.username, secure: _session.secure });
    const right = auth.username === wanted.user && auth.password === wanted.password;
    done(right ? null : new Error("wrong password"), { user: auth.username });
  },
  onConnect(_session, done) {
    say({ connected: true });
    if (wanted.hold !== "greeting") done();
  },
  onMailFrom(_address, _session, done) {
    say({ sender: true });
    if (holdsSenders) waiting.push(done);
    else done();
  },
  onRcptTo(address, _session, done) {
    const refusal = Object.entries(refusals).find(([word]) => address.address.startsWith(word));
    if (!refusal) return done();
    const [responseCode, words] = refusal[1];
    say({ refused: address.address });
    done(Object.assign(new Error(words), { responseCode }));
  },
  onData(stream, session, done) {
    let raw = "";
    stream.setEncoding("utf8").on("data", (part) => (raw += part));
    stream.on("end", () => {
      const mail = { to: session.envelope.rcptTo.map((one) => one.address), secure: session.secure };
      say(wanted.quiet ? { to: mail.to } : { ...mail, raw });
      if (wanted.hold === "answer") waiting.push(done);
      else done();
    });
  },
});
// Broken connections are part of the tests.
server.on("error", () => {});
server.listen(wanted.port ?? 0, "127.0.0.1", () => say({ port: server.server.address().port }));
