/**
 * Signing in at an outside provider (OpenID Connect, authorization code with PKCE). What it takes to come back lies in the browser that left: a ticket
 * from which state, nonce and verifier follow; the database knows of the state by its digest, once, for ten minutes. Sources: OpenID Connect Core
 * §3.1, RFC 9700 §2.1, RFC 7636, RFC 9207; ASVS 5.0 10.1–10.5.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as oidc from "openid-client";
import type { Database, Tx } from "#db/database.ts";
import type { HttpClient } from "#http/types.ts";
import { challengeOf } from "#oauth/pkce.ts";
import { safeReturnPath } from "#oauth/redirect.ts";
import { MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { Clock } from "../../../clock.ts";
import { Conflict, InvalidInput, IsletError, NotFound, Unavailable } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { audit } from "../../audit/audit.ts";
import { hasSecondFactor } from "../../second-factor/factors.ts";
import type { Proven } from "../../sign-in/sign-in.ts";
import type { Actor } from "../sessions.ts";
import { createNewcomer, findKnown, isSubject, linkIdentity, listIdentities, unlinkIdentity, type Told } from "./identities.ts";
import { createProviderClients } from "./provider-client.ts";
import type { SignInProvider } from "./settings.ts";

export const OUTSIDE_LIFE_MS = 10 * MINUTE_MS;

/** Where a browser is sent, and what it must bring back. */
export interface Departure {
  readonly authorizeUrl: string;
  readonly ticket: string;
  readonly expiresMs: number;
}

/** How somebody came back. `proven` is set where a session is to be opened; nobody need be, where an identity was linked. */
export type Return =
  | { readonly kind: "signed_in"; readonly returnTo: string; readonly proven: Proven; /** When the person proved it there; null where the provider does not say. */ readonly provenMs: number | null }
  | { readonly kind: "linked"; readonly returnTo: string }
  | { readonly kind: "refused"; readonly returnTo: string; readonly error: "access_denied" | "expired" | "unknown_identity" | "identity_taken" | "second_factor_needed" | "provider_error" };

export interface OutsideSignIn {
  readonly providers: readonly Pick<SignInProvider, "id" | "name">[];
  /** @param returnTo a path of ours; anything else is `/`. @param linkTo whom the identity is to be linked to. Throws NotFound for a provider that is none, Unavailable for one that does not answer. */
  begin(providerId: string, options: { readonly returnTo: string | undefined; readonly redirectUri: string; readonly linkTo: Actor | null }): Promise<Departure>;
  /** The providers whose identities are linked to somebody, and since when. Tokens of an issuer that is no provider are not among them. */
  linkedTo(actor: Actor): Promise<{ readonly id: string; readonly name: string; readonly linkedMs: number }[]>;
  /** Throws NotFound, also for a provider that is none, and Conflict when the account would have no way in any more. */
  unlink(providerId: string, actor: Actor): Promise<void>;
  /** @param ticket what the browser brought. Throws InvalidInput (code `state_invalid`) for a return that was not begun in it, or was used before. */
  finish(providerId: string, options: { readonly query: string; readonly redirectUri: string; readonly ticket: string | undefined; readonly actor: Actor | null }): Promise<Return>;
}

export interface OutsideSignInParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly http: Pick<HttpClient, "request">;
  readonly log: Log;
  readonly providers: readonly SignInProvider[];
  readonly allowsPrivateAddresses: boolean;
}

interface Begun {
  provider: string; organization_id: string | null; user_id: string | null; return_to: string; expires_at: number;
}

/** Whom the provider says it is. */
interface Identity {
  readonly subject: string;
  readonly told: Told;
  readonly provenMs: number | null;
}

const TICKET = /^[\w-]{43}$/;

export function createOutsideSignIn(parts: OutsideSignInParts): OutsideSignIn {
  const { database, clock, log } = parts;
  const clientOf = createProviderClients(parts);
  const require = (id: string): SignInProvider => {
    const provider = parts.providers.find((each) => each.id === id);
    if (!provider) throw new NotFound("There is no such provider of sign-in.");
    return provider;
  };
  const connect = (provider: SignInProvider): Promise<oidc.Configuration> =>
    clientOf(provider).catch((cause: unknown) => {
      throw new Unavailable("The provider of this sign-in does not answer.", { cause, retryAfterSeconds: 30 });
    });

  return {
    providers: parts.providers.map(({ id, name }) => ({ id, name })),

    begin: async (providerId, { returnTo, redirectUri, linkTo }) => {
      const provider = require(providerId);
      const client = await connect(provider);
      const ticket = randomBytes(32).toString("base64url");
      const secrets = secretsOf(ticket);
      const expiresMs = clock.now() + OUTSIDE_LIFE_MS;
      await database.asSystem((tx) => tx.query(
        `insert into outside_sign_ins (state_hash, organization_id, user_id, provider, return_to, expires_at) values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))`,
        [digest(secrets.state), linkTo?.organizationId ?? null, linkTo?.userId ?? null, provider.id, safeReturnPath(returnTo, []), expiresMs],
      ));
      const authorizeUrl = oidc.buildAuthorizationUrl(client, {
        redirect_uri: redirectUri, scope: provider.scope, state: secrets.state, nonce: secrets.nonce, code_challenge: challengeOf(secrets.verifier), code_challenge_method: "S256",
      });
      return { authorizeUrl: authorizeUrl.href, ticket, expiresMs };
    },

    linkedTo: async (actor) => {
      const linked = await database.asSystem((tx) => listIdentities(tx, actor.userId));
      return linked.flatMap(({ issuer, linkedMs }) => parts.providers.filter((each) => each.issuer === issuer).map(({ id, name }) => ({ id, name, linkedMs })));
    },

    unlink: (providerId, { userId, organizationId }) => {
      const { issuer } = require(providerId);
      return database.asSystem((tx) => unlinkIdentity(tx, { userId, organizationId, issuer }));
    },

    finish: async (providerId, { query, redirectUri, ticket, actor }) => {
      const provider = require(providerId);
      const secrets = ticket !== undefined && TICKET.test(ticket) ? secretsOf(ticket) : null;
      const state = new URLSearchParams(query).get("state") ?? "";
      const begun = secrets && isSame(state, secrets.state) ? await database.asSystem((tx) => take(tx, secrets.state)) : null;
      if (!secrets || begun?.provider !== provider.id) {
        await database.asSystem((tx) => audit(tx, begun?.organization_id ?? null, { action: "outside_sign_in.state_invalid", objectType: "provider", objectId: provider.id, outcome: "refused" }));
        throw new InvalidInput("This sign-in was not begun in this browser, or was used before: begin again.", { code: "state_invalid" });
      }
      const refused = (error: Extract<Return, { kind: "refused" }>["error"]): Return => ({ kind: "refused", returnTo: begun.return_to, error });
      if (begun.expires_at <= clock.now()) return refused("expired");
      let identity: Identity | "access_denied" | null;
      try {
        identity = await redeem(await connect(provider), new URL(`${redirectUri}?${query}`), secrets);
      } catch (error) {
        if (error instanceof IsletError) throw error;
        log.warn({ provider: provider.id, code: codeOf(error) }, "an outside sign-in was not valid");
        identity = null;
      }
      if (identity === "access_denied") return refused("access_denied");
      if (!identity) return refused("provider_error");
      if (begun.user_id !== null) return link(provider, begun, { identity, actor });
      const proven = await letIn(provider, identity);
      // What somebody has set up beside the password is not gone around by way of another house (faults AU-17).
      if (proven && (await database.asSystem((tx) => hasSecondFactor(tx, proven.userId)))) return refused("second_factor_needed");
      return proven ? { kind: "signed_in", returnTo: begun.return_to, proven, provenMs: identity.provenMs } : refused("unknown_identity");
    },
  };

  /** Only for whoever began it, who must still be signed in. */
  async function link(provider: SignInProvider, begun: Begun, { identity, actor }: { readonly identity: Identity; readonly actor: Actor | null }): Promise<Return> {
    const { user_id: userId, organization_id: organizationId, return_to: returnTo } = begun;
    if (userId === null || organizationId === null || actor?.userId !== userId) return { kind: "refused", returnTo, error: "expired" };
    try {
      await database.asSystem((tx) => linkIdentity(tx, { issuer: provider.issuer, subject: identity.subject, userId, organizationId }, clock.now()));
      return { kind: "linked", returnTo };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return { kind: "refused", returnTo, error: "identity_taken" };
    }
  }

  /** The user whom this identity leads to, by an older link, by an address that both sides have verified, or made anew; null for nobody. */
  async function letIn(provider: SignInProvider, { subject, told }: Identity): Promise<Proven | null> {
    const who = { issuer: provider.issuer, subject };
    const known = await database.asSystem(async (tx) => (await findKnown(tx, who)) ?? (provider.linksByVerifiedEmail ? linkByEmail(tx, { ...who, told }) : null));
    const user = known ?? (provider.newcomers ? await createNewcomer(database, { ...who, told, rule: provider.newcomers, nowMs: clock.now() }) : null);
    return user && { userId: user.userId, organizationId: user.organizationId };
  }

  /** An account whose owner has not shown that the address is theirs could have been laid out for whoever owns it: it is linked to nobody. */
  async function linkByEmail(tx: Tx, { issuer, subject, told }: { readonly issuer: string; readonly subject: string; readonly told: Told }): Promise<Proven | null> {
    if (!told.isEmailVerified || told.email === null || told.email.includes("\0")) return null;
    const isLinked = await tx.query("select 1 from outside_identities where issuer = $1 and subject = $2", [issuer, subject]);
    if (isLinked.length > 0) return null;
    const [user] = await tx.query<{ id: string; organization_id: string }>(
      "select id, organization_id from users u where email = lower($1) and blocked_at is null and u.email_verified_at is not null", [told.email.trim()],
    );
    if (!user) return null;
    await linkIdentity(tx, { issuer, subject, userId: user.id, organizationId: user.organization_id }, clock.now());
    return { userId: user.id, organizationId: user.organization_id };
  }
}

/** Exchanges the code and checks the ID token: signature, issuer, audience, times, nonce. Throws what openid-client finds wrong. */
async function redeem(client: oidc.Configuration, current: URL, { state, nonce, verifier }: Secrets): Promise<Identity | "access_denied" | null> {
  if (current.searchParams.get("error") === "access_denied") return "access_denied";
  const tokens = await oidc.authorizationCodeGrant(client, current, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
  const claims = tokens.claims();
  if (!claims || !isSubject(claims.sub)) return null;
  const { email, name, auth_time: authTime } = claims;
  return {
    subject: claims.sub, provenMs: typeof authTime === "number" ? authTime * SECOND_MS : null,
    told: { email: typeof email === "string" ? email : null, isEmailVerified: claims["email_verified"] === true, name: typeof name === "string" ? name : null },
  };
}

interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Each for its own purpose, none to be told from another. */
function secretsOf(ticket: string): Secrets {
  const of = (purpose: string): string => createHmac("sha256", ticket).update(`islet/outside-sign-in/${purpose}`).digest("base64url");
  return { state: of("state"), nonce: of("nonce"), verifier: of("verifier") };
}

/** One statement takes it away, so that it cannot work twice however many come at once. */
async function take(tx: Tx, state: string): Promise<Begun | null> {
  const [begun] = await tx.query<Begun>("delete from outside_sign_ins where state_hash = $1 returning provider, organization_id, user_id, return_to, expires_at", [digest(state)]);
  return begun ?? null;
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What may be logged of a failure: its code, never what was sent. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : error instanceof Error ? error.name : "unknown";
}
