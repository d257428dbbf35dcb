/** By which numbers the clinic is made aware of its patients: each group's sentence as its number would make it. Whoever was faster is named, and their numbers stand beside what is typed. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQueryClient } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { DEFAULT_RULES, RULE_LIMITS, RULE_NAMES, ruleWords, type RuleName } from "#clinic/population/rules.ts";
import type { ApiError } from "#web/client/errors.ts";
import type { Reply } from "#web/client/operation-client.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import { useFormatter, useLocale, useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { Panel } from "../../patient/Panel.tsx";
import { LIST_KEYS } from "../../patients/use-patients.ts";
import { numberOf, patchOf, rulesWith, type Typed, wrongIn } from "./rules-draft.ts";

type Shown = Reply<"get /clinic/attention-rules">;
const RULES = "get /clinic/attention-rules";
const UNITS = { veryLowPercent: "%", lowPercent: "%", veryHighPercent: "%", highPercent: "%", dropPoints: "rules.points", targetPercent: "%", wearPercent: "%", noDataDays: "rules.days" } as const satisfies Record<RuleName, string>;

export function AttentionRules() {
  const t = useWords();
  const query = useOperation(RULES, {}, { staleMs: 0 });
  return (
    <>
      <PageTitle title={t("rules.title")} sub={t("rules.lead")} />
      <Loaded query={query}>{(shown) => <Form shown={shown} onAgain={() => void query.refetch()} />}</Loaded>
    </>
  );
}

function Form({ shown, onAgain }: { readonly shown: Shown; readonly onAgain: () => void }) {
  const t = useWords();
  const notify = useNotify();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<Typed>({});
  const act = useAct("patch /clinic/attention-rules", {
    changes: LIST_KEYS,
    onDone: (changed) => {
      queries.setQueryData([RULES, {}], changed);
      setTyped({});
      notify(t("organization.saved"), { type: "success", messageArgs: { _: t("organization.saved") } });
    },
    onError: ({ status }) => {
      if (status === 412) onAgain();
      return true;
    },
  });
  const patch = patchOf(shown.rules, typed);
  const isOwn = RULE_NAMES.every((name) => rulesWith(shown.rules, typed)[name] === DEFAULT_RULES[name]);
  return (
    <Box
      component="form" noValidate sx={{ display: "grid", gap: 1.5, maxWidth: "56rem" }}
      onSubmit={(event) => {
        event.preventDefault();
        if (patch) act.mutate({ body: patch, headers: { "if-match": `"${shown.version}"` } });
      }}
    >
      <Changed shown={shown} />
      {shown.groups.map((group) => <Group key={group.group} group={group} shown={shown} typed={typed} onType={setTyped} />)}
      {act.error ? <Refused error={act.error} /> : null}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={patch === null || act.isPending} data-testid="save-rules">{t("action.save")}</Button>
        <Button disabled={Object.keys(typed).length === 0} onClick={() => setTyped({})}>{t("organization.reset")}</Button>
        <Button disabled={isOwn} onClick={() => setTyped(Object.fromEntries(RULE_NAMES.map((name) => [name, String(DEFAULT_RULES[name])])))} data-testid="all-defaults">{t("rules.allOwn")}</Button>
      </Box>
    </Box>
  );
}

function Changed({ shown: { updatedAt, updatedByName } }: { readonly shown: Shown }) {
  const t = useWords();
  if (updatedAt === null) return <Typography variant="body2" color="textSecondary">{t("rules.neverChanged")}</Typography>;
  return <Typography variant="body2" color="textSecondary" data-testid="rules-changed">{updatedByName === null ? t("rules.changed") : t("rules.changedBy", { name: updatedByName })} <Instant at={updatedAt} /></Typography>;
}

function Refused({ error }: { readonly error: ApiError }) {
  const t = useWords();
  const f = useFormatter();
  const errorWords = useErrorWords();
  if (error.status !== 412) return <Alert severity="error">{errorWords(error)}</Alert>;
  return <Alert severity="warning" data-testid="rules-conflict">{t("rules.conflict", { name: error.changed?.by ?? t("rules.somebody"), time: error.changed ? f.dateTime(Date.parse(error.changed.at)) : "" })}</Alert>;
}

interface GroupProps {
  readonly group: Shown["groups"][number];
  readonly shown: Shown;
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
}

function Group({ group: { group, title, by }, shown, typed, onType }: GroupProps) {
  const t = useWords();
  const locale = useLocale();
  // The number of sensor use makes two groups, and is changed at its own.
  const isElsewhere = group === "onTarget";
  return (
    <Panel testId={`rule-${group}`}>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "minmax(0, 1fr) 20rem" }, gap: 2, alignItems: "start" }}>
        <div>
          <Typography component="h2" sx={{ fontWeight: 650 }}>{title[locale]}</Typography>
          <Typography variant="body2">{ruleWords(group, rulesWith(shown.rules, typed))[locale]}</Typography>
        </div>
        {by === null || isElsewhere ? <Typography variant="body2" color="textSecondary">{t(isElsewhere ? "rules.elsewhere" : "rules.noNumber")}</Typography> : <NumberField name={by} title={title[locale]} {...{ shown, typed, onType }} />}
      </Box>
    </Panel>
  );
}

function NumberField({ name, title, shown, typed, onType }: Omit<GroupProps, "group"> & { readonly name: RuleName; readonly title: string }) {
  const t = useWords();
  const f = useFormatter();
  const [least, most] = RULE_LIMITS[name];
  const text = typed[name] ?? f.amount(shown.rules[name], null);
  const isWrong = wrongIn(typed).includes(name);
  const unit = UNITS[name] === "%" ? "%" : t(UNITS[name]);
  const amount = (value: number): string => f.amount(value, unit);
  const isOwn = numberOf(name, text) === DEFAULT_RULES[name];
  const limits = t("rules.limits", { least: f.amount(least, null), most: amount(most) });
  const isTyped = typed[name] !== undefined && numberOf(name, text) !== shown.rules[name];
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: "minmax(0, 1fr) 9.5rem", gap: 1, alignItems: "start" }}>
      <TextField
        size="small" margin="none" label={t("rules.number")} value={text} error={isWrong} helperText={`${limits}${isTyped ? ` ${t("rules.now", { value: amount(shown.rules[name]) })}` : ""}`}
        onChange={(event) => onType({ ...typed, [name]: event.target.value })}
        slotProps={{ input: { endAdornment: <InputAdornment position="end">{unit}</InputAdornment> }, htmlInput: { inputMode: "decimal", autoComplete: "off", maxLength: 6, "aria-label": `${title}: ${t("rules.number")}`, "data-testid": `number-${name}` } }}
      />
      <Button size="small" sx={{ mt: 0.75, justifySelf: "start" }} disabled={isOwn} onClick={() => onType({ ...typed, [name]: String(DEFAULT_RULES[name]) })} aria-label={`${t("rules.own", { value: amount(DEFAULT_RULES[name]) })}: ${title}`} data-testid={`default-${name}`}>
        {t("rules.own", { value: amount(DEFAULT_RULES[name]) })}
      </Button>
    </Box>
  );
}
