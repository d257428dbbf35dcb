/** The last mail to somebody whose data is gone. It leads back to nobody: the reference is the erasure's own, and the outbox forgets the address once the mail was sent or given up. */
import type { Tx } from "#db/database.ts";
import { sendMail } from "#mail/outbox.ts";
import { mailTime } from "#mail/render.ts";
import type { ErasedPerson } from "../context.ts";
import type { Certificate } from "./certificate.ts";

/** Puts it into the outbox, in the transaction that deletes the account. */
export async function tellErased(tx: Tx, { organizationId, email, locale }: ErasedPerson, { erasureId, doneMs }: Certificate): Promise<void> {
  const [organization] = await tx.query<{ name: string }>("select name from organizations where id = $1", [organizationId]);
  await sendMail(tx, {
    organizationId, to: email, locale, template: "erasure_done", values: { organization: organization!.name, time: mailTime(doneMs), reference: erasureId },
  });
}
