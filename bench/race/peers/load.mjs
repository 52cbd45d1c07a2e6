// Load on one address: argv = url, connections, seconds, file with {headers, bodies}. Prints JSON.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const [url, connections, seconds, file] = process.argv.slice(2);
const { headers, bodies } = JSON.parse(readFileSync(file, "utf8"));
const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  method: "POST",
  headers,
  requests: bodies.map((body) => ({ body })),
});
console.log(
  JSON.stringify({
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.errors + result.timeouts + result.non2xx,
  }),
);
