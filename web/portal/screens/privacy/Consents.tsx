import type { Consent, ConsentList, Patient } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { consentsOf, useChanged, usePeople } from "../../people.ts";
import { CONSENT_STATES, purposeName } from "../../people-words.ts";
import { useTask } from "../../task.ts";

/** A vendor is asked about where it is connected; here stands what was decided of it. */
const isAsked = ({ vendor, state }: Consent): boolean => vendor === null || state !== "none";

/** What is asked, in the words that count, what was decided, and every decision so far. */
export function Consents({ patient }: { readonly patient: Patient }) {
  const { t, catalogue } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const resource = useResource(consentsOf(people, patient.id, catalogue.locale));
  const decide = ({ purpose, text }: Consent, decision: "given" | "withdrawn"): void => {
    void task
      .run(() => people.decideConsent(patient.id, { purpose, decision, ...(decision === "given" ? { version: text.version, locale: text.locale } : {}) }))
      .then(() => changed("consents", "connections", "providers"));
  };
  return (
    <Card title={t("consent.title")} testId="consents">
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={5} />}>
        {({ data, history }) => (
          <>
            <ul className="rows">
              {data.filter(isAsked).map((consent) => (
                <ConsentRow key={consent.purpose} consent={consent} isWorking={task.isWorking} onDecide={(decision) => decide(consent, decision)} />
              ))}
            </ul>
            {task.error ? <ErrorNote error={task.error} /> : null}
            {history.length > 0 ? <History history={history} consents={data} /> : null}
          </>
        )}
      </WhenLoaded>
    </Card>
  );
}

interface ConsentRowProps {
  readonly consent: Consent;
  readonly isWorking: boolean;
  readonly onDecide: (decision: "given" | "withdrawn") => void;
}

function ConsentRow({ consent, isWorking, onDecide }: ConsentRowProps) {
  const { t, f } = useLanguage();
  const { purpose, state, since, text } = consent;
  const name = t(purposeName(purpose), { vendor: consent.vendor ?? purpose });
  const holds = state === "given" || state === "unrecorded" || state === "outdated";
  return (
    <li className="row" data-testid={`consent-${purpose}`}>
      <div className="row-main">
        <strong>{name}</strong>
        <span className={state === "outdated" ? "chip chip-attention" : "chip"} data-testid="consent-state">
          {t(CONSENT_STATES[state])}
        </span>
      </div>
      <p lang={text.locale}>{text.text}</p>
      {since === null ? null : <p className="muted">{t("consent.since", { date: f.dateTime(Date.parse(since)) })}</p>}
      <div className="actions">
        {state === "given" ? null : (
          <button type="button" className="button" disabled={isWorking} onClick={() => onDecide("given")} data-testid="consent-give">
            {t("consent.give")}
            <span className="visually-hidden"> {name}</span>
          </button>
        )}
        {holds ? (
          <button type="button" className="button" disabled={isWorking} onClick={() => onDecide("withdrawn")} data-testid="consent-withdraw">
            {t("consent.withdraw")}
            <span className="visually-hidden"> {name}</span>
          </button>
        ) : null}
      </div>
    </li>
  );
}

function History({ history, consents }: { readonly history: ConsentList["history"]; readonly consents: readonly Consent[] }) {
  const { t, f } = useLanguage();
  const vendorOf = (purpose: string): string => consents.find((consent) => consent.purpose === purpose)?.vendor ?? purpose;
  return (
    <details>
      <summary>{t("consent.history")}</summary>
      <ul className="rows">
        {history.map((event) => (
          <li key={`${event.purpose} ${event.at}`} className="row">
            <div className="row-main">
              <span>{t(purposeName(event.purpose), { vendor: vendorOf(event.purpose) })}</span>
              <span>{t(CONSENT_STATES[event.decision])}</span>
            </div>
            <p className="muted">
              {f.dateTime(Date.parse(event.at))}
              {event.by.isOnBehalf && event.by.name !== null ? ` · ${t("consent.onBehalf", { name: event.by.name })}` : ""}
              {event.version === null ? "" : ` · ${t("consent.version", { version: f.number(event.version) })}`}
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
