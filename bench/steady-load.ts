/** The load of `steady.ts`: pushes at their times, whether or not those before were answered. */
import { Agent, request } from "node:http";
import { garminPush } from "./people.ts";

const [origin = "", ...numbers] = process.argv.slice(2);
const [people = 1, perSecond = 1, seconds = 1] = numbers.map(Number);
const total = perSecond * seconds;
/** More than this at once would be a server that no longer answers. */
const MOST_AT_ONCE = 512;
const agent = new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE });
const times: number[] = [];
let errors = 0;
let sent = 0;

function post(body: string, dueMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (status: number): void => {
      if (status !== 200) errors += 1;
      times.push(performance.now() - dueMs);
      resolve();
    };
    const call = request(`${origin}/webhooks/garmin`, { agent, method: "POST", headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), "garmin-client-id": "bench" } }, (answer) => {
      answer.resume();
      answer.on("end", () => done(answer.statusCode ?? 0));
    });
    call.on("error", () => done(0));
    call.end(body);
  });
}

const begunAtMs = Date.now();
const begun = performance.now();
const open = new Set<Promise<void>>();
while (sent < total) {
  while (sent < total && begun + (sent * 1000) / perSecond <= performance.now()) {
    const dueMs = begun + (sent * 1000) / perSecond;
    // A round of its own for every 200 days of each person, so that no two are alike.
    const round = Math.floor(sent / (people * 200));
    const one = post(garminPush(people, round, sent % (people * 200)), dueMs).finally(() => open.delete(one));
    open.add(one);
    sent += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
}
await Promise.all(open);
agent.destroy();
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
console.log(JSON.stringify({ begunAtMs, sent, errors, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }));
