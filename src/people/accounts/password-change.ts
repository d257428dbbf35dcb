/** A new password: by the old one, or by a link to one's mail. Both end what others are signed in by, and both are told to the person. */
import type { Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { InvalidInput } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { forgetAttempts } from "../sign-in/attempts.ts";
import { checkNewPassword } from "../sign-in/blocked-passwords.ts";
import { findCandidates } from "../sign-in/candidates.ts";
import { forgetDevices } from "../sign-in/known-devices.ts";
import { accountKeys } from "../sign-in/sign-in.ts";
import type { AccountActor, AccountsContext } from "./context.ts";
import { dropLinks, lookAtLink, mailLink, makeLink, MOST_LINKS_AN_HOUR, recentLinks, takeLink } from "./links.ts";
import { hasSecondFactor, readPerson, tellPerson, wordsOf, type AccountPerson } from "./person.ts";

/**
 * Changes one's password; ends all other sessions. Throws InvalidInput for a wrong present one, TooManyRequests after too many, InvalidInput for
 * a new one that the rules refuse.
 */
export async function changePassword(context: AccountsContext, actor: AccountActor, given: { readonly current: string; readonly next: string }): Promise<void> {
  await context.signIn.confirm(actor, given.current);
  const { person, isStrong } = await context.database.withOrganization(actor.organizationId, (tx) => look(context, tx, actor.userId));
  checkNewPassword({ password: given.next, words: wordsOf(person), hasSecondFactor: isStrong, pointer: "/body/newPassword" });
  if (given.next === given.current) throw new InvalidInput("The new password is the old one.", { code: "weak_password", issues: [{ pointer: "/body/newPassword", detail: "choose another" }] });
  const hash = await context.hashing.hash(given.next);
  await context.database.asSystem(async (tx) => {
    await setPassword(tx, context, { userId: actor.userId, hash });
    await endSessionsOf(tx, actor.userId, { except: actor.session.hash });
    await dropLinks(tx, actor.userId, ["recovery"]);
    await audit(tx, actor.organizationId, { action: "password.changed", actorUserId: actor.userId, objectType: "user", objectId: actor.userId });
    await tellPerson(tx, person, { template: "password_changed" });
  });
}

/** Sends a link to whoever goes by this name, if anybody does. The same is done, and takes the same time, for nobody (faults AU-03). */
export async function askRecovery(context: AccountsContext, identifier: string): Promise<void> {
  await context.database.asSystem(async (tx) => {
    const nowMs = context.clock.now();
    const candidates = await findCandidates(tx, context.identities, identifier);
    const owner = candidates.find((each) => each.email !== null && each.isEmailVerified && !each.isBlocked) ?? null;
    const isOpen = (await recentLinks(tx, owner?.id ?? null, { kind: "recovery", nowMs })) < MOST_LINKS_AN_HOUR;
    const told = isOpen ? owner : null;
    const token = await makeLink(tx, { kind: "recovery", owner: told && { userId: told.id, organizationId: told.organizationId }, email: told?.email ?? null, nowMs });
    await sendMail(tx, {
      organizationId: told?.organizationId ?? null, to: told?.email ?? null, template: "password_recovery", locale: told?.locale ?? "en", link: mailLink(context, "recovery", token),
    });
    await audit(tx, told?.organizationId ?? null, { action: "password.recovery_asked", ...(told ? { objectType: "user", objectId: told.id } : {}) });
  });
}

/**
 * Sets the password that a recovery link stands for. Ends every session, signs nobody in (faults AU-19). Throws InvalidInput for a link that does not
 * work and for a password that the rules refuse; after the latter the link still works.
 */
export async function recoverPassword(context: AccountsContext, token: string, password: string): Promise<void> {
  const { database, clock } = context;
  const kinds = ["recovery"] as const;
  const { person, isStrong } = await database.asSystem(async (tx) => look(context, tx, (await lookAtLink(tx, token, { kinds, nowMs: clock.now() })).userId));
  checkNewPassword({ password, words: wordsOf(person), hasSecondFactor: isStrong });
  const hash = await context.hashing.hash(password);
  await database.asSystem(async (tx) => {
    const { userId, organizationId, email } = await takeLink(tx, token, { kinds, nowMs: clock.now() });
    await setPassword(tx, context, { userId, hash });
    // Who reads the mail owns the address, if it is still the account's.
    await tx.query("update users set email_verified_at = coalesce(email_verified_at, to_timestamp($2::float8 / 1000)) where id = $1 and email = $3", [userId, clock.now(), email]);
    await endSessionsOf(tx, userId);
    await dropLinks(tx, userId, ["recovery"]);
    await audit(tx, organizationId, { action: "password.recovered", actorUserId: userId, objectType: "user", objectId: userId });
    await tellPerson(tx, person, { template: "password_changed" });
  });
}

async function look(context: AccountsContext, tx: Tx, userId: string): Promise<{ person: AccountPerson; isStrong: boolean }> {
  return { person: await readPerson(tx, userId), isStrong: await hasSecondFactor(context, tx, userId) };
}

/** Writes the new hash; forgets the user's browsers and what was tried at the account. */
export async function setPassword(tx: Tx, context: AccountsContext, next: { readonly userId: string; readonly hash: string; readonly mustChange?: boolean }): Promise<void> {
  await tx.query(
    `update users set password_hash = $2, password_scheme = 'argon2id', password_changed_at = to_timestamp($3::float8 / 1000), must_change_password = $4 where id = $1`,
    [next.userId, next.hash, context.clock.now(), next.mustChange ?? false],
  );
  await forgetDevices(tx, next.userId);
  await forgetAttempts(tx, accountKeys(context.identities, next.userId));
}
