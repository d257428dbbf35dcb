/** The clinical history: what clinicians and the person wrote, with versions and authors. */
import { useState } from "react";
import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import { useWords } from "../messages/words.ts";
import { Allergies } from "./entries/Allergies.tsx";
import { Conditions } from "./entries/Conditions.tsx";
import { Medications } from "./entries/Medications.tsx";
import { Notes } from "./entries/Notes.tsx";
import { Procedures } from "./entries/Procedures.tsx";
import { ViewOnly } from "./ViewOnly.tsx";

export function ClinicalHistory() {
  const t = useWords();
  const [withErrors, setWithErrors] = useState(false);
  return (
    <>
      <ViewOnly />
      <FormControlLabel control={<Switch checked={withErrors} onChange={(event) => setWithErrors(event.target.checked)} />} label={t("history.showErrors")} sx={{ mb: 1 }} />
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "repeat(2, minmax(0, 1fr))" }, alignItems: "start" }}>
        <Conditions withErrors={withErrors} />
        <Medications withErrors={withErrors} />
        <Allergies withErrors={withErrors} />
        <Procedures withErrors={withErrors} />
        <Box sx={{ gridColumn: { lg: "1 / -1" } }}><Notes withErrors={withErrors} /></Box>
      </Box>
    </>
  );
}
