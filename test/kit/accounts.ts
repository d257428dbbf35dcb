/** Accounts without an app around them, and the mails they would send. */
import { randomBytes } from "node:crypto";
import { createIdentities, type Identities } from "#people/accounts/identities.ts";
import { createVault } from "#vault/seal.ts";
import { deliverMails, type MailContext } from "#mail/deliver.ts";
import type { OutgoingMail } from "#mail/transport.ts";

/** Of the key and the secret that test apps have. */
export function testIdentities(): Identities {
  const vault = createVault({ keys: [{ id: "k1", key: Buffer.from("ab".repeat(32), "hex") }], activeKeyId: "k1", randomBytes });
  return createIdentities({ vault, secret: "a secret of at least thirty-two characters", pattern: null });
}

/** Sends what is in the outbox, to nobody; gives it as it would have been sent. */
export async function takeMails(context: MailContext): Promise<OutgoingMail[]> {
  const mails: OutgoingMail[] = [];
  const transport = {
    send: (mail: OutgoingMail) => {
      mails.push(mail);
      return Promise.resolve();
    },
  };
  while ((await deliverMails({ ...context, transport })) > 0);
  return mails;
}

/** The token of the link in a mail. Throws where there is none. */
export function tokenIn(mail: OutgoingMail | undefined): string {
  const token = /#([A-Za-z0-9_-]{43})\s/.exec(mail?.text ?? "")?.[1];
  if (!token) throw new Error("There is no link in this mail.");
  return token;
}
