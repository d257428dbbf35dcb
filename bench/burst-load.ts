/** The load of `burst.ts`: so many Garmin pushes, each another, over kept-alive connections on loopback. */
import { Agent, request } from "node:http";
import { garminPush } from "./people.ts";

const [origin = "", ...numbers] = process.argv.slice(2);
const [people = 1, round = 0, count = 0, connections = 1] = numbers.map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const times: number[] = [];
let errors = 0;
let next = 0;

function post(body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(`${origin}/webhooks/garmin`, { agent, method: "POST", headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), "garmin-client-id": "bench" } }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}

async function worker(): Promise<void> {
  while (next < count) {
    const body = garminPush(people, round, next);
    next += 1;
    const begun = performance.now();
    if ((await post(body)) !== 200) errors += 1;
    times.push(performance.now() - begun);
  }
}

const begunAtMs = Date.now();
await Promise.all(Array.from({ length: connections }, worker));
const seconds = (Date.now() - begunAtMs) / 1000;
agent.destroy();
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
console.log(JSON.stringify({ begunAtMs, seconds, errors, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }));
