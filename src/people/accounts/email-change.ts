/** Another e-mail address for an account, and confirming the one it has. Whoever loses an address by this can take it back for a week. */
import type { Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { InvalidInput } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { forgetDevices } from "../sign-in/known-devices.ts";
import { checkEmail, refuseTaken } from "./accounts.ts";
import type { AccountActor, AccountsContext } from "./context.ts";
import { dropLinks, mailLink, makeLink, MOST_LINKS_AN_HOUR, recentLinks, takeLink, type UsedLink } from "./links.ts";
import { readPerson } from "./person.ts";

/** Sends a link to the new address, by which the change is made. What is answered does not tell whether the address is somebody's. Throws InvalidInput for a wrong password. */
export async function askEmailChange(context: AccountsContext, actor: AccountActor, given: { readonly email: string; readonly password: string }): Promise<void> {
  const email = checkEmail(given.email);
  await context.signIn.confirm(actor, given.password);
  await context.database.asSystem(async (tx) => {
    const nowMs = context.clock.now();
    const person = await readPerson(tx, actor.userId);
    if (person.email === email) throw new InvalidInput("This is the address that the account has.", { issues: [{ pointer: "/body/email", detail: "choose another" }] });
    if ((await recentLinks(tx, actor.userId, { kind: "email_change", nowMs })) >= MOST_LINKS_AN_HOUR) return;
    const taken = await tx.query("select 1 from users where email = $1", [email]);
    await dropLinks(tx, actor.userId, ["email_change"]);
    const token = await makeLink(tx, { kind: "email_change", owner: actor, email, nowMs });
    await sendMail(tx, {
      organizationId: actor.organizationId, to: email, template: taken.length > 0 ? "already_registered" : "email_change", locale: person.locale, link: mailLink(context, "email_change", token),
    });
    await audit(tx, actor.organizationId, { action: "email.change_asked", actorUserId: actor.userId, objectType: "user", objectId: actor.userId });
  });
}

/** Sends the person a link to confirm the address that the account has. */
export async function askEmailProof(context: AccountsContext, actor: Pick<AccountActor, "userId" | "organizationId">): Promise<void> {
  await context.database.asSystem((tx) => sendEmailProof(context, tx, actor));
}

/** The same in a transaction under way. Does nothing for an account without address, with a confirmed one, or that was sent some already. */
export async function sendEmailProof(context: AccountsContext, tx: Tx, owner: Pick<AccountActor, "userId" | "organizationId">): Promise<void> {
  const nowMs = context.clock.now();
  const person = await readPerson(tx, owner.userId);
  if (person.email === null || person.isEmailVerified || (await recentLinks(tx, owner.userId, { kind: "verify_email", nowMs })) >= MOST_LINKS_AN_HOUR) return;
  const token = await makeLink(tx, { kind: "verify_email", owner, email: person.email, nowMs });
  await sendMail(tx, {
    organizationId: owner.organizationId, to: person.email, template: "verify_email", locale: person.locale, values: { organization: person.organization }, link: mailLink(context, "verify_email", token),
  });
}

/** Confirms an address, or changes to it. Throws InvalidInput for a link that does not work, Conflict where the address has become somebody's meanwhile. */
export async function confirmEmail(context: AccountsContext, token: string): Promise<void> {
  await context.database.asSystem(async (tx) => {
    const nowMs = context.clock.now();
    const link = await takeLink(tx, token, { kinds: ["verify_email", "email_change"], nowMs });
    if (link.kind === "email_change") return change(context, tx, link);
    const done = await tx.query("update users set email_verified_at = to_timestamp($3::float8 / 1000) where id = $1 and email = $2 and deleted_at is null returning 1", [link.userId, link.email, nowMs]);
    if (done.length > 0) await audit(tx, link.organizationId, { action: "email.confirmed", actorUserId: link.userId, objectType: "user", objectId: link.userId });
  });
}

async function change(context: AccountsContext, tx: Tx, link: UsedLink): Promise<void> {
  const nowMs = context.clock.now();
  const person = await readPerson(tx, link.userId);
  await tx.query("update users set email = $2, email_verified_at = to_timestamp($3::float8 / 1000) where id = $1", [link.userId, link.email, nowMs]).catch(refuseTaken);
  // A link that was sent to the old address must not open the account any more.
  await dropLinks(tx, link.userId, ["recovery", "verify_email", "email_change"]);
  await audit(tx, link.organizationId, { action: "email.changed", actorUserId: link.userId, objectType: "user", objectId: link.userId });
  if (person.email === null || !person.isEmailVerified) return;
  const token = await makeLink(tx, { kind: "email_undo", owner: link, email: person.email, nowMs });
  await sendMail(tx, { organizationId: link.organizationId, to: person.email, template: "email_changed", locale: person.locale, link: mailLink(context, "email_undo", token) });
}

/**
 * Takes an address back. Whoever changed it knew the password: so it opens nothing any more, everybody is signed out, and the person chooses a new
 * one by a link that is sent at once. Throws InvalidInput for a link that does not work, Conflict where the address has become somebody else's.
 */
export async function undoEmailChange(context: AccountsContext, token: string): Promise<void> {
  await context.database.asSystem(async (tx) => {
    const nowMs = context.clock.now();
    const link = await takeLink(tx, token, { kinds: ["email_undo"], nowMs });
    const person = await readPerson(tx, link.userId);
    await tx.query("update users set email = $2, email_verified_at = to_timestamp($3::float8 / 1000), password_hash = null where id = $1", [link.userId, link.email, nowMs]).catch(refuseTaken);
    await dropLinks(tx, link.userId, ["recovery", "verify_email", "email_change", "email_undo"]);
    await endSessionsOf(tx, link.userId);
    await forgetDevices(tx, link.userId);
    const recovery = await makeLink(tx, { kind: "recovery", owner: link, email: link.email, nowMs });
    await sendMail(tx, { organizationId: link.organizationId, to: link.email, template: "password_recovery", locale: person.locale, link: mailLink(context, "recovery", recovery) });
    await audit(tx, link.organizationId, { action: "email.change_undone", actorUserId: link.userId, objectType: "user", objectId: link.userId });
  });
}
