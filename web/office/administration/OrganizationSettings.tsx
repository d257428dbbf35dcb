/** How the organization is set up. Saved as one; if somebody else was quicker, their state is shown first. */
import { type ReactNode, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useNotify } from "ra-core";
import type { OrganizationPatchInput, OrganizationShown } from "#web/client/operations.d.ts";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { useErrorWords } from "../parts/error-words.ts";
import { Choice } from "./parts/Choice.tsx";
import { useProvenAct } from "./parts/use-proven-act.tsx";
import { draftOf, MEALS, patchOf, type Draft } from "./organization-draft.ts";

export function OrganizationSettings() {
  const t = useWords();
  const query = useOperation("get /organization", {}, { staleMs: 0 });
  return (
    <>
      <PageTitle title={t("organization.title")} sub={t("organization.lead")} />
      <Loaded query={query}>{(found) => <Form key={found.version} found={found} />}</Loaded>
    </>
  );
}

function Form({ found }: { readonly found: OrganizationShown }) {
  const t = useWords();
  const notify = useNotify();
  const errorWords = useErrorWords();
  const [draft, setDraft] = useState(() => draftOf(found));
  const act = useProvenAct("patch /organization", { changes: ["get /organization"], onDone: () => notify(t("organization.saved"), { type: "success", messageArgs: { _: t("organization.saved") } }), onError: () => true });
  const patch = patchOf(found, draft);
  const set = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  const wrong = act.error?.fields.map((pointer) => pointer.split("/").slice(2).join(".")) ?? [];
  const text = (name: keyof Draft & ("name" | "zone" | "email" | "phone" | "website"), help?: string) => (
    <TextField
      fullWidth margin="dense" size="small" label={t(`organization.${name}`)} value={draft[name]} helperText={help} error={wrong.includes(name) || wrong.includes(`contact.${name}`)}
      onChange={(event) => set({ [name]: event.target.value })} slotProps={{ htmlInput: { "data-testid": `organization-${name}` } }}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (patch) act.run({ body: patch as OrganizationPatchInput, headers: { "if-match": `"${found.version}"` } });
      }}
    >
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" } }}>
        <Part title={t("organization.about")}>
          {text("name")}{text("email")}{text("phone")}{text("website", "https://…")}
        </Part>
        <Part title={t("organization.defaults")} lead={t("organization.defaultsLead")}>
          <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, mt: 1 }}>
            <Choice label={t("organization.language")} value={draft.locale} onChange={(locale) => set({ locale })} choices={[["en", "English"], ["es", "Español"]]} />
            <Choice label={t("organization.unit")} value={draft.glucoseUnit} onChange={(glucoseUnit) => set({ glucoseUnit })} choices={[["mg/dL", "mg/dL"], ["mmol/L", "mmol/L"]]} />
          </Box>
          {text("zone", t("organization.zoneHelp"))}
        </Part>
        <Part title={t("organization.meals")} lead={t("organization.mealsLead")}>
          <Box sx={{ display: "grid", gap: 1, gridTemplateColumns: "1fr 1fr" }}>
            {MEALS.map((meal) => (["es", "en"] as const).map((locale) => (
              <TextField
                key={`${meal} ${locale}`} size="small" label={`${t(`meal.${meal}`)} (${locale})`} value={draft.meals[locale][meal]} placeholder={t("organization.asIslet")}
                onChange={(event) => set({ meals: { ...draft.meals, [locale]: { ...draft.meals[locale], [meal]: event.target.value } } })}
              />
            )))}
          </Box>
        </Part>
        <Part title={t("organization.notices")} lead={t("organization.noticesLead")}>
          {(["patients", "staff"] as const).map((whom) => (["es", "en"] as const).map((locale) => (
            <TextField
              key={`${whom} ${locale}`} fullWidth multiline minRows={2} margin="dense" size="small" label={`${t(`organization.notice.${whom}`)} (${locale})`} value={draft.notices[whom][locale]}
              slotProps={{ htmlInput: { maxLength: 600 } }} onChange={(event) => set({ notices: { ...draft.notices, [whom]: { ...draft.notices[whom], [locale]: event.target.value.replaceAll("\n", " ") } } })}
            />
          )))}
        </Part>
        <Part title={t("organization.security")} lead={t("organization.securityLead")}>
          <Choice label={t("organization.factor")} value={draft.staffSecondFactor} onChange={(staffSecondFactor) => set({ staffSecondFactor })} choices={[["optional", t("organization.optional")], ["required", t("organization.required")]]} testId="factor" />
        </Part>
      </Box>
      {act.error ? <Alert severity={act.error.status === 412 ? "warning" : "error"} sx={{ mt: 2 }}>{errorWords(act.error)}</Alert> : null}
      <Box sx={{ mt: 2, display: "flex", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={!patch || act.isWorking} data-testid="save">{t("action.save")}</Button>
        <Button disabled={!patch} onClick={() => setDraft(draftOf(found))}>{t("organization.reset")}</Button>
      </Box>
      {act.dialog}
    </form>
  );
}

function Part({ title, lead, children }: { readonly title: string; readonly lead?: string; readonly children: ReactNode }) {
  return (
    <Paper variant="outlined" component="section" sx={{ p: 2, minWidth: 0 }}>
      <Typography variant="h6" component="h2">{title}</Typography>
      {lead ? <Typography color="textSecondary" variant="body2" sx={{ mb: 1 }}>{lead}</Typography> : null}
      {children}
    </Paper>
  );
}
