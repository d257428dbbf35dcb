/**
 * Codes and tokens of the three clouds. A grant is one person's consent to the application; its tokens are texts derived
 * from grant, serial and client secret, so that nothing but serials and times has to be kept.
 */

import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { SimOptions, SimVendor } from "./options.ts";

export interface TokenRules {
  readonly codeSeconds: number;
  readonly accessSeconds: number;
  /** Life of each refresh token from its issue; null without end. */
  readonly refreshSeconds: number | null;
  /** Life of the whole consent; null without end. */
  readonly consentSeconds: number | null;
  /** A refresh while more than this is left returns the tokens there are; null always makes new ones. */
  readonly keepAboveSeconds: number | null;
}

const DAY_SECONDS = 86_400;

/** vendors/dexcom.md, garmin.md, strava.md, "OAuth". Garmin and Strava state no code lifetime; ten minutes is the usual bound. */
export const TOKEN_RULES: Readonly<Record<SimVendor, TokenRules>> = {
  dexcom: { codeSeconds: 60, accessSeconds: 7200, refreshSeconds: null, consentSeconds: 365 * DAY_SECONDS, keepAboveSeconds: null },
  garmin: { codeSeconds: 600, accessSeconds: DAY_SECONDS, refreshSeconds: 7_775_998, consentSeconds: null, keepAboveSeconds: null },
  strava: { codeSeconds: 600, accessSeconds: 21_600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: 3600 },
};

export const grantSchema = z.object({
  id: z.string(),
  vendor: z.enum(["dexcom", "garmin", "strava"]),
  personId: z.string(),
  /** Scopes or permissions the person left ticked. */
  scopes: z.array(z.string()),
  sinceMs: z.number(),
  revokedMs: z.number().nullable(),
  lastSerial: z.number(),
  access: z.array(z.object({ serial: z.number(), expiresMs: z.number() })),
  refresh: z.object({ serial: z.number(), expiresMs: z.number().nullable() }),
  /** When the schedule last looked after this grant, and what it has done for it. */
  tickMs: z.number(),
  isWelcomed: z.boolean(),
  /** Garmin: ranges already asked of back-fill. */
  backfills: z.array(z.object({ type: z.string(), from: z.number(), to: z.number() })),
});
export type Grant = z.infer<typeof grantSchema>;

export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresMs: number;
  readonly refreshToken: string;
  readonly refreshExpiresMs: number | null;
}

export type TokenOutcome = { readonly grant: Grant; readonly tokens: Tokens } | { readonly refusal: string };

interface Code {
  readonly vendor: SimVendor;
  readonly personId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly expiresMs: number;
}

export interface Grants {
  /** A single-use code for a consent just given. */
  issueCode(consent: Omit<Code, "expiresMs">): string;
  /** Trades a code for tokens. A code is spent by the first try, right or wrong. Null `redirectUri` skips its check. */
  redeem(vendor: SimVendor, code: string, proof: { redirectUri: string | null; verifier: string | null }): TokenOutcome;
  refresh(vendor: SimVendor, refreshToken: string): TokenOutcome;
  /** The live grant of an access token that has not expired. */
  find(vendor: SimVendor, accessToken: string): Grant | null;
  live(vendor: SimVendor): Grant[];
  /** Ends every grant of the person with the vendor; how many there were. */
  revoke(vendor: SimVendor, personId: string): number;
  expireAccess(vendor: SimVendor): void;
  all(): readonly Grant[];
  restore(grants: readonly Grant[]): void;
}

export function createGrants(options: SimOptions): Grants {
  const codes = new Map<string, Code>();
  let grants: Grant[] = [];

  const texts = tokenTexts(options);

  function open(kind: "at" | "rt", vendor: SimVendor, token: string): { grant: Grant; serial: number } | null {
    const [, id, serial] = /^sim[ar]t_([0-9a-f-]{36})_(\d{1,9})_[0-9a-f]{40}$/.exec(token) ?? [];
    const grant = grants.find((one) => one.id === id && one.vendor === vendor);
    if (!grant || grant.revokedMs !== null) return null;
    const expected = Buffer.from(texts.make(kind, grant, Number(serial)));
    const given = Buffer.from(token);
    return expected.length === given.length && timingSafeEqual(expected, given) ? { grant, serial: Number(serial) } : null;
  }

  return {
    issueCode(consent) {
      const expiresMs = options.now() + TOKEN_RULES[consent.vendor].codeSeconds * 1000;
      const code = consent.vendor === "dexcom" ? `US_${randomUUID()}.${randomUUID()}.${randomUUID()}` : randomUUID().replaceAll("-", "");
      codes.set(code, { ...consent, expiresMs });
      return code;
    },
    redeem(vendor, code, proof) {
      const consent = codes.get(code);
      if (!consent || consent.vendor !== vendor) return { refusal: "The code is unknown or was used before." };
      codes.delete(code);
      const nowMs = options.now();
      if (consent.expiresMs <= nowMs) return { refusal: "The code has expired." };
      if (proof.redirectUri !== null && proof.redirectUri !== consent.redirectUri) return { refusal: "redirect_uri is not the one of the authorization." };
      if (consent.challenge !== null && (proof.verifier === null || !answers(consent.challenge, proof.verifier))) {
        return { refusal: "code_verifier does not answer the code_challenge." };
      }
      const grant: Grant = {
        id: randomUUID(), vendor, personId: consent.personId, scopes: [...consent.scopes], sinceMs: nowMs, revokedMs: null,
        lastSerial: 0, access: [], refresh: { serial: 0, expiresMs: null }, tickMs: nowMs, isWelcomed: false, backfills: [],
      };
      grants.push(grant);
      return { grant, tokens: texts.current(renew(grant, options.now())) };
    },
    refresh(vendor, refreshToken) {
      const opened = open("rt", vendor, refreshToken);
      if (!opened) return { refusal: "The refresh token is unknown or the consent was withdrawn." };
      const { grant, serial } = opened;
      const nowMs = options.now();
      const { consentSeconds, keepAboveSeconds } = TOKEN_RULES[vendor];
      if (serial !== grant.refresh.serial) return { refusal: "The refresh token was used before." };
      if (grant.refresh.expiresMs !== null && grant.refresh.expiresMs <= nowMs) return { refusal: "The refresh token has expired." };
      if (consentSeconds !== null && grant.sinceMs + consentSeconds * 1000 <= nowMs) return { refusal: "The consent has expired." };
      const leftMs = (grant.access.at(-1)?.expiresMs ?? 0) - nowMs;
      if (keepAboveSeconds !== null && leftMs > keepAboveSeconds * 1000) return { grant, tokens: texts.current(grant) };
      return { grant, tokens: texts.current(renew(grant, options.now())) };
    },
    find(vendor, accessToken) {
      const opened = open("at", vendor, accessToken);
      const nowMs = options.now();
      return opened?.grant.access.some((token) => token.serial === opened.serial && token.expiresMs > nowMs) ? opened.grant : null;
    },
    live: (vendor) => grants.filter((grant) => grant.vendor === vendor && grant.revokedMs === null),
    revoke(vendor, personId) {
      const ended = grants.filter((grant) => grant.vendor === vendor && grant.personId === personId && grant.revokedMs === null);
      for (const grant of ended) grant.revokedMs = options.now();
      return ended.length;
    },
    expireAccess(vendor) {
      for (const grant of grants) if (grant.vendor === vendor) grant.access = grant.access.map((token) => ({ ...token, expiresMs: options.now() }));
    },
    all: () => grants,
    restore(kept) {
      grants = [...kept];
    },
  };
}

interface TokenTexts {
  make(kind: "at" | "rt", grant: Grant, serial: number): string;
  /** The grant's newest tokens. */
  current(grant: Grant): Tokens;
}

function tokenTexts(options: SimOptions): TokenTexts {
  const seal = (vendor: SimVendor, text: string): string =>
    createHmac("sha256", options.clients[vendor].clientSecret).update(`${vendor} ${text}`).digest("hex").slice(0, 40);
  const make: TokenTexts["make"] = (kind, grant, serial) => `sim${kind}_${grant.id}_${serial}_${seal(grant.vendor, `${kind} ${grant.id} ${serial}`)}`;
  return {
    make,
    current(grant) {
      const access = grant.access.at(-1);
      return {
        accessToken: make("at", grant, access?.serial ?? 0),
        accessExpiresMs: access?.expiresMs ?? 0,
        refreshToken: make("rt", grant, grant.refresh.serial),
        refreshExpiresMs: grant.refresh.expiresMs,
      };
    },
  };
}

/** Gives the grant a new pair of tokens. Access tokens issued before stay good until they expire; the refresh token does not. */
function renew(grant: Grant, nowMs: number): Grant {
  const rules = TOKEN_RULES[grant.vendor];
  const serial = ++grant.lastSerial;
  grant.access = [...grant.access.filter((token) => token.expiresMs > nowMs), { serial, expiresMs: nowMs + rules.accessSeconds * 1000 }];
  grant.refresh = { serial, expiresMs: rules.refreshSeconds === null ? null : nowMs + rules.refreshSeconds * 1000 };
  return grant;
}

/** RFC 7636 S256: base64url(SHA-256(verifier)) without padding, verifier of 43–128 unreserved characters. */
function answers(challenge: string, verifier: string): boolean {
  return /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) && createHash("sha256").update(verifier).digest("base64url") === challenge;
}
