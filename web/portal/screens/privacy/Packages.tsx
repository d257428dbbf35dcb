import { useEffect } from "react";
import type { DataExport, Patient } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { dataExportsOf, useChanged, usePeople } from "../../people.ts";
import { EXPORT_STATES } from "../../people-words.ts";
import { useTask } from "../../task.ts";

const FOLLOW_EVERY_MS = 2_000;
const isUnderWay = ({ state }: DataExport): boolean => state === "waiting" || state === "running";

/** Everything about the person as a file: asked for, followed, downloaded, given up. */
export function Packages({ patient }: { readonly patient: Patient }) {
  const { t, catalogue } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const resource = useResource(dataExportsOf(people, patient.id));
  const isMaking = resource.data?.data.some(isUnderWay) ?? false;
  useEffect(() => {
    if (!isMaking) return undefined;
    const timer = setInterval(() => changed("data-exports"), FOLLOW_EVERY_MS);
    return () => clearInterval(timer);
    // `changed` is made anew with every drawing and always does the same.
    // eslint-disable-next-line react/exhaustive-deps
  }, [isMaking]);
  const ask = (): void => {
    void task.run(() => people.askForExport(patient.id, catalogue.locale)).then(() => changed("data-exports"));
  };
  const giveUp = (id: string): void => {
    void task.run(() => people.giveUpExport(patient.id, id)).then(() => changed("data-exports"));
  };
  return (
    <Card title={t("package.title")} testId="packages">
      <p>{t("package.lead")}</p>
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={2} />}>
        {({ data }) => (
          <ul className="rows">
            {data.filter(({ state }) => state !== "gone").map((item) => (
              <PackageRow key={item.id} item={item} url={people.exportUrl(patient.id, item.id)} isWorking={task.isWorking} onGiveUp={() => giveUp(item.id)} />
            ))}
          </ul>
        )}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button button-primary" disabled={task.isWorking || isMaking} onClick={ask} data-testid="package-ask">
          {t("package.ask")}
        </button>
      </div>
    </Card>
  );
}

interface PackageRowProps {
  readonly item: DataExport;
  readonly url: string;
  readonly isWorking: boolean;
  readonly onGiveUp: () => void;
}

function PackageRow({ item, url, isWorking, onGiveUp }: PackageRowProps) {
  const { t, f } = useLanguage();
  const isReady = item.state === "ready";
  return (
    <li className="row" data-testid={`package-${item.state}`}>
      <div className="row-main">
        <strong>{t("package.of", { date: f.dateTime(Date.parse(item.askedAt)) })}</strong>
        <span className="chip">{t(EXPORT_STATES[item.state])}</span>
      </div>
      {isUnderWay(item) ? <progress value={item.progress} max={1} aria-label={t("package.progress")} /> : null}
      {item.state === "failed" ? <p className="note note-error">{t("package.failedHint")}</p> : null}
      {isReady ? (
        <p className="muted">
          {t("package.facts", { size: f.number(Math.ceil((item.bytes ?? 0) / 1024)), files: f.number(item.files ?? 0), until: item.expiresAt === null ? "" : f.dateTime(Date.parse(item.expiresAt)) })}
        </p>
      ) : null}
      <div className="actions">
        {isReady ? (
          <a className="button button-primary" href={url} download data-testid="package-download">
            {t("package.download")}
          </a>
        ) : null}
        <button type="button" className="button" disabled={isWorking} onClick={onGiveUp} data-testid="package-give-up">
          {t(isReady ? "package.delete" : "package.giveUp")}
        </button>
      </div>
    </li>
  );
}
