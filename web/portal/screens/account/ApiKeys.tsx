import { type SubmitEvent, useState } from "react";
import type { ApiKeyRequest, NewApiKey, Session } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Card } from "../../parts/Card.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { useProof } from "../../parts/Proof.tsx";
import { ShownOnce } from "../../parts/ShownOnce.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { apiKeysOf, useChanged, usePeople } from "../../people.ts";
import { KEY_SCOPE_NAMES } from "../../people-words.ts";
import { useTask } from "../../task.ts";

type Scope = ApiKeyRequest["scopes"][number];
const OWN_SCOPES: readonly Scope[] = ["data:read", "data:write", "data:manage"];
const ADMIN_SCOPES: readonly Scope[] = ["patients:read", "admin"];
const LIVES_DAYS = [30, 90, 365] as const;
const scopeName = (scope: Scope): MessageKey => KEY_SCOPE_NAMES[scope] ?? "keys.scope.read";

/** Keys by which apps reach the API as me: made, shown once, revoked. */
export function ApiKeys({ roles }: { readonly roles: Session["roles"] }) {
  const { t, f } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const [isMaking, setIsMaking] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const resource = useResource(apiKeysOf(people));
  const revoke = (id: string): void => {
    void task.run(() => people.revokeApiKey(id)).then(() => changed("api-keys"));
  };
  return (
    <Card title={t("keys.title")} testId="account-keys">
      <p className="muted">{t("keys.lead")}</p>
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={2} />}>
        {({ data }) => data.length === 0 ? <Empty text={t("keys.empty")} /> : (
          <ul className="rows">
            {data.map((key) => (
              <li key={key.id} className="row" data-testid="api-key">
                <div className="row-main">
                  <strong>{key.name}</strong>
                  <button type="button" className="link-button" disabled={task.isWorking} onClick={() => revoke(key.id)} data-testid="api-key-revoke">
                    {t("keys.revoke")}
                    <span className="visually-hidden"> {key.name}</span>
                  </button>
                </div>
                <p className="muted">{f.list(key.scopes.map((scope) => t(scopeName(scope))))}</p>
                <p className="muted">
                  {t("keys.until", { id: key.publicId, until: f.dateTime(Date.parse(key.expiresAt)), used: key.lastUsedAt === null ? t("keys.never") : f.dateTime(Date.parse(key.lastUsedAt)) })}
                </p>
              </li>
            ))}
          </ul>
        )}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button" onClick={() => setIsMaking(true)} data-testid="api-key-make">
          {t("keys.make")}
        </button>
      </div>
      {isMaking ? (
        <MakeDialog
          scopes={roles.includes("admin") ? [...OWN_SCOPES, ...ADMIN_SCOPES] : OWN_SCOPES} onClose={() => setIsMaking(false)}
          onMade={(key) => {
            setIsMaking(false);
            setMade(key);
            changed("api-keys");
          }}
        />
      ) : null}
      {made ? <ShownOnce title={t("keys.madeTitle", { name: made.name })} lead={t("keys.madeLead")} secrets={[made.key]} onClose={() => setMade(null)} testId="api-key-shown" /> : null}
    </Card>
  );
}

function MakeDialog({ scopes, onClose, onMade }: { readonly scopes: readonly Scope[]; readonly onClose: () => void; readonly onMade: (key: NewApiKey) => void }) {
  const { t, f } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const task = useTask();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly Scope[]>(["data:read"]);
  const [days, setDays] = useState(90);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => onMade(await prove(() => people.addApiKey({ name: name.trim(), scopes: [...chosen], days }))));
  };
  return (
    <Dialog title={t("keys.make")} onClose={onClose} testId="api-key-dialog">
      <form className="form" onSubmit={onSubmit}>
        <Field label={t("keys.name")} hint={t("keys.nameHint")} required maxLength={80} autoComplete="off" value={name} onValue={setName} testId="api-key-name" />
        <fieldset>
          <legend>{t("keys.scopes")}</legend>
          {scopes.map((scope) => (
            <label key={scope} className="check">
              <input
                type="checkbox" checked={chosen.includes(scope)}
                onChange={(event) => setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((other) => other !== scope))}
              />
              {t(scopeName(scope))}
            </label>
          ))}
        </fieldset>
        <label htmlFor="api-key-days">{t("keys.days")}</label>
        <select id="api-key-days" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {LIVES_DAYS.map((count) => (
            <option key={count} value={count}>
              {t("trends.days", { days: f.number(count) })}
            </option>
          ))}
        </select>
        {task.error ? <ErrorNote error={task.error} /> : null}
        <button type="submit" className="button button-primary" disabled={task.isWorking || chosen.length === 0} data-testid="api-key-submit">
          {t("keys.make")}
        </button>
      </form>
    </Dialog>
  );
}
