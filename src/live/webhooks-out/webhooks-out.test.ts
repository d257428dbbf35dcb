import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readEndpointUrl } from "./address.ts";
import { eventType, mergeTouched, messageBody, type Touched } from "./message.ts";
import { makeSecret, signedHeaders } from "./sign.ts";
import { MOST_ATTEMPTS, pauseMs, restMs, verdictOf } from "./verdict.ts";

const AT = Date.UTC(2026, 9, 15, 12, 0, 0);

describe("signatures", () => {
  it("are those of Standard Webhooks: its own example", () => {
    // The example of the standard's reference libraries.
    const headers = signedHeaders({ id: "msg_p5jXN8AQM9LWM0D4loKWxJek", atMs: 1_614_265_330_000, body: '{"test": 2432232314}' }, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("are by each secret that holds, over id, time and body", () => {
    const [one, two] = [makeSecret((size) => Buffer.alloc(size, 1)), makeSecret((size) => Buffer.alloc(size, 2))];
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const signatures = signedHeaders({ id: "m", atMs: AT, body: "{}" }, [one, two])["webhook-signature"].split(" ");
    expect(signatures).toEqual([1, 2].map((fill) => `v1,${createHmac("sha256", Buffer.alloc(32, fill)).update(`m.${AT / 1000}.{}`).digest("base64")}`));
  });
});

const touched = (more: Partial<Touched> = {}): Touched => ({
  organizationId: "o", patientId: "p", kind: "samples", metric: 1, connectionId: "c", fromMs: AT, toMs: AT + 1, count: 2, createdMs: AT, ...more,
});

describe("messages", () => {
  it("say ids, kind, times and counts, and nothing else", () => {
    const body = JSON.parse(messageBody({ id: "e", ...touched() })) as object;
    expect(body).toEqual({
      id: "e", type: "samples.changed", timestamp: "2026-10-15T12:00:00.000Z",
      data: { organizationId: "o", patientId: "p", metric: "glucose", connectionId: "c", from: "2026-10-15T12:00:00.000Z", to: "2026-10-15T12:00:00.001Z", count: 2 },
    });
    expect(eventType("trial")).toBe("endpoint.trial");
  });

  it("join what touches the same data of the same person; what has no end stays without one", () => {
    const merged = mergeTouched([touched(), touched({ patientId: "q" }), touched({ fromMs: AT - 5, toMs: AT, count: 3, createdMs: AT + 9 }), touched({ metric: 2, fromMs: null }), touched({ metric: 2 })]);
    expect(merged).toEqual([touched({ fromMs: AT - 5, count: 5, createdMs: AT + 9 }), touched({ patientId: "q" }), touched({ metric: 2, fromMs: null, count: 4 })]);
  });
});

const answer = (status: number, headers: Record<string, string> = {}) => verdictOf({ kind: "answer", status, headers, body: new Uint8Array() }, AT);
const silence = (code: string) => verdictOf({ kind: "no-answer", reason: code, cause: Object.assign(new Error("x"), { code }) }, AT);

describe("attempts", () => {
  it.each([[200, null], [204, null], [302, "redirect"], [400, "refused"], [401, "refused"], [410, "gone"], [429, "unavailable"], [500, "unavailable"]])("that are answered %s amount to %s", (status, error) => {
    expect(answer(status)).toEqual({ status, error, waitMs: null });
  });

  it.each([["EPRIVATEADDRESS", "private_address"], ["ENOTFOUND", "name_not_found"], ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"], ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"], ["ECONNREFUSED", "unreachable"]])(
    "that fail with %s amount to %s", (code, error) => expect(silence(code)).toEqual({ status: null, error, waitMs: null }),
  );

  it("wait as long as the receiver asks", () => {
    expect(answer(503, { "retry-after": "120" }).waitMs).toBe(120_000);
    expect(answer(400, { "retry-after": "120" }).waitMs).toBeNull();
  });

  it("come ever later for about a day, spread by a fifth to both sides, and then no more", () => {
    const pauses = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, index) => pauseMs(index + 1, 0.5)!);
    expect(pauses.slice(0, 5)).toEqual([5_000, 20_000, 80_000, 320_000, 1_280_000]);
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(22);
    expect(hours).toBeLessThan(27);
    expect([pauseMs(1, 0), pauseMs(1, 0.999_999)]).toEqual([4_000, expect.closeTo(6_000, -1)]);
    expect(pauseMs(MOST_ATTEMPTS, 0.5)).toBeNull();
    expect([restMs(1), restMs(4), restMs(30)]).toEqual([1_000, 8_000, 300_000]);
  });
});

describe("addresses of receivers [DA-17]", () => {
  it("have their length", () => expect(() => readEndpointUrl(`https://x.example/${"a".repeat(2_000)}`, false)).toThrow("too long"));

  it("are kept whole", () => {
    expect(readEndpointUrl(" https://hospital.example.org/islet?key=1#part ", false)).toBe("https://hospital.example.org/islet?key=1");
    expect(readEndpointUrl("http://127.0.0.1:99/x", true)).toBe("http://127.0.0.1:99/x");
  });

  it.each([
    "http://hospital.example.org", "https://u:p@hospital.example.org", "https://127.0.0.1", "https://[::1]/x", "https://2130706433/", "https://0x7f.1/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/",
    "https://[fd00::1]/", "https://10.1.2.3/", "https://localhost/x", "https://a.localhost", "https://db.internal", "file:///etc/passwd", "gopher://x.example", "receiver.example.net", "",
  ])("such as %s are refused, and not repeated", (address) => {
    let message = "";
    try {
      readEndpointUrl(address, false);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBe("");
    expect(address.length < 9 || !message.includes(address)).toBe(true);
  });
});
