import type { RecordEntry } from "#web/client/record.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { useRecord } from "../../record.ts";
import { Entries } from "./Entries.tsx";
import { DOCUMENTS } from "./views.ts";

const TYPE_NAMES: Readonly<Record<string, string>> = { "application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG" };
const KILOBYTE = 1_024;

/** What the clinic put here, to be saved on one's own device. */
export function Documents() {
  const { t, f } = useLanguage();
  const { patient } = useWho();
  const record = useRecord();
  const sizeText = (bytes: number): string => (bytes < KILOBYTE * KILOBYTE ? `${f.number(Math.max(1, Math.round(bytes / KILOBYTE)))} KB` : `${f.number(bytes / KILOBYTE / KILOBYTE, 1)} MB`);
  const link = ({ id, title, file }: RecordEntry<"documents">) => (
    <>
      <a className="button" href={record.fileHref(patient.id, id)} download={file.name} data-testid="document-open">
        {t("documents.open")}<span className="visually-hidden">: {title}</span>
      </a>
      <span className="muted">{t("documents.file", { type: TYPE_NAMES[file.mediaType] ?? file.mediaType, size: sizeText(file.sizeBytes) })}</span>
    </>
  );
  return <Entries view={DOCUMENTS} actionsOf={link} />;
}
