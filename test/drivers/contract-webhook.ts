/** What must hold for a driver's webhook, whoever the vendor: nothing unproven enters, nothing malformed throws an untyped error. */
import { describe, expect, it } from "vitest";
import { parseForm } from "#driver/payload.ts";
import type { Driver, DriverWebhook, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { ProviderContractBroken, WebhookRejected } from "#errors.ts";

export interface WebhookContract {
  readonly secrets: WebhookSecrets;
  /** Deliveries exactly as the vendor sends them (signed, where it signs), with what they must become. */
  readonly genuine: readonly {
    readonly name: string;
    readonly request: WebhookRequest;
    /** Kinds of the events, in order. */
    readonly kinds: readonly string[];
  }[];
  /** The header by which the vendor proves itself (signature, or a shared id); null where it has none. */
  readonly proofHeader: string | null;
  /** True where deliveries without the header are accepted as hints (a vendor whose signing is unsettled). Default false. */
  readonly isProofOptional?: boolean;
  /** Whether the proof covers the body, so that one changed byte must be seen. */
  readonly coversBody: boolean;
  /** Seconds after which the same delivery is refused; null where the vendor signs no time. */
  readonly toleranceSeconds: number | null;
  /** Whether client secrets prove deliveries, so that a list of none must refuse. */
  readonly usesClientSecrets: boolean;
  /** Further deliveries that must be refused. */
  readonly forged?: readonly { readonly name: string; readonly request: WebhookRequest }[];
  /** Challenge of the vendor with the right and with a wrong proof; `wrong` is null where it proves nothing and learns nothing. */
  readonly handshake?: { readonly request: WebhookRequest; readonly answer: string; readonly wrong: WebhookRequest | null };
}

/** Registers the webhook tests. */
export function describeWebhook(driver: Driver, contract: WebhookContract): void {
  const { secrets, proofHeader } = contract;
  const webhook = (): DriverWebhook => {
    if (!driver.webhook) throw new Error("The driver has no webhook.");
    return driver.webhook;
  };
  const bodyOf = ({ body }: WebhookRequest): unknown => (webhook().bodyFormat === "form" ? parseForm(body) : (JSON.parse(new TextDecoder().decode(body)) as unknown));
  const refusal = (request: WebhookRequest, given = secrets): string | null => {
    try {
      webhook().verify(request, given);
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(WebhookRejected);
      return (error as WebhookRejected).code;
    }
  };

  describe("webhook", () => {
    it.each(contract.genuine)("accepts $name and reads its events", ({ request, kinds }) => {
      expect(refusal(request)).toBeNull();
      const { events, problems } = webhook().parse(bodyOf(request));
      expect(problems).toEqual([]);
      expect(events.map(({ kind }) => kind)).toEqual(kinds);
      for (const event of events) {
        expect(event.account).not.toBe("");
        if (event.kind !== "data") continue;
        const result = driver.map(event.resource, event.payload, { receivedMs: request.receivedMs, zone: "Europe/Madrid" });
        expect(result.problems).toEqual([]);
        expect(result.records.length).toBeGreaterThan(0);
      }
    });

    if (proofHeader !== null) it("refuses a proof that is absent, wrong, cut, lengthened or garbled, never with another error [WH-01] [WH-03]", () => {
      for (const { request } of contract.genuine) {
        const given = request.headers[proofHeader ?? ""] ?? "";
        const last = given.at(-1) === "0" ? "1" : "0";
        const absent = contract.isProofOptional ? [] : [undefined];
        const proofs = [...absent, "", given.slice(0, -1) + last, given.slice(0, -1), `${given}0`, given.slice(0, 1), "\u00e9\u{1f512}", "0".repeat(10_000), `${given},${given}x`];
        for (const proof of proofs.filter((each) => each !== given)) {
          expect(refusal({ ...request, headers: { ...request.headers, [proofHeader ?? ""]: proof } }), String(proof).slice(0, 80)).not.toBeNull();
        }
      }
    });

    if (contract.coversBody) it("refuses a body of which one byte was changed or added [WH-02]", () => {
      for (const { request } of contract.genuine) {
        const changed = Uint8Array.from(request.body);
        changed[changed.length - 1]! ^= 1;
        const longer = Buffer.concat([request.body, Buffer.from(" ")]);
        const marked = Buffer.concat([Buffer.from("\ufeff"), request.body]);
        for (const body of [changed, longer, marked]) expect(refusal({ ...request, body })).toBe("webhook_signature");
      }
    });

    if (contract.usesClientSecrets) it("accepts every secret of a rotation, none that is removed, and refuses when there is none [WH-06]", () => {
      for (const { request } of contract.genuine) {
        expect(refusal(request, { ...secrets, clientSecrets: ["newer-secret", ...secrets.clientSecrets] })).toBeNull();
        for (const clientSecrets of [["newer-secret"], [""], []]) expect(refusal(request, { ...secrets, clientSecrets })).not.toBeNull();
      }
    });

    if (contract.toleranceSeconds !== null) it("refuses a delivery that is replayed late or comes from the future [WH-05]", () => {
      const beyondMs = ((contract.toleranceSeconds ?? 0) + 1) * 1000;
      for (const { request } of contract.genuine) {
        for (const aside of [beyondMs, -beyondMs]) {
          expect(refusal({ ...request, receivedMs: request.receivedMs + aside })).toBe("webhook_stale");
        }
      }
    });

    it.each(contract.forged ?? [])("refuses $name", ({ request }) => {
      expect(refusal(request)).not.toBeNull();
    });

    it("reports a body that is unusable as a whole, without a word of it [WH-12]", () => {
      for (const junk of [null, "canary-271828", 271828, true]) {
        let thrown: unknown = null;
        try {
          webhook().parse(junk);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(ProviderContractBroken);
        expect((thrown as Error).message).not.toContain("271828");
      }
    });

    it("reads the same body to the same events and does not touch it", () => {
      for (const { request } of contract.genuine) {
        const body = bodyOf(request);
        const before = structuredClone(body);
        expect(webhook().parse(body)).toEqual(webhook().parse(before));
        expect(body).toEqual(before);
      }
    });

    it("answers a challenge only to the right proof [WH-26]", () => {
      const { handshake } = contract;
      expect(handshake !== undefined).toBe(webhook().handshake !== undefined);
      if (!handshake) return;
      const answer = webhook().handshake?.(handshake.request, secrets);
      expect(answer?.body).toBe(handshake.answer);
      expect(answer?.contentType).toMatch(/^(application\/json|text\/plain)/);
      const { wrong } = handshake;
      if (wrong === null) return;
      expect(() => webhook().handshake?.(wrong, secrets)).toThrow(WebhookRejected);
      expect(() => webhook().handshake?.({ ...handshake.request, query: {} }, secrets)).toThrow(WebhookRejected);
    });
  });
}
