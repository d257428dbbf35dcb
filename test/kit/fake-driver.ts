/** A vendor that a test makes up: what it gives, when it fails, and what was asked of it. No HTTP but for its token endpoint. */
import type { Driver, DriverCall, DriverWebhook, PulledPage, PullRequest, Resource } from "#driver/types.ts";
import type { VendorRecord } from "#driver/records.ts";
import { DAY_MS } from "#units/time.ts";

export interface FakeVendor {
  readonly driver: Driver;
  /** Asked for, in order. */
  readonly asked: { readonly resource: string; readonly request: PullRequest }[];
  /** What a pull gives; replace it to change the vendor's mind. */
  answer: (resource: string, request: PullRequest, call: DriverCall) => AsyncIterable<PulledPage> | Iterable<PulledPage>;
  /** What a payload means; by default its own list of records. */
  map: (resource: string, payload: unknown) => readonly VendorRecord[];
}

export const GLUCOSE: Resource = {
  name: "readings", format: "json", metrics: ["glucose"], records: ["sample"],
  pull: { maxWindowMs: 30 * DAY_MS, backfillDays: 90, everySeconds: 300, overlapMs: DAY_MS },
};

export function fakeVendor(options: { resources?: readonly Resource[]; webhook?: DriverWebhook; id?: string; change?: Partial<Driver> } = {}): FakeVendor {
  const { resources = [GLUCOSE], webhook, id = "fake" } = options;
  const vendor: FakeVendor = {
    asked: [],
    answer: () => [],
    map: (_resource, payload) => payload as VendorRecord[],
    driver: {
      id,
      displayName: "Fake",
      brand: { connectText: "Connect", colour: "#000000", textColour: "#ffffff", disclosure: { en: "Made up for a test.", es: "Made up for a test." } },
      auth: {
        kind: "oauth2", authorizePath: "/authorize", tokenPath: "/token", scopes: ["data"], scopeSeparator: " ", pkce: "required", clientAuthentication: "body",
        sendsRedirectUriWithCode: true, defaultTokenLifeSeconds: 7_200, refreshTokenRotates: true,
      },
      endpoints: (settings) => {
        const base = settings["base_url"] || "https://vendor.example";
        return { auth: settings["browser_base_url"] || base, token: base, api: base };
      },
      settings: [],
      capabilities: { delivery: webhook ? "webhook-push" : "poll", historyLimitDays: null, latencySeconds: 0 },
      rateLimits: [],
      resources,
      identify: () => Promise.resolve({ vendorUserId: "fake-user", grantedScopes: null }),
      async *pull(call, request) {
        vendor.asked.push({ resource: request.resource, request });
        yield* vendor.answer(request.resource, request, call);
      },
      map: (resource, payload) => ({ records: vendor.map(resource, payload), problems: [] }),
      ...(webhook ? { webhook } : {}),
      ...options.change,
    },
  };
  return vendor;
}

export function page(resource: string, records: readonly VendorRecord[]): PulledPage {
  return { resource, body: new TextEncoder().encode(JSON.stringify(records)) };
}

/** A reading of 5-minute glucose. */
export function reading(startMs: number, value: number): VendorRecord {
  return { record: "sample", metric: "glucose", startMs, value, offsetMinutes: 60 };
}
