/**
 * Every error class and code of Islet, in one table. A room never throws an error without a code across its boundary.
 * Messages are sentences with ids and numbers; never tokens, names or health values.
 * `retry` tells the job runner what to do: "never" (dead), "later" (exponential back-off) or "at" (at `retryAtMs`).
 */
export type RetryAdvice = "never" | "later" | "at";

interface ErrorOptionsWithCause {
  readonly cause?: unknown;
}

/** Base of all errors that carry a code. Thrown only through its subclasses. */
export abstract class IsletError extends Error {
  abstract readonly code: string;
  /** HTTP status of the reply, or null where the error never reaches a reply. */
  abstract readonly httpStatus: number | null;
  abstract readonly retry: RetryAdvice;

  constructor(message: string, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One wrong place in an input: a JSON pointer (or line), what is wrong there, and what to do. */
export interface InputIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** The caller sent something that cannot be accepted. 400. */
export class InvalidInput extends IsletError {
  readonly code: string;
  readonly httpStatus: number;
  readonly retry = "never";
  readonly issues: readonly InputIssue[];

  constructor(
    message: string,
    options: ErrorOptionsWithCause & { issues?: readonly InputIssue[]; code?: string; httpStatus?: 400 | 413 | 415 | 422 } = {},
  ) {
    super(message, options);
    this.issues = options.issues ?? [];
    this.code = options.code ?? "invalid_input";
    this.httpStatus = options.httpStatus ?? 400;
  }
}

/** Why an uploaded file is refused, and the HTTP status of it. */
const UPLOAD_REFUSALS = {
  file_too_large: 413, file_type: 415, file_extension: 415, file_empty: 422, file_damaged: 422, file_ambiguous: 422, file_check_stopped: 422, file_infected: 422,
  image_too_large: 422, pdf_encrypted: 422, pdf_active: 422, pdf_too_complex: 422,
} as const;
export type UploadRefusal = keyof typeof UPLOAD_REFUSALS;

/** An uploaded file that is not taken; the message says what to do instead. Names neither the file nor anything in it. */
export class UploadRefused extends InvalidInput {
  declare readonly code: UploadRefusal;

  constructor(code: UploadRefusal, message: string, options: ErrorOptionsWithCause = {}) {
    super(message, { ...options, code, httpStatus: UPLOAD_REFUSALS[code] });
  }
}

/** Nobody is signed in, or the credentials are wrong. 401. */
export class NotAuthenticated extends IsletError {
  readonly code = "not_authenticated";
  readonly httpStatus = 401;
  readonly retry = "never";
}

/** Signed in, but not allowed to do this (never used to tell a foreign id from a missing one). 403. */
export class NotPermitted extends IsletError {
  readonly code = "not_permitted";
  readonly httpStatus = 403;
  readonly retry = "never";
}

/** The person has not consented to this, or no more. 403, naming the purpose: whoever asks may reach the person and can have them decide. */
export class ConsentMissing extends IsletError {
  readonly code = "consent_missing";
  readonly httpStatus = 403;
  readonly retry = "never";
  readonly purpose: string;

  constructor(purpose: string) {
    super(`This needs the person's consent to ${purpose}, which was not given or was withdrawn.`);
    this.purpose = purpose;
  }

  /** What to do, for whoever shows it. */
  get issue(): InputIssue {
    return { pointer: `/consents/${this.purpose}`, detail: "let the person read the text of GET /patients/{patientId}/consents and decide by POST to the same address" };
  }
}

/** Signed in for long, and this is too grave to be done without proving again who one is. 403. */
export class ProofRequired extends IsletError {
  readonly code = "proof_required";
  readonly httpStatus = 403;
  readonly retry = "never";
}

/** The account has a password that somebody else chose, or that is guessed first: it is changed before anything else. 403. */
export class PasswordChangeRequired extends IsletError {
  readonly code = "password_change_required";
  readonly httpStatus = 403;
  readonly retry = "never";
}

/** The organization requires a second factor of its staff, and this person has none: it is set up before anything else. 403. */
export class SecondFactorRequired extends IsletError {
  readonly code = "second_factor_required";
  readonly httpStatus = 403;
  readonly retry = "never";
}

/** There is no such thing, or the caller may not know of it. 404. */
export class NotFound extends IsletError {
  readonly code = "not_found";
  readonly httpStatus = 404;
  readonly retry = "never";
}

/** The request contradicts the present state. 409. */
export class Conflict extends IsletError {
  readonly code: string;
  readonly httpStatus = 409;
  readonly retry = "never";

  constructor(message: string, options: ErrorOptionsWithCause & { code?: string } = {}) {
    super(message, options);
    this.code = options.code ?? "conflict";
  }
}

/** What the caller saw has been changed since by somebody else: nothing was done. 412, with who it was and when. */
export class ChangedMeanwhile extends IsletError {
  readonly code = "changed_meanwhile";
  readonly httpStatus = 412;
  readonly retry = "never";
  readonly changed: { readonly version: number; readonly by: string | null; readonly atMs: number };

  /** @param changed the version that there is now; by whom, as the reply names them and no message or log does; when */
  constructor(changed: { readonly version: number; readonly by: string | null; readonly atMs: number }) {
    super(`Somebody else has changed this meanwhile, it is at version ${changed.version}: look at it again, then decide.`);
    this.changed = changed;
  }
}

/** A place in a list that is not there any more, as after a restored backup: begin anew. 410. */
export class CursorGone extends IsletError {
  readonly code = "cursor_gone";
  readonly httpStatus = 410;
  readonly retry = "never";
}

/** Too many requests from this caller. 429 with Retry-After. */
export class TooManyRequests extends IsletError {
  readonly code = "too_many_requests";
  readonly httpStatus = 429;
  readonly retry = "at";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** We cannot serve now (database away, queue in front of the inbox full): 503 with Retry-After; the caller should come again. */
export class Unavailable extends IsletError {
  readonly code = "unavailable";
  readonly httpStatus = 503;
  readonly retry = "later";
  readonly retryAfterSeconds: number;

  constructor(message: string, options: ErrorOptionsWithCause & { retryAfterSeconds?: number } = {}) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds ?? 5;
  }
}

export type WebhookRejection = "webhook_signature" | "webhook_stale" | "webhook_unknown" | "webhook_malformed";

/**
 * A webhook delivery that must not enter. Signature and staleness answer 401, the rest 400.
 * The reply never says which check failed (faults catalogue WH-01).
 */
export class WebhookRejected extends IsletError {
  readonly code: WebhookRejection;
  readonly httpStatus: 400 | 401;
  readonly retry = "never";

  constructor(code: WebhookRejection, message: string, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.code = code;
    this.httpStatus = code === "webhook_signature" || code === "webhook_stale" ? 401 : 400;
  }
}

/** A person must consent again: the vendor refused our refresh token or revoked the authorization. */
export class ReauthorizationRequired extends IsletError {
  readonly code = "reauthorization_required";
  readonly httpStatus = 409;
  readonly retry = "never";
}

/** The vendor's own client configuration refused (`invalid_client`): an operator must act, no connection is at fault. */
export class ProviderMisconfigured extends IsletError {
  readonly code = "provider_misconfigured";
  readonly httpStatus = 502;
  readonly retry = "later";
}

/** The vendor said 429, or our own budget for it is spent. `retryAtMs` is a UTC epoch in milliseconds. */
export class ProviderRateLimited extends IsletError {
  readonly code = "provider_rate_limited";
  readonly httpStatus = 503;
  readonly retry = "at";
  readonly retryAtMs: number;

  constructor(message: string, retryAtMs: number, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.retryAtMs = retryAtMs;
  }
}

/** The vendor is away: network error, time-out or 5xx after our retries. */
export class ProviderUnavailable extends IsletError {
  readonly code = "provider_unavailable";
  readonly httpStatus = 502;
  readonly retry = "later";
  /** Status of the last answer, null when there was none. */
  readonly vendorStatus: number | null;

  constructor(message: string, options: ErrorOptionsWithCause & { vendorStatus?: number } = {}) {
    super(message, options);
    this.vendorStatus = options.vendorStatus ?? null;
  }
}

/** The vendor failed so often that nobody calls it before `retryAtMs`, UTC epoch milliseconds (faults VA-03). */
export class ProviderResting extends ProviderUnavailable {
  readonly retryAtMs: number;

  constructor(message: string, retryAtMs: number, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.retryAtMs = retryAtMs;
  }
}

/** The vendor refused this one request for good (400, 403, 404, 409, 410, 412 …). */
export class ProviderRefused extends IsletError {
  readonly code = "provider_refused";
  readonly httpStatus = 502;
  readonly retry = "never";
  readonly vendorStatus: number;
  /** Start of the vendor's answer, for a driver to classify. Private and reached by a method, so that no logger prints it. */
  readonly #body: string;

  constructor(message: string, vendorStatus: number, body: string, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.vendorStatus = vendorStatus;
    this.#body = body.slice(0, 2_000);
  }

  /** The first 2,000 characters of the vendor's answer. May hold personal data: classify it, never log it. */
  vendorBody(): string {
    return this.#body;
  }
}

/** A vendor's payload does not have the agreed shape. Keeps the path, never the value. */
export class ProviderContractBroken extends IsletError {
  readonly code = "provider_contract";
  readonly httpStatus = 502;
  readonly retry = "later";
  readonly path: string;

  constructor(message: string, path: string, options: ErrorOptionsWithCause = {}) {
    super(message, options);
    this.path = path;
  }
}

/** A sealed secret cannot be opened: wrong key, wrong row, changed or truncated bytes. */
export class VaultRefused extends IsletError {
  readonly code = "vault_refused";
  readonly httpStatus = 500;
  readonly retry = "never";
}

/** Islet cannot start as configured. The message is the one sentence the operator reads. */
export class ConfigError extends IsletError {
  readonly code = "config";
  readonly httpStatus = null;
  readonly retry = "never";
}

/** Something that should be impossible. 500 without detail, alarm. */
export class InternalError extends IsletError {
  readonly code = "internal";
  readonly httpStatus = 500;
  readonly retry = "later";
}

/** Code of any thrown thing, `internal` for what is not ours. */
export function errorCode(error: unknown): string {
  return error instanceof IsletError ? error.code : "internal";
}
