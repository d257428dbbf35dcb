/** Mail on its way: written in the transaction that is its reason, so that it is sent if and only if that was committed. */
import { randomUUID } from "node:crypto";
import type { Tx } from "#db/database.ts";
import type { Place, Vault } from "#vault/seal.ts";
import { InvalidInput } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { isMailAddress } from "./render.ts";
import type { MailLocale, MailTemplate } from "./templates.ts";

export interface Mail {
  /** Null before the tenant is known. */
  readonly organizationId: string | null;
  /** Null: nobody. The same is done and nothing is sent, for callers who must not show by their time whether there is somebody. */
  readonly to: string | null;
  readonly template: MailTemplate;
  readonly locale: MailLocale;
  /** What is filled in; never a secret. */
  readonly values?: Readonly<Record<string, string>>;
  /** An address with a token in it: sealed while it waits, and gone once the mail was sent. */
  readonly link?: { readonly url: Secret; readonly vault: Pick<Vault, "seal"> };
}

/** Puts a mail into the outbox. Throws InvalidInput for what is no address. */
export async function sendMail(tx: Tx, mail: Mail): Promise<void> {
  if (mail.to !== null && !isMailAddress(mail.to)) throw new InvalidInput("This is no e-mail address.");
  const id = randomUUID();
  await tx.query(
    `insert into mails (id, organization_id, to_address, template, locale, mail_values, link_sealed, state, ended_at)
     values ($1, $2, $3, $4, $5, $6, case when $3::text is not null then $7::text end, case when $3::text is null then 'unaddressed' else 'pending' end, case when $3::text is null then now() end)`,
    [id, mail.organizationId, mail.to, mail.template, mail.locale, JSON.stringify(mail.values ?? {}), mail.link ? mail.link.vault.seal(mail.link.url, mailLinkPlace(id)) : null],
  );
}

/** Where a mail's link is sealed for. */
export function mailLinkPlace(mailId: string): Place {
  return { table: "mails", rowId: mailId, field: "link", version: 1 };
}
