/** Who needs a look first, by the clinic's rules: looked at, put off with a reason, taken back at once; and who is put off now. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import type { Reply } from "#web/client/operation-client.ts";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useLocale, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { Panel } from "../patient/Panel.tsx";
import { FlagChips, RangesCell } from "../patients/cells.tsx";
import type { PatientLine } from "../patients/use-patients.ts";
import { ReviewDone } from "../patients/ReviewDone.tsx";
import { useReviews } from "../patients/use-reviews.ts";
import { SHORT } from "./Lines.tsx";
import { PutOff } from "./PutOff.tsx";
import { PutOffNow } from "./PutOffNow.tsx";

type Group = Reply<"get /clinic/attention">["groups"][number];

/** Of each group; the rest is a click away. */
const FIRST = 5;

export function AttentionGroups() {
  const t = useWords();
  const query = useOperation("get /clinic/attention", { query: { first: FIRST } });
  const reviews = useReviews();
  const [asking, setAsking] = useState<PatientLine | null>(null);
  const ask = (line: PatientLine | null): void => {
    reviews.forgetRefusal();
    setAsking(line);
  };
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, justifyContent: "space-between", alignItems: "baseline" }}>
        <Typography component="h2" variant="h6">{t("today.attention")}</Typography>
        <Link component={RouterLink} to="/clinic/rules">{t("dashboard.toRules")}</Link>
      </Box>
      <Typography color="textSecondary" sx={{ mb: 1 }}>{t("today.attentionAbout")}</Typography>
      <Loaded query={query} skeleton={<>{SHORT}{SHORT}</>}>
        {({ groups, snoozed }) => (
          <Box sx={{ display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: 1.5 }} data-testid="attention">
            {groups.map((group) => <GroupPanel key={group.group} group={group} isWorking={reviews.isWorking} onReviewed={reviews.mark} onPutOff={ask} />)}
            {snoozed === 0 ? null : <PutOffNow count={snoozed} isWorking={reviews.isWorking} onShowAgain={reviews.mark} />}
          </Box>
        )}
      </Loaded>
      {asking ? <PutOff key={asking.id} line={asking} isWorking={reviews.isWorking} error={reviews.putOffError} onPutOff={(snooze) => reviews.putOff(asking, snooze, () => ask(null))} onClose={() => ask(null)} /> : null}
      <ReviewDone reviews={reviews} />
    </>
  );
}

interface GroupPanelProps {
  readonly group: Group;
  readonly isWorking: boolean;
  readonly onReviewed: (line: PatientLine) => void;
  readonly onPutOff: (line: PatientLine) => void;
}

function GroupPanel({ group: { group, title, rule, count, snoozed, patients }, ...acts }: GroupPanelProps) {
  const t = useWords();
  const f = useFormatter();
  const locale = useLocale();
  return (
    <Panel title={`${title[locale]} (${f.number(count)})`} testId={`group-${group}`} {...(count > patients.length ? { aside: <Link component={RouterLink} to={`/patients?group=${group}&snoozed=false&sort=lastReviewed`}>{t("today.showAll", { count: f.number(count) })}</Link> } : {})}>
      <Typography variant="body2" color="textSecondary" sx={count === 0 ? {} : { mb: 1 }}>{[rule[locale], ...(snoozed === 0 ? [] : [`${t("today.snoozed", { smart_count: snoozed })}.`]), ...(count === 0 && snoozed === 0 ? [t("today.noAttention")] : [])].join(" ")}</Typography>
      {patients.length === 0 ? null : (
        <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
          {patients.map((line) => <Patient key={line.id} line={line} canBePutOff={group !== "onTarget"} {...acts} />)}
        </Box>
      )}
    </Panel>
  );
}

function Patient({ line, canBePutOff, isWorking, onReviewed, onPutOff }: Omit<GroupPanelProps, "group"> & { readonly line: PatientLine; readonly canBePutOff: boolean }) {
  const t = useWords();
  const act = (words: string, onClick: (line: PatientLine) => void, testId: string) => <Button size="small" disabled={isWorking} onClick={() => onClick(line)} aria-label={`${words}: ${line.displayName}`} data-testid={testId}>{words}</Button>;
  return (
    <Box component="li" sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "minmax(9rem, 1fr) 11rem minmax(0, 2fr) minmax(11rem, auto)" }, gap: 1, alignItems: "center" }} data-testid="attention-patient">
      <Link component={RouterLink} to={`/patients/${line.id}`} sx={{ overflowWrap: "anywhere" }}>{line.displayName}</Link>
      <RangesCell line={line} />
      <FlagChips line={line} />
      <Box sx={{ display: "flex", flexWrap: "wrap", justifyContent: { md: "flex-end" } }}>
        {act(t("dashboard.reviewed"), onReviewed, "review")}
        {canBePutOff ? act(t("dashboard.putOff"), onPutOff, "put-off") : null}
      </Box>
    </Box>
  );
}
