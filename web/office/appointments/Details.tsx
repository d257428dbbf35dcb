/** What was written down with a request: the patient's details, files, the versions of the resolution, the history. */
import type { ReactNode } from "react";
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { addressOf } from "#web/client/operation-client.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Instant } from "../parts/Instant.tsx";
import type { Whole } from "./types.ts";

type Dose = NonNullable<NonNullable<Whole["details"]>["dose"]>;

/** As it was written. */
export function doseText(dose: Dose): string {
  return typeof dose === "string" ? dose : `${dose.amount} ${dose.unit}`;
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string | null])[] }) {
  const told = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", sm: "minmax(9rem, auto) 1fr" }, gap: "2px 16px", m: 0, "& dd": { m: 0, whiteSpace: "pre-line", overflowWrap: "anywhere" }, "& dt": { color: "text.secondary" } }}>
      {told.map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </Box>
  );
}

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Box component="section" sx={{ display: "grid", gap: 1 }}>
      <Typography variant="h6" component="h2">{title}</Typography>
      {children}
    </Box>
  );
}

export function PatientDetails({ details }: Pick<Whole, "details">) {
  const t = useWords();
  const f = useFormatter();
  if (!details) return <Typography color="text.secondary">{t("appointments.details.none")}</Typography>;
  const { glucoseObjective: goal } = details;
  return (
    <>
      <Facts facts={[
        // As it was said, in the unit that it was said in.
        [t("appointments.detail.glucoseObjective"), goal && `${f.glucose(goal.value, goal.unit)} ${goal.unit}`],
        [t("appointments.detail.insulinType"), details.insulinType], [t("appointments.detail.dose"), details.dose && doseText(details.dose)], [t("appointments.detail.fastInsulin"), details.fastInsulin],
        [t("appointments.detail.fixedDose"), details.fixedDose && doseText(details.fixedDose)], [t("appointments.detail.ratio"), details.ratio], [t("appointments.detail.sensitivity"), details.sensitivity],
        [t("appointments.detail.pumpType"), details.pumpType], [t("appointments.detail.otherTreatment"), details.otherTreatment],
      ]} />
      <Typography variant="body2" color="text.secondary">{t("appointments.details.version", { version: details.version, time: f.dateTime(Date.parse(details.writtenAt)) })}</Typography>
    </>
  );
}

export function Files({ id, controlData }: Pick<Whole, "id" | "controlData">) {
  const t = useWords();
  const f = useFormatter();
  if (controlData.length === 0) return <Typography color="text.secondary">{t("appointments.controlData.none")}</Typography>;
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
      {controlData.map((file) => (
        <li key={file.id}>
          <Link href={`/api/v1${addressOf("/appointments/{appointmentId}/control-data/{fileId}", { appointmentId: id, fileId: file.id })}`} download={file.name} sx={{ overflowWrap: "anywhere" }}>{file.name}</Link>
          {` · ${f.number(Math.max(1, Math.round(file.sizeBytes / 1024)))} kB`}
        </li>
      ))}
    </Box>
  );
}

/** The last version, and the former ones below it. */
export function Resolutions({ resolutions }: Pick<Whole, "resolutions">) {
  const t = useWords();
  const [last, ...earlier] = resolutions;
  if (!last) return null;
  return (
    <>
      <OneResolution resolution={last} />
      {earlier.length > 0 ? (
        <details>
          <summary>{t("appointments.resolution.earlier")}</summary>
          <Box sx={{ display: "grid", gap: 2, mt: 1 }}>{earlier.map((each) => <OneResolution key={each.version} resolution={each} />)}</Box>
        </details>
      ) : null}
    </>
  );
}

function OneResolution({ resolution }: { readonly resolution: Whole["resolutions"][number] }) {
  const t = useWords();
  const f = useFormatter();
  const { changeBasal: basal, changeFast: fast, version, author, writtenAt, text } = resolution;
  const joined = (...parts: readonly (string | null)[]): string | null => {
    const said = parts.filter((part) => part !== null);
    return said.length === 0 ? null : said.join(" · ");
  };
  return (
    <Box sx={{ borderLeft: 3, borderColor: "primary.main", pl: 1.5, display: "grid", gap: 0.5 }}>
      {text === null ? null : <Typography component="blockquote" sx={{ m: 0, whiteSpace: "pre-line", overflowWrap: "anywhere" }}>{text}</Typography>}
      <Facts facts={[
        [t("appointments.resolution.basal"), joined(basal.type, basal.dose && doseText(basal.dose), basal.time)], [t("appointments.resolution.fast"), joined(fast.type, fast.ratio, fast.sensitivity)],
      ]} />
      {resolution.needsEmergencyCare ? <strong>{t("appointments.resolution.emergency")}</strong> : null}
      {resolution.needsPhysicalAppointment ? <strong>{t("appointments.resolution.physical")}</strong> : null}
      <Typography variant="body2" color="text.secondary">{t("appointments.resolution.version", { version, name: author?.displayName ?? "—", time: f.dateTime(Date.parse(writtenAt)) })}</Typography>
    </Box>
  );
}

export function History({ history }: Pick<Whole, "history">) {
  const t = useWords();
  return (
    <Box component="ol" sx={{ m: 0, pl: 2.5 }}>
      {history.map((entry) => (
        <li key={`${entry.at} ${entry.move}`}>
          <Instant at={entry.at} />
          {` · ${t(`appointments.history.${entry.move}` as MessageKey)}${entry.by ? ` · ${entry.by.displayName}` : ""}`}
          {entry.reason ? <Typography variant="body2" color="text.secondary">{entry.reason}</Typography> : null}
        </li>
      ))}
    </Box>
  );
}
