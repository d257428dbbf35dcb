/** The fault proxy does what it is told: a test that stands on it is worth no more than it. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startFaultProxy, type FaultProxy } from "./kit/fault-proxy.ts";

let echo: Server;
let proxy: FaultProxy;
/** What the server has heard on all its connections. */
let heard: Buffer[];
beforeEach(async () => {
  heard = [];
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk);
      socket.write(chunk);
    });
    socket.on("end", () => socket.end());
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port }, () => 0.5);
});
afterEach(async () => {
  await proxy.close();
  echo.close();
});

interface Caller {
  readonly socket: Socket;
  text(): string;
  /** Resolves when so much has come back. */
  until(text: string): Promise<void>;
  readonly ended: Promise<"end" | "error">;
}

async function call(): Promise<Caller> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = Promise.race([once(socket, "end").then(() => "end" as const), once(socket, "error").then(() => "error" as const)]).catch(() => "error" as const);
  await once(socket, "connect");
  return {
    socket, ended, text: () => text,
    until: async (wanted) => {
      for (;;) {
        if (text === wanted) return;
        await once(socket, "data");
      }
    },
  };
}

describe("the fault proxy", () => {
  it("passes everything on while it is well, and the end of either side too", async () => {
    const caller = await call();
    const long = "abc".repeat(100_000);
    caller.socket.end(long);
    await caller.until(long);
    expect(await caller.ended).toBe("end");
    expect(Buffer.concat(heard).toString()).toBe(long);
    expect(proxy.made).toBe(1);
  });

  it("delays each piece, and cuts it into slices", async () => {
    proxy.asks({ sliceBytes: 1, latencyMs: 10, jitterMs: 20 });
    const caller = await call();
    const startedMs = performance.now();
    caller.socket.write("slow");
    await caller.until("slow");
    expect(performance.now() - startedMs).toBeGreaterThan(4 * 19);
    expect(heard.length).toBe(4);
  });

  it("throttles to a number of bytes a second", async () => {
    proxy.answers({ bytesPerSecond: 10_000 });
    const caller = await call();
    const startedMs = performance.now();
    caller.socket.write("x".repeat(1_000));
    await caller.until("x".repeat(1_000));
    expect(performance.now() - startedMs).toBeGreaterThan(95);
  });

  it("drops answers only: the server has heard what the client never hears of", async () => {
    proxy.answers({ silentAfterBytes: 3 });
    const caller = await call();
    caller.socket.write("committed");
    await caller.until("com");
    while (Buffer.concat(heard).toString() !== "committed") await new Promise((resolve) => setImmediate(resolve));
    expect(caller.text()).toBe("com");
    proxy.heal();
    expect(await caller.ended).toBe("error");
  });

  it("leaves a connection half-open: neither side hears of the other, not even that it ended; new ones after healing work", async () => {
    const caller = await call();
    caller.socket.write("a");
    await caller.until("a");
    proxy.halfOpen();
    caller.socket.write("b");
    let hasEnded = false;
    void caller.ended.then(() => (hasEnded = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(Buffer.concat(heard).toString()).toBe("a");
    expect(hasEnded).toBe(false);
    proxy.heal();
    expect(await caller.ended).toBe("error");
    const next = await call();
    next.socket.write("c");
    await next.until("c");
  });

  it("resets what is open, closes one side, and refuses what is new", async () => {
    const caller = await call();
    caller.socket.write("a");
    await caller.until("a");
    expect(proxy.open).toBe(1);
    proxy.reset();
    expect(await caller.ended).toBe("error");
    const half = await call();
    half.socket.write("b");
    await half.until("b");
    proxy.closeAnswers();
    expect(await half.ended).toBe("end");
    half.socket.write("c");
    while (Buffer.concat(heard).toString() !== "abc") await new Promise((resolve) => setImmediate(resolve));
    proxy.refuse();
    const refused = connect({ port: proxy.port, host: "127.0.0.1" });
    refused.on("error", () => undefined);
    await new Promise((resolve) => refused.on("close", resolve));
    expect(proxy.made).toBe(2);
  });
});
