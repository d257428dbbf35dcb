/**
 * The Driver interface: one vendor cloud, as a data sheet and a few functions. No base class, no state: everything a driver
 * needs arrives in the call.
 *
 * The path (design §1): `pull` and webhooks give raw bytes, which are stored as deliveries; `map` turns them into records and is
 * pure, so any delivery can be replayed after a mapping is fixed.
 */
import type { AuthorizedFetch, RateLimit } from "#http/types.ts";
import type { Endpoints } from "#oauth/types.ts";
import type { MetricName } from "#units/metrics.ts";
import type { Window } from "#units/time.ts";
import type { DriverAuth } from "./auth.ts";
import type { MapResult } from "./records.ts";

/** Equals the driver's folder, its documents page and its simulator file. */
export type ProviderId = string;

/** One kind of payload the driver can map, and, for pulled ones, how it is asked for. */
export interface Resource {
  /** The vendor's own name of the endpoint or summary type. */
  readonly name: string;
  readonly format: "json" | "csv" | "xml";
  /** Present when sync can ask for it by window. */
  readonly pull?: {
    /** Longest window of one request. */
    readonly maxWindowMs: number;
    /** How far a first sync goes back by default. */
    readonly backfillDays: number;
    /** How often to ask for news, seconds. */
    readonly everySeconds: number;
    /** How much of the past is asked again each time, because the vendor revises or delivers late. */
    readonly overlapMs: number;
    /** Data of a pull window comes later by webhook (Garmin back-fill): the answer itself holds no data. */
    readonly deliversByWebhook?: true;
    /** Asked once at the first sync only, never as a safety poll. */
    readonly backfillOnly?: true;
  };
  readonly metrics: readonly MetricName[];
  readonly records: readonly ("sample" | "sleep" | "workout" | "treatment")[];
  /** Scope without which the vendor refuses it, where it is asked for only if the operator wants it (`OAuth2Auth.optionalScopes`). */
  readonly needsScope?: string;
}

export interface Capabilities {
  /** How new data reaches us. "device-push": a phone or meter of the person sends it; "typed": people do. */
  readonly delivery: "poll" | "webhook-ping" | "webhook-push" | "device-push" | "typed";
  readonly historyLimitDays: number | null;
  /** The vendor's own delay, e.g. one hour for Dexcom in the US. */
  readonly latencySeconds: number;
  /**
   * Date `YYYY-MM-DD` from which the vendor serves this API no more. Until then it is going away; from then on nobody is connected anew, and
   * what connections brought before stays.
   */
  readonly endedOn?: string;
  /** The vendor that took over from it. */
  readonly successor?: ProviderId;
  /** The way in is not the vendor's own offer: it is off until the operator turns it on, and people read why before they connect. */
  readonly unofficial?: Words;
  /** One person may have several connections at once (an aggregator's vendors, several phones). */
  readonly allowsSeveral?: true;
}

/** A setting of this vendor that an operator or the connecting person may choose. */
export interface DriverSetting {
  readonly name: string;
  readonly description: string;
  /** The choices; empty for free text. */
  readonly values: readonly string[];
  readonly default: string;
  /** Never shown again once given. */
  readonly isSecret?: true;
  /** Found out by the driver while signing in (`Session.settings`): nobody is asked for it. */
  readonly isLearnt?: true;
  /** "connection": asked from the person when connecting (e.g. region). "provider": the operator's. */
  readonly chosenBy: "connection" | "provider";
}

/** A text for people, in each language of the pages. */
export interface Words {
  readonly en: string;
  readonly es: string;
}

/** How the vendor wants to be shown. Official logo files are never bundled. */
export interface Brand {
  /** Exact words of the connect button. */
  readonly connectText: string;
  readonly colour: string;
  readonly textColour: string;
  /** Shown beside data of this vendor, e.g. "Powered by Strava". */
  readonly attribution?: string;
  /** Text of the link to a workout at the vendor, e.g. "View on Strava"; `{id}` in the URL is its vendor id. */
  readonly workoutLink?: { readonly text: string; readonly url: string };
  /** The vendor lets its data be shown to the person alone: nobody with a grant sees it. */
  readonly isForOwnerOnly?: true;
  /** Said before connecting, in the reader's language (requirement E10). */
  readonly disclosure: Words;
}

export interface ProviderAccount {
  /** The vendor's stable id of the person, as text. */
  readonly vendorUserId: string;
  /** Scopes or permissions really granted, null when the vendor does not tell. */
  readonly grantedScopes: readonly string[] | null;
  /** IANA zone of the account when the vendor tells it. */
  readonly zone?: string;
  /** The same account under the id that it had at a vendor whose API this one took over. */
  readonly formerly?: { readonly provider: ProviderId; readonly vendorUserId: string };
}

export interface DriverCall {
  readonly fetch: AuthorizedFetch;
  /** Settings of the provider and the connection, defaults filled in. */
  readonly settings: Readonly<Record<string, string>>;
  readonly account: {
    readonly vendorUserId: string | null;
    readonly grantedScopes: readonly string[] | null;
    /** The patient's IANA zone, for vendors that are asked by local dates; absent where it is not known. */
    readonly zone?: string;
  };
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What to ask for: a window of a resource, one object by id, or a URL the vendor gave us. */
export type PullRequest =
  | { readonly resource: string; readonly window: Window }
  | { readonly resource: string; readonly objectId: string }
  | { readonly resource: string; readonly url: string };

/** One raw answer of the vendor, to be stored as a delivery and then mapped. */
export interface PulledPage {
  readonly resource: string;
  readonly body: Uint8Array;
}

export interface MapContext {
  /** When the delivery arrived: for payloads that carry no time of their own, and to refuse the far future. */
  readonly receivedMs: number;
  /** The patient's IANA zone, for vendors that send local times without offset. */
  readonly zone: string;
}

/** An inbound HTTP call of a vendor, as received. */
export interface WebhookRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly receivedMs: number;
}

/** Secrets and settings a webhook check may need; several secrets during a rotation. */
export interface WebhookSecrets {
  readonly clientId: string;
  readonly clientSecrets: readonly string[];
  readonly verifyToken: string | null;
  /** Id of our subscription at the vendor, where it has one for the whole app. */
  readonly subscriptionId: string | null;
  /** Secret that the vendor gave with that subscription, where it signs with one of its own. */
  readonly subscriptionSecret?: string | null;
  /** Text of the vendor's public keys as last fetched (`DriverWebhook.signingKeys`); null or absent before the first time. */
  readonly signingKeys?: string | null;
  readonly settings: Readonly<Record<string, string>>;
}

/** Calls on behalf of the app itself, without a person's token. A path is resolved against the API endpoint. */
export interface AppCall {
  readonly fetch: AuthorizedFetch;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** One fact parsed out of a webhook delivery. `account` is the vendor's id of the person. */
export type WebhookEvent =
  | { readonly kind: "data"; readonly account: string; readonly resource: string; readonly payload: unknown }
  | { readonly kind: "pull"; readonly account: string; readonly request: PullRequest }
  | { readonly kind: "withdrawn"; readonly account: string; readonly of: "sleep" | "workout" | "treatment"; readonly vendorId: string }
  | { readonly kind: "deauthorized"; readonly account: string }
  /** The same account under another id from now on. */
  | { readonly kind: "renamed"; readonly account: string; readonly newAccount: string }
  /** The vendor can no longer get at the data until the person signs in anew; what is stored stays. */
  | { readonly kind: "needs_consent"; readonly account: string }
  | { readonly kind: "permissions"; readonly account: string; readonly scopes: readonly string[] };

export interface WebhookSubscription {
  readonly callbackUrl: string;
  readonly verifyToken: string;
  /** Id of the subscription whose secret we still keep; null or absent where we keep none, so that a secret shown once must be had anew. */
  readonly keptSecretOf?: string | null;
}

export interface WebhookSigningKeys {
  /** Where they lie, an https address for the vendor's own settings. */
  url(settings: Readonly<Record<string, string>>): string;
  /** How long they may be kept before they are fetched again. Where that fails, the ones kept go on being used. */
  readonly keepSeconds: number;
  /**
   * True for a delivery that names a key which is not among the kept ones, or where none are kept: fetch them once more, then verify. Never true for
   * a delivery that fails another proof, so that strangers cannot make us fetch; still to be limited to once in a minute or so.
   */
  isMissingKey(request: WebhookRequest, secrets: WebhookSecrets): boolean;
}

export interface WebhookParse {
  readonly events: readonly WebhookEvent[];
  readonly problems: MapResult["problems"];
}

export interface DriverWebhook {
  /** Largest body accepted, bytes. */
  readonly maxBytes: number;
  /** "form": `application/x-www-form-urlencoded`, and `parse` is given its fields (`parseForm`). "json" unless given. */
  readonly bodyFormat?: "json" | "form";
  /** Whether the vendor signs. Unsigned events are hints: a deauthorisation is confirmed by a call before it is believed. */
  readonly isSigned: boolean;
  /** Throws WebhookRejected. Runs on the raw bytes before anything is stored. */
  verify(request: WebhookRequest, secrets: WebhookSecrets): void;
  /** Answers a GET challenge of the vendor, with 200 unless it wants another status; throws WebhookRejected for a wrong verify token. */
  handshake?(request: WebhookRequest, secrets: WebhookSecrets): { readonly contentType: string; readonly body: string; readonly status?: 204 };
  /**
   * Answers a POST that is a check of our address and no delivery (a body that only asks for an echo, a two-step verification); null
   * for everything else. Runs before `verify`; nothing is stored. Throws WebhookRejected for a wrong verify token.
   */
  challenge?(request: WebhookRequest, secrets: WebhookSecrets): { readonly status: 200 | 201 | 204 | 401; readonly contentType: string; readonly body: string } | null;
  /** Status the vendor wants to see for a delivery; 200 unless given. */
  readonly acknowledgeWith?: 200 | 201 | 204;
  /** What the vendor wants to read there; the usual short JSON unless given. */
  readonly acknowledgeBody?: { readonly contentType: string; readonly body: string };
  /** Status the vendor wants to see, in challenge and delivery, for what is not its own; 401 or 400 unless given. */
  readonly refuseWith?: 404;
  /** Public keys by which the vendor signs. Fetched without credentials by whoever calls `verify`, and handed to it in `secrets.signingKeys`. */
  readonly signingKeys?: WebhookSigningKeys;
  /**
   * The verified body without what is a secret of the app's own and not the person's data: what is stored, shown and replayed. For vendors
   * that prove themselves by a shared word within the body.
   */
  redact?(body: Uint8Array): Uint8Array;
  /** Dedupe key of the delivery where the vendor has an event id; absent or null: digest of the body. */
  dedupeKey?(request: WebhookRequest): string | null;
  /**
   * Makes sure that the vendor pushes to `callbackUrl` and gives the subscription's id. Safe to repeat. The vendor may call the
   * handshake while this is pending. Absent where an operator registers the address by hand.
   */
  subscribe?(call: AppCall, subscription: WebhookSubscription): Promise<string | { readonly subscriptionId: string; readonly secret: string }>;
  /** The same for vendors that want it for each person (and each type of data): called after a consent and again for renewal. */
  subscribeConnection?(call: DriverCall, subscription: WebhookSubscription): Promise<void>;
  /** Ends what `subscribeConnection` made, while the tokens still work: called before a connection's grant is ended. */
  unsubscribeConnection?(call: DriverCall): Promise<void>;
  /** Subscriptions lapse: made anew after so many days. */
  readonly renewAfterDays?: number;
  /** Pure. Throws ProviderContractBroken when the body as a whole is unusable. `body` is the parsed JSON, or the fields of a form. */
  parse(body: unknown): WebhookParse;
}

/** One element of a vendor's export file, as a streaming reader gives it. */
export interface FileElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly FileElement[];
  /** 1-based; stands in problems. */
  readonly line: number;
}

/** Maps the elements of one export file, too large for one payload, as they come. Pure but for what it remembers of that file. */
export interface FileMapper {
  element(element: FileElement): void;
  /** The records and problems since the last time. */
  take(): MapResult;
  /** What was held back; nothing may come after it. */
  flush(): MapResult;
  readonly problemCount: number;
}

/** One vendor cloud. */
export interface Driver {
  readonly id: ProviderId;
  readonly displayName: string;
  readonly brand: Brand;
  readonly auth: DriverAuth;
  /**
   * The vendor's endpoints for these settings (region, path version). Two settings exist for every driver: `base_url` replaces
   * all hosts of the vendor (the simulated cloud, a proxy), `browser_base_url` replaces it again for the consent page alone.
   */
  endpoints(settings: Readonly<Record<string, string>>): Endpoints;
  readonly settings: readonly DriverSetting[];
  readonly capabilities: Capabilities;
  readonly rateLimits: readonly RateLimit[];
  readonly resources: readonly Resource[];
  /** Goes up by one whenever `map` makes other records of the same payload, so that an operator can replay what an older one made. 1 unless given. */
  readonly mappingVersion?: number;

  /** Who is this? Called once after authorization; `tokenAnswer` is the parsed body of the code exchange. */
  identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount>;
  /** Raw pages; safe to repeat. */
  pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage>;
  /** Pure: parsed payload (JSON value, or text for csv and xml) → records. Throws ProviderContractBroken when the envelope is unusable. */
  map(resource: string, payload: unknown, context: MapContext): MapResult;
  readonly webhook?: DriverWebhook;
  /** For a vendor whose export file is read as a stream (`imports/apple-export.ts`). */
  fileMapper?(context: MapContext): FileMapper;
  /** Tells the vendor that the connection ends. `app` is for vendors that want it from the app and not from the person. */
  revoke?(call: DriverCall, app?: AppCall): Promise<void>;
}
