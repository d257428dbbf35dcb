/** How a person's account comes to be connected, as each vendor has it. OAuth 2.0 is one way of several (`#oauth/types.ts`). */
import type { AuthorizedFetch, TokenPlace } from "#http/types.ts";
import type { OAuth2Auth } from "#oauth/types.ts";
import { InternalError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import type { AppCall, Driver, ProviderAccount, Words } from "./types.ts";

export type DriverAuth = OAuth2Auth | CredentialsAuth | HostedAuth | DeviceAuth | NoAuth;

/** One field of a sign-in form. */
export interface CredentialField {
  readonly name: string;
  readonly label: Words;
  /** Sealed at rest, and never shown again. What is no secret stays with the connection, in sight of its owner. */
  readonly isSecret: boolean;
  readonly isOptional?: true;
  /** "address": a web address that the person gives; the core checks where it leads before anything is sent there. "text" unless given. */
  readonly form?: "text" | "email" | "address";
}

/**
 * The person gives what they sign in with (password, token), because the vendor has no other door. Kept sealed; a session is made from it,
 * and made anew when it ends, under the same lease as a refresh.
 */
export interface CredentialsAuth {
  readonly kind: "credentials";
  readonly fields: readonly CredentialField[];
  /** Where the session's token goes in a call, with these settings of the connection. */
  sessionIn(settings: Readonly<Record<string, string>>): TokenPlace;
  /**
   * Makes a session. Throws ReauthorizationRequired when the vendor refuses what the person gave, or wants them to do something at the vendor
   * first (terms, confirmation), with words for them; else what the calls throw.
   */
  signIn(call: SignInCall): Promise<Session>;
  /** How long a refusal must last before a person is asked; absent: as the core sees fit. */
  readonly refusalProofSeconds?: number;
}

export interface SignInCall {
  /** Values of the fields by name; those left empty are absent. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Settings of provider and connection, the address fields among them. */
  readonly settings: Readonly<Record<string, string>>;
  /** A call without any token, below `endpoints(settings and changed).api`: for vendors that send one on to another region. */
  fetchAt(changed: Readonly<Record<string, string>>): AuthorizedFetch;
  readonly nowMs: number;
}

export interface Session {
  readonly token: Secret;
  /** UTC epoch milliseconds. */
  readonly expiresAtMs: number;
  readonly account: ProviderAccount;
  /** What was learnt on the way and belongs to the connection's settings from now on, e.g. its region. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The vendor (an aggregator) has a page of its own for connecting, and the app's keys open all its people's data: there are no tokens. */
export interface HostedAuth {
  readonly kind: "hosted";
  /** Headers that prove the app, on every call. */
  appHeaders(client: { readonly clientId: string; readonly clientSecret: string }): Readonly<Record<string, string>>;
  /** Makes the page. The browser comes back to one of the two addresses, each with a state of ours in its query. */
  begin(app: AppCall, flow: HostedFlow): Promise<{ readonly url: string }>;
  /**
   * Whose account it is that the browser came back with. Nothing of the query is believed that the vendor does not confirm when asked:
   * throws InvalidInput when it names no account of this `reference`.
   */
  finish(app: AppCall, answer: { readonly query: Readonly<Record<string, string | undefined>>; readonly reference: string }): Promise<ProviderAccount>;
}

export interface HostedFlow {
  /** Our id of the person, the same each time; says nothing to strangers. */
  readonly reference: string;
  readonly returnUrl: string;
  readonly failureUrl: string;
  readonly language: string;
}

/** A phone or meter of the person sends. It is paired once by a short code and has a token of its own from then on. */
export interface DeviceAuth {
  readonly kind: "device";
  /** Resources that may be sent; what names none is the first. */
  readonly pushes: readonly string[];
}

/** Nothing to connect: people type, or send files. */
export interface NoAuth {
  readonly kind: "none";
  /** Resources that may be sent through the API, as with devices. */
  readonly pushes: readonly string[];
}

/** The OAuth sheet of a driver that is known to have one. Throws InternalError for any other. */
export function oauthOf(driver: Pick<Driver, "id" | "auth">): OAuth2Auth {
  if (driver.auth.kind !== "oauth2") throw new InternalError(`${driver.id} does not sign in by OAuth.`);
  return driver.auth;
}
