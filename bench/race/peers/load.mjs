// Load on one address: argv = url, connections, seconds, file with {headers, bodies}. Prints JSON.
//
// Written on plain sockets, because the generator shares its cores with what it measures: it reads
// how long an answer is, counts its bytes, and sends the next request when the last one is there.
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const [address, connections, seconds, file] = process.argv.slice(2);
const url = new URL(address);
const { headers, bodies } = JSON.parse(readFileSync(file, "utf8"));
const requests = bodies.map((body) => {
  const content = Buffer.from(body, "utf8");
  const lines = Object.entries({ host: url.host, ...headers, "content-length": content.length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${head}\r\n`), content]);
});

const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const latencies = [];
let failed = 0;
let next = 0;
let over = false;
const started = performance.now();
const sockets = [];

function client() {
  const socket = connect(Number(url.port), url.hostname);
  let sentAt = 0;
  let head = null; // what has come of an answer whose headers are not complete
  let missing = -1; // bytes of the body still to come; -1: before the headers
  let tail = null; // the last bytes of an answer in chunks

  const send = () => {
    if (over) return;
    head = null;
    missing = -1;
    tail = null;
    sentAt = performance.now();
    socket.write(requests[next++ % requests.length]);
  };
  const done = () => {
    latencies.push(performance.now() - sentAt);
    send();
  };
  const chunked = (data) => {
    tail = tail === null ? data : Buffer.concat([tail.subarray(-LAST_CHUNK.length), data]);
    if (tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) done();
  };

  socket.setNoDelay(true);
  socket.on("connect", send);
  socket.on("data", (data) => {
    if (tail !== null) return chunked(data);
    if (missing >= 0) {
      missing -= data.length;
      if (missing === 0) done();
      return;
    }
    head = head === null ? data : Buffer.concat([head, data]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    const text = head.latin1Slice(0, end).toLowerCase();
    if (!text.startsWith("http/1.1 200")) failed += 1;
    const length = /\r\ncontent-length: *(\d+)/.exec(text);
    const body = head.subarray(end + HEAD_END.length);
    if (length === null) return chunked(body);
    missing = Number(length[1]) - body.length;
    if (missing === 0) done();
  });
  socket.on("error", () => {
    if (!over) failed += 1;
  });
  socket.on("close", () => {
    if (!over) failed += 1;
  });
  sockets.push(socket);
}

for (let count = 0; count < Number(connections); count += 1) client();

setTimeout(() => {
  over = true;
  const took = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort((one, other) => one - other);
  const at = (share) => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
  console.log(
    JSON.stringify({
      perSecond: latencies.length / took,
      p50: at(0.5),
      p99: at(0.99),
      failed,
    }),
  );
  process.exit(0);
}, Number(seconds) * 1000);
