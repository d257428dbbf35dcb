/** Codes and tokens of all clouds: who consented to what, and which texts prove it. */

import { createHash, randomUUID } from "node:crypto";
import type { Grant, TokenRules, Tokens } from "./tokens.ts";
import { tokenTexts } from "./tokens.ts";

export interface Issued {
  readonly grant: Grant;
  readonly tokens: Tokens;
}

export type TokenOutcome = Issued | { readonly refusal: string };

export interface CodeConsent {
  readonly personId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  /** PKCE challenge (S256); null without. */
  readonly challenge: string | null;
}

/** Null `redirectUri` skips its check. */
export interface CodeProof {
  readonly redirectUri: string | null;
  readonly verifier: string | null;
}

/** The grants of one cloud. */
export interface CloudGrants {
  /** A single-use code for a consent just given. */
  issueCode(consent: CodeConsent): string;
  /** Trades a code for tokens. A code is spent by the first try, right or wrong. */
  redeem(code: string, proof: CodeProof): TokenOutcome;
  /** A grant without a code: a session after a name and password, a person connected by an aggregator. */
  open(personId: string, scopes: readonly string[]): Issued;
  refresh(refreshToken: string): TokenOutcome;
  /** The live grant of an access token that has not expired. */
  find(accessToken: string): Grant | null;
  /** The live grant of a refresh token, to revoke it by. */
  findByRefresh(refreshToken: string): Grant | null;
  /** Live grants, of one person or of all. */
  live(personId?: string): Grant[];
  /** Ends one grant. */
  end(grant: Grant): void;
  /** Ends every grant of the person; how many there were. */
  revoke(personId: string): number;
}

export interface Grants {
  of(vendor: string): CloudGrants;
  expireAccess(vendor: string): void;
  all(): readonly Grant[];
  restore(grants: readonly Grant[]): void;
}

export interface GrantsWorld {
  now(): number;
  readonly rulesOf: (vendor: string) => TokenRules;
  /** Client secret of the application registered there. */
  readonly secretOf: (vendor: string) => string;
}

interface Code extends CodeConsent {
  readonly vendor: string;
  readonly expiresMs: number;
}

interface Ledger {
  readonly world: GrantsWorld;
  readonly codes: Map<string, Code>;
  grants: Grant[];
}

export function createGrants(world: GrantsWorld): Grants {
  const ledger: Ledger = { world, codes: new Map(), grants: [] };
  return {
    of: (vendor) => grantsOf(ledger, vendor),
    expireAccess(vendor) {
      const nowMs = world.now();
      for (const grant of ledger.grants) if (grant.vendor === vendor) grant.access = grant.access.map((token) => ({ ...token, expiresMs: nowMs }));
    },
    all: () => ledger.grants,
    restore(kept) {
      ledger.grants = [...kept];
    },
  };
}

function grantsOf(ledger: Ledger, vendor: string): CloudGrants {
  const { world, codes } = ledger;
  const rules = (): TokenRules => world.rulesOf(vendor);
  const texts = tokenTexts(world.rulesOf, world.secretOf);
  const live = (personId?: string): Grant[] =>
    ledger.grants.filter((grant) => grant.vendor === vendor && grant.revokedMs === null && (personId === undefined || grant.personId === personId));

  function holder(kind: "access" | "refresh", text: string): { grant: Grant; serial: number } | null {
    for (const grant of live()) {
      const serial = texts.serialIn(grant, kind, text);
      if (serial !== null) return { grant, serial };
    }
    return null;
  }

  function open(personId: string, scopes: readonly string[]): Issued {
    const nowMs = world.now();
    const grant: Grant = {
      id: randomUUID(), vendor, personId, scopes: [...scopes], sinceMs: nowMs, revokedMs: null, lastSerial: 0, access: [],
      refresh: { serial: 0, expiresMs: null }, former: null, tickMs: nowMs, isWelcomed: false, extra: null,
    };
    ledger.grants.push(grant);
    renew(grant, rules(), nowMs);
    return { grant, tokens: texts.current(grant) };
  }

  return {
    open, live,
    issueCode(consent) {
      const code = rules().makeCode?.() ?? randomUUID().replaceAll("-", "");
      codes.set(code, { ...consent, vendor, expiresMs: world.now() + rules().codeSeconds * 1000 });
      return code;
    },
    redeem(code, proof) {
      const consent = codes.get(code);
      if (consent?.vendor !== vendor) return { refusal: "The code is unknown or was used before." };
      codes.delete(code);
      if (consent.expiresMs <= world.now()) return { refusal: "The code has expired." };
      if (proof.redirectUri !== null && proof.redirectUri !== consent.redirectUri) return { refusal: "redirect_uri is not the one of the authorization." };
      if (consent.challenge !== null && (proof.verifier === null || !answers(consent.challenge, proof.verifier))) {
        return { refusal: "code_verifier does not answer the code_challenge." };
      }
      return open(consent.personId, consent.scopes);
    },
    refresh(refreshToken) {
      const held = rules().refreshing === "none" ? null : holder("refresh", refreshToken);
      if (!held) return { refusal: "The refresh token is unknown, was used before, or the consent was withdrawn." };
      const refusal = refreshed(held.grant, held.serial, rules(), world.now());
      return refusal === null ? { grant: held.grant, tokens: texts.current(held.grant) } : { refusal };
    },
    find(accessToken) {
      const held = holder("access", accessToken);
      const nowMs = world.now();
      const token = held?.grant.access.find((one) => one.serial === held.serial && one.expiresMs > nowMs);
      if (!held || !token) return null;
      if (rules().graceEndsWithUse && token.serial === held.grant.refresh.serial) held.grant.former = null;
      return held.grant;
    },
    findByRefresh: (refreshToken) => holder("refresh", refreshToken)?.grant ?? null,
    end(grant) {
      grant.revokedMs ??= world.now();
    },
    revoke(personId) {
      const ended = live(personId);
      for (const grant of ended) grant.revokedMs = world.now();
      return ended.length;
    },
  };
}

/** Does what the rules say of a refresh; a sentence when it is refused. */
function refreshed(grant: Grant, serial: number, rules: TokenRules, nowMs: number): string | null {
  if (rules.consentSeconds !== null && grant.sinceMs + rules.consentSeconds * 1000 <= nowMs) return "The consent has expired.";
  if (serial !== grant.refresh.serial) return (grant.former?.untilMs ?? 0) > nowMs ? null : "The refresh token was used before.";
  if (grant.refresh.expiresMs !== null && grant.refresh.expiresMs <= nowMs) return "The refresh token has expired.";
  const newest = grant.access.at(-1);
  const leftMs = (newest?.expiresMs ?? 0) - nowMs;
  if (rules.keepAboveSeconds !== null && leftMs > rules.keepAboveSeconds * 1000) return null;
  if (rules.refreshing === "extend" && newest) {
    newest.expiresMs = nowMs + rules.accessSeconds * 1000;
    grant.refresh.expiresMs = refreshEnd(rules, nowMs);
    return null;
  }
  renew(grant, rules, nowMs);
  return null;
}

function refreshEnd(rules: TokenRules, nowMs: number): number | null {
  return rules.refreshSeconds === null ? null : nowMs + rules.refreshSeconds * 1000;
}

/** Gives the grant a new access token, and by the rules a new refresh token. */
function renew(grant: Grant, rules: TokenRules, nowMs: number): void {
  const isFirst = grant.lastSerial === 0;
  const serial = ++grant.lastSerial;
  const former = rules.endsFormerAccess ? [] : grant.access.filter((token) => token.expiresMs > nowMs);
  grant.access = [...former, { serial, expiresMs: nowMs + rules.accessSeconds * 1000 }];
  if (rules.refreshing === "keep" && !isFirst) return;
  grant.former = isFirst || !rules.graceSeconds ? null : { serial: grant.refresh.serial, untilMs: nowMs + rules.graceSeconds * 1000 };
  grant.refresh = { serial, expiresMs: refreshEnd(rules, nowMs) };
}

/** RFC 7636 S256: base64url(SHA-256(verifier)) without padding, verifier of 43–128 unreserved characters. */
function answers(challenge: string, verifier: string): boolean {
  return /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) && createHash("sha256").update(verifier).digest("base64url") === challenge;
}
