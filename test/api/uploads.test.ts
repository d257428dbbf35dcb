/** A virus scanner that an operator has set up is asked about what people import. */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

let test: TestApp;
let server: Server;
const sockets = new Set<Socket>();
let isAway = false;

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (isAway) {
      socket.destroy();
      return;
    }
    let held = Buffer.alloc(0);
    socket.on("data", (piece: Buffer) => {
      held = Buffer.concat([held, piece]);
      if (held.subarray(-4).equals(Buffer.alloc(4))) socket.end(held.includes("EICAR") ? "stream: Eicar-Test-Signature FOUND\0" : "stream: OK\0");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test = await startTestApp({ env: { ISLET_CLAMAV: `127.0.0.1:${(server.address() as AddressInfo).port}` } });
});
afterAll(async () => {
  await test.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const send = (payload: string) => test.request({ as: test.people.patient, method: "POST", url: "/api/v1/patients/me/imports", payload, headers: { "content-type": "text/csv" } });
const deliveries = () => test.db.asOwner("select 1 from deliveries where provider = 'import'");

it("refuses an imported file that it knows, takes none while it is away, and takes others [ASVS 5.4.3]", async () => {
  const infected = await send("time,gl,note\n2026-10-14 06:30,100,EICAR\n");
  expect([infected.statusCode, problemOf(infected).code]).toEqual([422, "file_infected"]);
  isAway = true;
  const unseen = await send("time,gl\n2026-10-14 06:30,100\n");
  expect([unseen.statusCode, problemOf(unseen).code, unseen.headers["retry-after"]]).toEqual([503, "unavailable", "60"]);
  expect(await deliveries()).toEqual([]);
  isAway = false;
  expect((await send("time,gl\n2026-10-14 06:30,100\n")).statusCode).toBe(200);
  expect(await deliveries()).toHaveLength(1);
});
