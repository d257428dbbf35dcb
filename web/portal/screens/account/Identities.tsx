import { useData, useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { httpAddress } from "../../parts/http-address.ts";
import { useProof } from "../../parts/Proof.tsx";
import { ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { identitiesOf, signInProvidersOf, useChanged, usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";

/** Where else I can sign in as myself. Nothing is shown where the operator has set up no such place. */
export function Identities() {
  const { t, f } = useLanguage();
  const { api } = useData();
  const people = usePeople();
  const prove = useProof();
  const changed = useChanged();
  const task = useTask();
  const providers = useResource(signInProvidersOf(api));
  const linked = useResource(identitiesOf(people));
  const offered = (providers.data?.data ?? []).filter(({ id }) => !linked.data?.data.some((identity) => identity.id === id));
  if (offered.length === 0 && (linked.data?.data.length ?? 0) === 0 && !linked.error && !providers.error) return null;
  const link = (id: string): Promise<boolean> => task.run(async () => location.assign(httpAddress((await prove(() => people.linkIdentity(id, "/account"))).authorizeUrl)));
  const unlink = (id: string): void => {
    void task.run(() => prove(() => people.unlinkIdentity(id))).then(() => changed("me/identities"));
  };
  return (
    <Card title={t("identities.title")} testId="account-identities">
      <WhenLoaded resource={linked} skeleton={<Skeleton lines={2} />}>
        {({ data }) => (
          <ul className="rows">
            {data.map((identity) => (
              <li key={identity.id} className="row">
                <div className="row-main">
                  <strong>{identity.name}</strong>
                  <button type="button" className="link-button" disabled={task.isWorking} onClick={() => unlink(identity.id)} data-testid={`identity-unlink-${identity.id}`}>
                    {t("identities.unlink")}
                  </button>
                </div>
                <p className="muted">{t("identities.since", { date: f.dateTime(Date.parse(identity.linkedAt)) })}</p>
              </li>
            ))}
          </ul>
        )}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        {offered.map(({ id, name }) => (
          <button key={id} type="button" className="button" disabled={task.isWorking} onClick={() => void link(id)} data-testid={`identity-link-${id}`}>
            {t("identities.link", { name })}
          </button>
        ))}
      </div>
    </Card>
  );
}
