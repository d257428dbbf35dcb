/** Who somebody proves to be: the step before a session. */
import type { Database, Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { mailTime } from "#mail/render.ts";
import type { Clock } from "../../clock.ts";
import { InvalidInput, NotAuthenticated, TooManyRequests } from "../../errors.ts";
import type { Identities } from "../accounts/identities.ts";
import { audit } from "../audit/audit.ts";
import { isWeakPassword } from "./blocked-passwords.ts";
import { countAttempt, forgiveAttempt, type AttemptKeys } from "./attempts.ts";
import { findCandidate, findCandidates, foldIdentifier, type Candidate } from "./candidates.ts";
import type { Hashing } from "./hashing.ts";
import { deviceHash, isKnownDevice, rememberDevice, type DeviceToken } from "./known-devices.ts";
import { networkOf } from "./throttle.ts";
import { createTurns } from "./turns.ts";

/** A user who has proved to be one. */
export interface Proven {
  readonly userId: string;
  readonly organizationId: string;
}

/** What a password proves, and what is still to be done. */
export interface SignedIn extends Proven {
  /** The password is not good enough any more, or somebody else has chosen it. */
  readonly mustChangePassword: boolean;
  /** `needed`: no session is opened before a second factor was shown. */
  readonly secondFactor: "none" | "needed";
  /** To be kept by the browser; null for a program, and while a second factor is needed. */
  readonly device: DeviceToken | null;
}

export interface PasswordAttempt {
  /** An e-mail address, a username or a national id. */
  readonly identifier: string;
  readonly password: string;
  /** Where it comes from: an IP address. */
  readonly address: string;
  /** The device cookie of a browser; absent for a program, which has none. */
  readonly device?: { readonly token: string | null };
}

export interface SignIn {
  /** Checks what was typed. Throws NotAuthenticated, with one sentence for every reason, also while guessing is slowed; Unavailable under a flood. */
  withPassword(attempt: PasswordAttempt): Promise<SignedIn>;
  /** What follows a second step: the browser is known, as after a password alone. */
  complete(proven: Proven, device?: { readonly token: string | null }): Promise<Pick<SignedIn, "mustChangePassword" | "device">>;
  /**
   * Checks the password of somebody who is signed in already, before a sensitive act. False when it is wrong; throws TooManyRequests when it was
   * wrong too often.
   */
  isOwnPassword(proven: Proven, password: string): Promise<boolean>;
  /** The same; throws InvalidInput (`wrong_password`) when it is wrong: the caller stays signed in, so it is no 401. */
  confirm(proven: Proven, password: string): Promise<void>;
}

export interface SignInParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly hashing: Hashing;
  readonly identities: Pick<Identities, "index" | "digest">;
  /** Whether a user has a second factor; nobody has where none can be set up. */
  readonly hasSecondFactor?: (tx: Tx, userId: string) => Promise<boolean>;
}

/** One sentence for a wrong password, an unknown name, a blocked account and a try too many. */
const REFUSAL = "That did not work. Check what you typed; after several wrong tries, wait a few minutes before the next.";
const PROOF_WAIT_SECONDS = 60;
/** Whole attempts at once: all of them count on one row, and must not hold every connection that other requests need while they wait for it. */
const ATTEMPT_LIMITS = { atOnce: 3, mostWaiting: 128 } as const;

/** Keys under which tries at an account are counted: forgotten when its person recovers it. */
export function accountKeys(identities: Pick<Identities, "digest">, userId: string): Buffer[] {
  return [identities.digest("tries-account", userId), identities.digest("tries-proof", userId)];
}

export function createSignIn(parts: SignInParts): SignIn {
  const { database, clock, hashing, identities } = parts;
  const inTurn = createTurns(ATTEMPT_LIMITS);
  return {
    withPassword: (attempt) => inTurn(async () => {
      const found = await admit(parts, attempt);
      const owner = found && (await whoMatches(hashing, found.candidates, attempt.password));
      if (found && owner) return succeed(parts, attempt, { keys: found.keys, owner });
      if (found) await noteRefusal(parts, found.candidates);
      throw new NotAuthenticated(REFUSAL);
    }),
    complete: (proven, device) => database.asSystem(async (tx) => {
      const owner = await findCandidate(tx, proven.userId);
      if (!owner || owner.isBlocked) throw new NotAuthenticated(REFUSAL);
      return { mustChangePassword: owner.mustChangePassword, device: device ? await knowDevice(tx, owner, { token: device.token, nowMs: clock.now() }) : null };
    }),
    isOwnPassword: (proven, password) => isOwnPassword({ database, clock, hashing, identities }, proven, password),
    confirm: async (proven, password) => {
      if (!(await isOwnPassword({ database, clock, hashing, identities }, proven, password))) throw new InvalidInput("That is not the password of this account.", { code: "wrong_password" });
    },
  };
}

interface Admitted {
  readonly candidates: readonly Candidate[];
  readonly keys: AttemptKeys;
}

/** Looks whose name it is and counts the attempt; null when it may not be made now. Unknown names are counted like known ones. */
async function admit({ database, clock, identities }: SignInParts, { identifier, address, device }: PasswordAttempt): Promise<Admitted | null> {
  return database.asSystem(async (tx) => {
    const nowMs = clock.now();
    const candidates = await findCandidates(tx, identities, identifier);
    const account = candidates[0] ? candidates.map(({ id }) => id).join(" ") : `name ${foldIdentifier(identifier)}`;
    const hash = deviceHash(device?.token);
    const isKnown = await isKnownDevice(tx, hash, { userIds: candidates.map(({ id }) => id), nowMs });
    const network = networkOf(address);
    const keys: AttemptKeys = isKnown
      ? { device: identities.digest("tries-device", `${hash!.toString("hex")} ${account}`) }
      : {
          account: identities.digest("tries-account", account), pair: identities.digest("tries-pair", `${network} ${account}`),
          address: identities.digest("tries-address", network), everybody: identities.digest("tries-everybody", ""),
        };
    return (await countAttempt(tx, keys, nowMs)) ? { candidates, keys } : null;
  });
}

/** Whose password it is. A blocked account costs the same, and one that is not there, too; several of one person are compared side by side. */
async function whoMatches(hashing: Hashing, candidates: readonly Candidate[], password: string): Promise<Candidate | null> {
  if (candidates.length === 0) {
    await hashing.matches(null, password);
    return null;
  }
  const matches = await Promise.all(candidates.map((each) => hashing.matches({ hash: each.passwordHash, scheme: each.passwordScheme }, password)));
  return candidates.find((each, at) => matches[at] && !each.isBlocked) ?? null;
}

async function succeed(parts: SignInParts, attempt: PasswordAttempt, { keys, owner }: { readonly keys: AttemptKeys; readonly owner: Candidate }): Promise<SignedIn> {
  const { database, clock, hashing, hasSecondFactor } = parts;
  // What an older system kept goes the moment we see the password itself.
  const upgraded = owner.passwordScheme === "argon2id" ? null : await hashing.hash(attempt.password);
  return database.asSystem(async (tx) => {
    const nowMs = clock.now();
    await forgiveAttempt(tx, keys, nowMs);
    const needsSecond = (await hasSecondFactor?.(tx, owner.id)) ?? false;
    const isWeak = upgraded !== null && isWeakPassword({ password: attempt.password, words: [owner.email, owner.displayName], hasSecondFactor: needsSecond });
    if (upgraded !== null) await upgrade(tx, owner, { hash: upgraded, isWeak });
    const device = needsSecond || !attempt.device ? null : await knowDevice(tx, owner, { token: attempt.device.token, nowMs });
    return { userId: owner.id, organizationId: owner.organizationId, mustChangePassword: owner.mustChangePassword || isWeak, secondFactor: needsSecond ? "needed" : "none", device };
  });
}

/** Nobody is shut out for a password that was good enough for the older system: it is to be changed. */
async function upgrade(tx: Tx, owner: Candidate, next: { readonly hash: string; readonly isWeak: boolean }): Promise<void> {
  const done = await tx.query(
    `update users set password_hash = $2, password_scheme = 'argon2id', must_change_password = must_change_password or $4 where id = $1 and password_hash = $3 returning 1`,
    [owner.id, next.hash, owner.passwordHash, next.isWeak],
  );
  if (done.length > 0) await audit(tx, owner.organizationId, { action: "password.upgraded", actorUserId: owner.id, objectType: "user", objectId: owner.id });
}

/** Remembers the browser, and tells the person when it is one more. */
export async function knowDevice(tx: Tx, owner: Candidate, given: { readonly token: string | null; readonly nowMs: number }): Promise<DeviceToken> {
  const { token, expiresMs, isNew } = await rememberDevice(tx, { userId: owner.id, organizationId: owner.organizationId }, given);
  if (isNew && owner.email !== null && owner.isEmailVerified) {
    await sendMail(tx, { organizationId: owner.organizationId, to: owner.email, template: "new_device", locale: owner.locale, values: { time: mailTime(given.nowMs) } });
  }
  return { token, expiresMs };
}

/** That somebody failed, without what was typed; the same whether the account is there. */
async function noteRefusal({ database }: SignInParts, candidates: readonly Candidate[]): Promise<void> {
  const known = candidates[0];
  await database.asSystem((tx) => audit(tx, known?.organizationId ?? null, { action: "session.refused", outcome: "refused", ...(known ? { objectType: "user", objectId: known.id } : {}) }));
}

async function isOwnPassword({ database, clock, hashing, identities }: SignInParts, { userId, organizationId }: Proven, password: string): Promise<boolean> {
  const keys: AttemptKeys = { device: identities.digest("tries-proof", userId) };
  const owner = await database.asSystem(async (tx) => ((await countAttempt(tx, keys, clock.now())) ? findCandidate(tx, userId) : "slowed"));
  if (owner === "slowed") throw new TooManyRequests("The password was wrong too often: wait a few minutes.", PROOF_WAIT_SECONDS);
  const isRight = await hashing.matches(owner && { hash: owner.passwordHash, scheme: owner.passwordScheme }, password);
  await database.asSystem((tx) => isRight
    ? forgiveAttempt(tx, keys, clock.now())
    : audit(tx, organizationId, { action: "password.refused", outcome: "refused", actorUserId: userId, objectType: "user", objectId: userId }));
  return isRight;
}
