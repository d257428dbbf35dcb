/** What clinicians set for their clinic: by which numbers they want to be made aware of patients, and their own words for them. */
import { lazy } from "react";
import { Sections, type SectionsProps } from "../parts/Sections.tsx";

const SECTIONS: SectionsProps["sections"] = [
  { path: "rules", label: "rules.title", page: lazy(async () => ({ default: (await import("./AttentionRules.tsx")).AttentionRules })) },
  { path: "tags", label: "tags.title", page: lazy(async () => ({ default: (await import("./Tags.tsx")).Tags })) },
];

export function ClinicSettings() {
  return <Sections area="clinic" label="clinic.title" sections={SECTIONS} />;
}
