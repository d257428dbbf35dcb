/** Notifications: unsigned forms that say what to fetch. vendors/withings.md, Webhooks (Notify), Deauthorisation. */

import type { CloudContext } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { NotifyList } from "./notify.ts";
import { APPLI_SCOPES } from "./notify.ts";
import { withingsUserId } from "./oauth.ts";

/** One thing to tell: the kind of event, and the fields beside `userid` and `appli`. */
export interface News {
  readonly appli: number;
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface WithingsEvents {
  /** Whether the person's grants let the application hear of it. */
  mayHear(person: Person, appli: number): boolean;
  tell(person: Person, news: News): void;
  tellNow(person: Person, news: News): Promise<PushResult[]>;
  /** The person unlinks the application or deletes the account: tokens and subscriptions end, and that is told. */
  leaveNow(person: Person, action: "unlink" | "delete"): Promise<PushResult[]>;
  /** The application lets go of the person: the same, and nothing is told. */
  forget(person: Person): void;
}

export function createWithingsEvents(context: CloudContext, subscribers: NotifyList): WithingsEvents {
  function pushes(person: Person, { appli, fields }: News): Push[] {
    const form = new URLSearchParams({ userid: String(withingsUserId(context, person)), appli: String(appli) });
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    const body = form.toString();
    return subscribers.to(person, appli).map((subscription) => ({
      person: person.who.id, what: `appli_${appli}`, url: subscription.url, headers: { "content-type": "application/x-www-form-urlencoded" },
      body: () => body, dueMs: context.now(), subscriptionId: subscription.id,
    }));
  }

  function forget(person: Person): void {
    context.grants.revoke(person.who.id);
    context.outbox.drop(person.who.id);
    context.subscriptions.removeOf(person.who.id);
  }

  return {
    forget,
    mayHear: (person, appli) => context.grants.live(person.who.id).some((grant) => grant.scopes.includes(APPLI_SCOPES[appli] ?? "")),
    tell: (person, news) => context.outbox.add(...pushes(person, news)),
    tellNow: (person, news) => context.outbox.sendNow(pushes(person, news)),
    leaveNow(person, action) {
      const farewell = pushes(person, { appli: 46, fields: { action } });
      forget(person);
      return context.outbox.sendNow(farewell);
    },
  };
}
