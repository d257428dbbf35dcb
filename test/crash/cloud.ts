/** A vendor's cloud that is mostly unwell: slow, refusing, overloaded, cut off or talking nonsense, as the seed has it. It never has data of its own. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Cloud {
  readonly url: string;
  readonly calls: number;
  readonly faults: number;
  close(): Promise<void>;
}

export async function startCloud(random: () => number): Promise<Cloud> {
  let calls = 0;
  let faults = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume();
    const dice = random();
    const json = { "content-type": "application/json" };
    if (dice >= 0.3) faults += 1;
    if (dice < 0.3) response.writeHead(200, json).end('{"status":"success","type":"body","user":null,"data":[]}');
    else if (dice < 0.5) response.writeHead(503, json).end("{}");
    else if (dice < 0.6) response.writeHead(429, { ...json, "retry-after": "1" }).end("{}");
    else if (dice < 0.75) request.socket.resetAndDestroy();
    else if (dice < 0.9) response.writeHead(200, json).end('{"status":"succ');
    else setTimeout(() => response.destroy(), 3_000).unref();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    get faults() {
      return faults;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
