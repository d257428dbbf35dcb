/** The load of `ack.ts`: posts small, always different Garmin pushes over 128 kept-alive connections for a bounded time, on loopback. */
import { randomUUID } from "node:crypto";
import autocannon from "autocannon";

const [port, path, seconds] = process.argv.slice(2);
const run = randomUUID();
let count = 0;

const result = await autocannon({
  url: `http://127.0.0.1:${port}`,
  connections: 128,
  duration: Number(seconds),
  requests: [
    path === "/health" ? { method: "GET", path } : {
      method: "POST",
      path: path ?? "/",
      headers: { "content-type": "application/json", "garmin-client-id": "bench" },
      setupRequest: (request) => {
        count += 1;
        return {
          ...request,
          body: JSON.stringify({ dailies: [{ userId: "bench", summaryId: `${run}-${count}`, calendarDate: "2026-03-02", startTimeInSeconds: 1_772_406_000, startTimeOffsetInSeconds: 3_600, durationInSeconds: 86_400, steps: count % 20_000 }] }),
        };
      },
    },
  ],
});
console.log(JSON.stringify({ perSecond: result.requests.average, p99Ms: result.latency.p99, errors: result.non2xx + result.errors, acknowledged: result["2xx"] }));
