/** Giving up one's account. Of one that is no patient's, nothing of the person stays; a patient's goes with the record, which is erased as a whole. */
import type { Tx } from "#db/database.ts";
import { InternalError } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { forgetDevices } from "../sign-in/known-devices.ts";
import type { AccountActor, AccountsContext } from "./context.ts";
import { readPerson, tellPerson } from "./person.ts";
import { keepAnAdmin } from "./users.ts";

/**
 * Deletes one's account at once, or orders the erasure of one's record and with it the account: says which. The erasure waits as any other and can be undone;
 * whoever also works for the organization keeps that account until they give it up, too. Throws InvalidInput for a wrong password, Conflict for the last admin, for a
 * legal hold, and for an erasure that was ordered already.
 */
export async function deleteAccount(context: AccountsContext, actor: AccountActor, password: string): Promise<"deleted" | "erasure_ordered"> {
  await context.signIn.confirm(actor, password);
  const patientId = await context.database.asSystem(async (tx) => {
    const person = await readPerson(tx, actor.userId);
    await keepAnAdmin(tx, actor.userId);
    if (person.patientId !== null) return person.patientId;
    await tellPerson(tx, person, { template: "account_deleted" });
    await scrubUser(tx, actor.userId, context.clock.now());
    await audit(tx, actor.organizationId, { action: "user.deleted", actorUserId: actor.userId, objectType: "user", objectId: actor.userId });
    return null;
  });
  if (patientId === null) return "deleted";
  if (!context.requestErasure) throw new InternalError("Accounts are given up where erasures can be ordered.");
  await context.requestErasure({ organizationId: actor.organizationId, patientId, userId: actor.userId });
  return "erasure_ordered";
}

/** Leaves of a user the id, for what refers to it. Runs across tenants or in the user's own. */
export async function scrubUser(tx: Tx, userId: string, nowMs: number): Promise<void> {
  await endSessionsOf(tx, userId);
  await forgetDevices(tx, userId);
  await tx.query("delete from account_links where user_id = $1", [userId]);
  await tx.query("update grants set valid_to = to_timestamp($2::float8 / 1000) where user_id = $1 and valid_to > to_timestamp($2::float8 / 1000)", [userId, nowMs]);
  await tx.query("update invitations set withdrawn_at = to_timestamp($2::float8 / 1000) where invited_by = $1 and accepted_at is null and withdrawn_at is null", [userId, nowMs]);
  await tx.query("update invitations set email = 'deleted@invalid', national_id_index = null where accepted_by = $1", [userId]);
  await tx.query(
    `update users set email = null, email_verified_at = null, username = null, national_id_index = null, national_id_sealed = null, password_hash = null, display_name = '',
       given_name = null, family_name = null, hospital_account = null, tidepool_account = null, roles = '{}', must_change_password = false,
       blocked_at = coalesce(blocked_at, to_timestamp($2::float8 / 1000)), deleted_at = to_timestamp($2::float8 / 1000) where id = $1`, [userId, nowMs],
  );
}
