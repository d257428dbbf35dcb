/**
 * The keys that an issuer publishes (RFC 7517): fetched from the one address that the operator has set, kept, and asked for again where a token
 * names one that is missing, but not oftener than every half minute whoever makes up names. Source: ASVS 5.0 9.1.3, RFC 8725 §3.10.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { HttpClient } from "#http/types.ts";
import { MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { Clock } from "../../../clock.ts";
import { IsletError } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import type { PublishedAlgorithm } from "./settings.ts";

const KEPT_MS = 10 * MINUTE_MS;
const PAUSE_MS = 30 * SECOND_MS;
const TIMEOUT_MS = 5 * SECOND_MS;
const MOST_BYTES = 256 * 1024;
const MOST_KEYS = 100;

export interface PublishedKey {
  readonly key: KeyObject;
  readonly algorithm: PublishedAlgorithm;
}

export interface PublishedKeys {
  /** The issuer's key of this name; null when it has none, or cannot be asked. */
  find(url: string, kid: string): Promise<PublishedKey | null>;
}

export interface PublishedKeysParts {
  readonly http: Pick<HttpClient, "request">;
  readonly clock: Clock;
  readonly log: Log;
  readonly allowsPrivateAddresses: boolean;
}

const keyShape = z.looseObject({ kty: z.string(), kid: z.string().min(1).max(200), use: z.string().optional(), crv: z.string().optional() });
type IssuersKey = z.infer<typeof keyShape>;
/** What has no name of its own cannot be asked for. */
const setShape = z.object({ keys: z.array(keyShape.catch({ kty: "", kid: "-" })).max(MOST_KEYS) });

interface Kept {
  keys: ReadonlyMap<string, PublishedKey>;
  readMs: number;
  triedMs: number;
  running: Promise<void> | null;
}

export function createPublishedKeys({ http, clock, log, allowsPrivateAddresses }: PublishedKeysParts): PublishedKeys {
  const kept = new Map<string, Kept>();
  const read = async (url: string, mine: Kept): Promise<void> => {
    try {
      const answer = await http.request({ provider: `keys:${new URL(url).host}` }, {
        method: "GET", url, headers: { accept: "application/json" }, timeoutMs: TIMEOUT_MS, retries: false, publicOnly: !allowsPrivateAddresses,
      });
      if (answer.body.byteLength > MOST_BYTES) return log.warn({ bytes: answer.body.byteLength }, "an issuer's keys are larger than any need be");
      const set = setShape.safeParse(answer.json());
      if (!set.success) return log.warn({}, "what an issuer publishes are no keys");
      mine.keys = importKeys(set.data.keys);
      mine.readMs = clock.now();
    } catch (error) {
      // Those that we have go on until the issuer answers again.
      if (!(error instanceof IsletError)) throw error;
      log.warn({ error }, "an issuer's keys could not be fetched");
    }
  };
  return {
    find: async (url, kid) => {
      const mine: Kept = kept.get(url) ?? { keys: new Map(), readMs: Number.NEGATIVE_INFINITY, triedMs: Number.NEGATIVE_INFINITY, running: null };
      kept.set(url, mine);
      const nowMs = clock.now();
      if ((nowMs - mine.readMs >= KEPT_MS || !mine.keys.has(kid)) && !mine.running && nowMs - mine.triedMs >= PAUSE_MS) {
        mine.triedMs = nowMs;
        mine.running = read(url, mine).finally(() => (mine.running = null));
      }
      await mine.running;
      return mine.keys.get(kid) ?? null;
    },
  };
}

/** The public keys for signatures among them, each with the one algorithm of its kind. */
function importKeys(keys: readonly IssuersKey[]): ReadonlyMap<string, PublishedKey> {
  const found = new Map<string, PublishedKey>();
  for (const jwk of keys) {
    const algorithm = algorithmOf(jwk);
    const key = algorithm ? publicKeyOf(jwk) : null;
    if (algorithm && key) found.set(jwk.kid, { key, algorithm });
  }
  return found;
}

/** Null for what is no key: one bad entry must not hide the good ones. */
function publicKeyOf(jwk: IssuersKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    return null;
  }
}

/** By the key's own kind, never by what a token says. Null for keys that sign nothing here, shared ones above all. */
function algorithmOf(jwk: IssuersKey): PublishedAlgorithm | null {
  if (jwk.use !== undefined && jwk.use !== "sig") return null;
  if (jwk.kty === "EC" && jwk.crv === "P-256") return "ES256";
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return "EdDSA";
  return jwk.kty === "RSA" ? "RS256" : null;
}
