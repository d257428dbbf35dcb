import { type ReactNode, useId, useState } from "react";
import type { RecordEntry, RecordKind } from "#web/client/record.ts";
import { useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Card } from "../../parts/Card.tsx";
import { Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { entriesOf, useRecord, versionsOf } from "../../record.ts";
import { useWhose } from "../../whose.ts";
import type { EntryView, Said } from "./entry.ts";
import { isPast, STATUS_NAMES } from "./views.ts";

export interface EntriesProps<Kind extends RecordKind> {
  readonly view: EntryView<Kind>;
  /** Below the list, e.g. the way to add to it. */
  readonly after?: ReactNode;
  /** What can be done with an entry. */
  readonly actionsOf?: (entry: RecordEntry<Kind>) => ReactNode;
}

/** Clinicians are told of their team's own entries, too; this page is what the person reads. */
const isForThePerson = ({ audience }: Pick<RecordEntry, "audience">): boolean => audience === "shared";

/** The entries of one kind: what is so now, then what was. */
export function Entries<Kind extends RecordKind>({ view, after, actionsOf }: EntriesProps<Kind>) {
  const { t } = useLanguage();
  const { patient } = useWho();
  const record = useRecord();
  const whose = useWhose();
  const resource = useResource(entriesOf(record, patient.id, view.kind));
  const shown = (entries: readonly RecordEntry<Kind>[]) => entries.filter(isForThePerson);
  if (view.none === null && resource.data && shown(resource.data).length === 0) return null;
  const listOf = (entries: readonly RecordEntry<Kind>[]): ReactNode => (
    <ul className="rows">
      {entries.map((entry) => <Entry key={entry.id} view={view} entry={entry} actions={actionsOf?.(entry)} />)}
    </ul>
  );
  return (
    <Card title={whose(view.title, view.titleOf ?? view.title)} testId={view.kind}>
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={3} />}>
        {(all) => {
          const entries = shown(all);
          const now = entries.filter(({ status }) => !isPast(status));
          const past = entries.filter(({ status }) => isPast(status));
          return (
            <>
              {entries.length === 0 && view.none !== null ? <p className="muted">{t(view.none)}</p> : null}
              {now.length > 0 ? listOf(now) : null}
              {past.length > 0 ? (
                <details>
                  <summary>{t("record.earlier", { count: past.length })}</summary>
                  {listOf(past)}
                </details>
              ) : null}
            </>
          );
        }}
      </WhenLoaded>
      {after}
    </Card>
  );
}

interface EntryProps<Kind extends RecordKind> {
  readonly view: EntryView<Kind>;
  readonly entry: RecordEntry<Kind>;
  readonly actions?: ReactNode;
}

function Entry<Kind extends RecordKind>({ view, entry, actions }: EntryProps<Kind>) {
  const { t, f } = useLanguage();
  const whose = useWhose();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const heading = view.heading(entry, t, f);
  const { status, isSelfReported, version, changedAt, changedBy, createdBy } = entry;
  return (
    <li className="row entry" data-testid="entry">
      <div className="row-main">
        <h3>{heading}</h3>
        <span className="chips">
          {isSelfReported ? <span className="chip">{createdBy?.isPatient ? whose("entry.ownWords", "entry.ownWordsOf") : whose("entry.saidFor", "entry.saidForOf")}</span> : null}
          {status === null ? null : <span className="chip">{t(STATUS_NAMES[status])}</span>}
        </span>
      </div>
      <What view={view} said={entry} />
      <p className="muted">{useAuthor()(version === 1 ? "written" : "changed", { author: changedBy, at: changedAt })}</p>
      {version > 1 || actions ? (
        <div className="actions">
          {version > 1 ? (
            <button type="button" className="button button-quiet" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={() => setOpen(!isOpen)} data-testid="entry-versions">
              {t("entry.versions", { count: version })}
              <span className="visually-hidden">: {heading}</span>
            </button>
          ) : null}
          {actions}
        </div>
      ) : null}
      {isOpen ? <div id={id}><Versions view={view} entryId={entry.id} /></div> : null}
    </li>
  );
}

/** What was said, without what it is called. */
function What<Kind extends RecordKind>({ view, said }: { readonly view: EntryView<Kind>; readonly said: Said<Kind> }) {
  const { t, f } = useLanguage();
  const facts = view.facts(said, t, f).filter((fact) => fact !== null && fact !== "");
  const words = view.words?.(said) ?? null;
  return (
    <>
      {facts.map((fact) => <p key={fact}>{fact}</p>)}
      {words === null ? null : <blockquote className="quote">{words.split("\n").map((line, index) => <p key={`${index} ${line}`}>{line}</p>)}</blockquote>}
    </>
  );
}

function Versions<Kind extends RecordKind>({ view, entryId }: { readonly view: EntryView<Kind>; readonly entryId: string }) {
  const { t, f } = useLanguage();
  const { patient } = useWho();
  const record = useRecord();
  const authorOf = useAuthor();
  const resource = useResource(versionsOf(record, patient.id, { kind: view.kind, id: entryId }));
  return (
    <WhenLoaded resource={resource} skeleton={<Skeleton lines={2} />}>
      {(versions) => (
        <ol className="versions" data-testid="versions">
          {versions.map((version) => (
            <li key={version.version}>
              <p><strong>{t("entry.version", { version: version.version })}</strong> <span className="muted">{authorOf(version.deed, version)}</span></p>
              <p>{view.heading(version, t, f)}{version.status === null ? null : ` · ${t(STATUS_NAMES[version.status])}`}</p>
              <What view={view} said={version} />
            </li>
          ))}
        </ol>
      )}
    </WhenLoaded>
  );
}

type Deed = "written" | "changed" | "entered_in_error" | "restored";
const DEEDS: Readonly<Record<Deed, readonly [other: MessageKey, you: MessageKey]>> = {
  written: ["entry.written", "entry.writtenByYou"], changed: ["entry.changed", "entry.changedByYou"], entered_in_error: ["entry.error", "entry.errorByYou"], restored: ["entry.restored", "entry.restoredByYou"],
};

/** Says who did what and when. */
function useAuthor(): (deed: Deed, done: { readonly author: { readonly userId: string; readonly name: string | null } | null; readonly at: string }) => string {
  const { t, f } = useLanguage();
  const { userId } = useWho();
  return (deed, { author, at }) => {
    const [other, you] = DEEDS[deed];
    const date = f.yearDate(Date.parse(at));
    return author?.userId === userId ? t(you, { date }) : t(other, { name: author?.name ?? t("entry.nobody"), date });
  };
}
