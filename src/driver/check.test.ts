import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { checkDriver, checkDrivers } from "./check.ts";
import { oauthOf } from "./auth.ts";
import type { Driver } from "./types.ts";

/** A driver without a contradiction, to be contradicted. */
const sound: Driver = {
  id: "some-vendor",
  displayName: "Some Vendor",
  brand: { connectText: "Connect", colour: "#102030", textColour: "#ffffff", disclosure: { en: "What is read.", es: "What is read." } },
  auth: {
    kind: "oauth2", authorizePath: "/login", tokenPath: "/token", scopes: ["a", "b"], scopeSeparator: " ", pkce: "default-on",
    clientAuthentication: "body", sendsRedirectUriWithCode: true, defaultTokenLifeSeconds: 3_600, refreshTokenRotates: true,
  },
  endpoints: (settings) => {
    const host = settings["base_url"] ?? `https://${settings["region"] ?? "eu"}.vendor.example`;
    return { auth: settings["browser_base_url"] ?? host, token: `${host}/oauth`, api: host };
  },
  settings: [
    { name: "pkce", description: "PKCE", values: ["on", "off"], default: "on", chosenBy: "provider" },
    { name: "region", description: "Region", values: ["eu", "us"], default: "eu", chosenBy: "connection" },
  ],
  capabilities: { delivery: "poll", historyLimitDays: 365, latencySeconds: 0 },
  rateLimits: [{ requests: 10, perSeconds: 60, scope: "app", source: "documents" }],
  resources: [
    {
      name: "values", format: "json", metrics: ["glucose"], records: ["sample"],
      pull: { maxWindowMs: 1_000, backfillDays: 90, everySeconds: 300, overlapMs: 0 },
    },
  ],
  identify: async () => ({ vendorUserId: "1", grantedScopes: null }),
  // oxlint-disable-next-line require-yield
  pull: async function* () { return; },
  map: () => ({ records: [], problems: [] }),
};

const values = sound.resources[0]!;
const pull = values.pull!;

const soundAuth = oauthOf(sound);

describe("the check of a driver's declarations", () => {
  it("finds nothing wrong with a sound driver", () => {
    expect(() => checkDrivers([sound, { ...sound, id: "other" }])).not.toThrow();
    const secret = { name: "secret", description: "Free text", values: [], default: "", isSecret: true, chosenBy: "provider" } as const;
    expect(() => checkDriver({ ...sound, settings: [...sound.settings, secret] })).not.toThrow();
  });

  it.each<[string, Partial<Driver>]>([
    ["id", { id: "Some_Vendor" }],
    ["display name", { displayName: " " }],
    ["button has no text", { brand: { ...sound.brand, connectText: "" } }],
    ["says nothing to a person", { brand: { ...sound.brand, disclosure: { en: "x", es: "" } } }],
    ["colours", { brand: { ...sound.brand, colour: "red" } }],
    ["attribution", { brand: { ...sound.brand, attribution: "" } }],
    ["workout link", { brand: { ...sound.brand, workoutLink: { text: "View", url: "https://vendor.example" } } }],
    ["slash", { auth: { ...soundAuth, tokenPath: "token" } }],
    ["scopes repeat", { auth: { ...soundAuth, scopes: ["a", "a"] } }],
    ["separator", { auth: { ...soundAuth, scopes: ["a b"] } }],
    ["scopes repeat", { auth: { ...soundAuth, optionalScopes: [{ scope: "a", setting: "pkce" }] } }],
    ["no provider setting food (on, off)", { auth: { ...soundAuth, optionalScopes: [{ scope: "c", setting: "food" }] } }],
    ["slash", { auth: { ...soundAuth, revokePath: "revoke" } }],
    ["slash", { auth: { ...soundAuth, refreshPath: "refresh" } }],
    ["prolong tokens", { auth: { ...soundAuth, refreshProlongsSeconds: 60 } }],
    ["ends grants in its own way", { auth: { ...soundAuth, revokeCall: { method: "GET", tokenIn: ["bearer"] } } }],
    ["end of its API", { capabilities: { ...sound.capabilities, endedOn: "soon" } }],
    ["no free text of the operator", { auth: { ...soundAuth, scopesSetting: "region" } }],
    ["adds to a refresh", { auth: { ...soundAuth, extraRefreshParameters: { grant_type: "password" } } }],
    ['adds "state"', { auth: { ...soundAuth, extraAuthorizeParameters: { state: "1" } } }],
    ["no life", { auth: { ...soundAuth, defaultTokenLifeSeconds: 0 } }],
    ["no provider setting pkce", { settings: [] }],
    ["there is a setting for it", { auth: { ...soundAuth, pkce: "required" } }],
    ["declared twice", { settings: [...sound.settings, sound.settings[0]!] }],
    ["belongs to every driver", { settings: [...sound.settings, { ...sound.settings[1]!, name: "base_url" }] }],
    ["not one of its values", { settings: [sound.settings[0]!, { ...sound.settings[1]!, default: "mars" }] }],
    ["for every setting", { endpoints: (settings) => ({ ...sound.endpoints(settings), api: settings["region"] === "us" ? "http://x" : sound.endpoints(settings).api }) }],
    ["base_url does not replace", { endpoints: (settings) => ({ ...sound.endpoints(settings), token: "https://fixed.example" }) }],
    ["browser_base_url does not replace", { endpoints: (settings) => ({ ...sound.endpoints(settings), auth: settings["base_url"] ?? "https://eu.vendor.example" }) }],
    ["no resource", { resources: [] }],
    ["values is declared twice", { resources: [values, values] }],
    ["by webhook but it has none", { capabilities: { ...sound.capabilities, delivery: "webhook-push" } }],
    ["no resource can be asked for", { resources: [{ name: "values", format: "json", metrics: ["glucose"], records: ["sample"] }] }],
    ["history limit", { capabilities: { ...sound.capabilities, historyLimitDays: 0 } }],
    ["further than the vendor's history", { capabilities: { ...sound.capabilities, historyLimitDays: 30 } }],
    ["rate limit", { rateLimits: [{ ...sound.rateLimits[0]!, source: "" }] }],
    ["unknown metric mood", { resources: [{ ...values, metrics: ["mood" as "glucose"] }] }],
    ["repeats a metric", { resources: [{ ...values, metrics: ["glucose", "glucose"] }] }],
    ["metrics without samples", { resources: [{ ...values, records: ["treatment"] }] }],
    ["samples without metrics", { resources: [{ ...values, metrics: [] }] }],
    ["no positive window", { resources: [{ ...values, pull: { ...pull, maxWindowMs: 0 } }] }],
    ["without pause", { resources: [{ ...values, pull: { ...pull, everySeconds: Number.NaN } }] }],
    ["whole number of days", { resources: [{ ...values, pull: { ...pull, backfillDays: 1.5 } }] }],
    ["overlaps negatively", { resources: [{ ...values, pull: { ...pull, overlapMs: -1 } }] }],
    ["webhook that is not there", { resources: [values, { ...values, name: "pushed", pull: { ...pull, deliversByWebhook: true } }] }],
  ])("says %s", (words, change) => {
    const check = (): void => checkDriver({ ...sound, ...change });
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(words);
  });

  it("names every fault at once, and the driver", () => {
    expect(() => checkDriver({ ...sound, displayName: "", rateLimits: [{ ...sound.rateLimits[0]!, requests: 0 }] })).toThrow(
      /"some-vendor" contradicts itself: .*display name.*; .*rate limit/,
    );
  });

  it("finds two drivers of one id", () => {
    expect(() => checkDrivers([sound, sound])).toThrow(/two drivers "some-vendor"/);
  });
});
