/** The day at a glance: who needs a look first and by which rules, the appointment queue, connections; for administrators what vendors sent and nobody could use. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import type { Reply } from "#web/client/operation-client.ts";
import { useOperation } from "../data/queries.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useFormatter, useLocale, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { Panel } from "../patient/Panel.tsx";
import { AGE_WORDS, FlagChips, HEALTH_WORDS, RangesCell } from "../patients/cells.tsx";
import { useStaff } from "../session/staff.ts";

type Overview = Reply<"get /clinic/overview">;
type Group = Reply<"get /clinic/attention">["groups"][number];

/** Of each group; the rest is a click away. */
const FIRST = 5;

export function Dashboard() {
  const t = useWords();
  const { isAdmin, isClinician } = useStaff();
  return (
    <>
      <PageTitle title={t("shell.dashboard")} />
      <Box sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 17rem), 1fr))", gap: 1.5, mb: 2 }}>
        <Queue />
        {isClinician ? <Counts /> : null}
        {isAdmin ? <Inbox /> : null}
      </Box>
      {isClinician ? <AttentionGroups /> : null}
    </>
  );
}

interface Line {
  readonly name: string;
  readonly count: number;
  /** Below /office. */
  readonly to?: string;
}

function Lines({ lines }: { readonly lines: readonly Line[] }) {
  const f = useFormatter();
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "1fr auto", rowGap: 0.75, columnGap: 2, m: 0 }}>
      {lines.map(({ name, count, to }) => (
        <Box key={name} sx={{ display: "contents" }}>
          <Typography component="dt">{to === undefined ? name : <Link component={RouterLink} to={to}>{name}</Link>}</Typography>
          <Typography component="dd" sx={{ m: 0, textAlign: "right", fontVariantNumeric: "tabular-nums", fontWeight: 600 }}>{f.number(count)}</Typography>
        </Box>
      ))}
    </Box>
  );
}

const SHORT = <Skeleton variant="rounded" height={96} />;

function Queue() {
  const t = useWords();
  const f = useFormatter();
  const query = useOperation("get /appointment-queue", {});
  return (
    <Panel title={t("today.appointments")} testId="today-appointments">
      <Loaded query={query} skeleton={SHORT}>
        {({ active, capacity, byState }) => (
          <>
            <Lines lines={[{ name: t("today.created"), count: byState.created }, { name: t("today.pending"), count: byState.pending }, { name: t("today.accepted"), count: byState.accepted }]} />
            <Typography variant="body2" color="text.secondary" sx={{ my: 1 }}>{t("today.queue", { active: f.number(active), capacity: f.number(capacity) })}</Typography>
            <Button size="small" component={RouterLink} to="/appointments">{t("today.toAppointments")}</Button>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Counts() {
  const query = useOperation("get /clinic/overview", {});
  return <Loaded query={query} skeleton={SHORT}>{(overview) => <CountPanels overview={overview} />}</Loaded>;
}

function CountPanels({ overview: { patients, ages, connections } }: { readonly overview: Overview }) {
  const t = useWords();
  const lines = <Name extends string>(counts: Readonly<Record<Name, number>>, words: Readonly<Record<Name, MessageKey>>, filter: string): Line[] =>
    (Object.keys(words) as Name[]).map((name) => ({ name: t(words[name]), count: counts[name], to: `/patients?${filter}=${name}` }));
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Panel title={`${t("today.lastData")} · ${t("patients.total", { smart_count: patients })}`} testId="today-data"><Lines lines={lines(ages, AGE_WORDS, "age")} /></Panel>
      <Panel title={t("today.connections")} testId="today-connections"><Lines lines={lines(connections, HEALTH_WORDS, "connection")} /></Panel>
    </Box>
  );
}

function AttentionGroups() {
  const t = useWords();
  const query = useOperation("get /clinic/attention", { query: { first: FIRST } });
  return (
    <>
      <Typography component="h2" variant="h6">{t("today.attention")}</Typography>
      <Typography color="text.secondary" sx={{ mb: 1 }}>{t("today.attentionAbout")}</Typography>
      <Loaded query={query} skeleton={<>{SHORT}{SHORT}</>}>
        {({ groups, snoozed }) => (
          <Box sx={{ display: "grid", gap: 1.5 }} data-testid="attention">
            {groups.map((group) => <GroupPanel key={group.group} group={group} />)}
            {snoozed === 0 ? null : <Link component={RouterLink} to="/patients?snoozed=true">{t("today.snoozed", { smart_count: snoozed })}</Link>}
          </Box>
        )}
      </Loaded>
    </>
  );
}

function GroupPanel({ group: { group, title, rule, count, patients } }: { readonly group: Group }) {
  const t = useWords();
  const f = useFormatter();
  const locale = useLocale();
  return (
    <Panel title={`${title[locale]} (${f.number(count)})`} testId={`group-${group}`} {...(count > patients.length ? { aside: <Link component={RouterLink} to={`/patients?group=${group}&snoozed=false&sort=lastReviewed`}>{t("today.showAll", { count: f.number(count) })}</Link> } : {})}>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>{rule[locale]}</Typography>
      {patients.length === 0 ? <Typography variant="body2">{t("today.noAttention")}</Typography> : (
        <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
          {patients.map((line) => (
            <Box component="li" key={line.id} sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "minmax(10rem, 1fr) 11rem 2fr" }, gap: 1, alignItems: "center" }}>
              <Link component={RouterLink} to={`/patients/${line.id}`}>{line.displayName}</Link>
              <RangesCell line={line} />
              <FlagChips line={line} />
            </Box>
          ))}
        </Box>
      )}
    </Panel>
  );
}

function Inbox() {
  const t = useWords();
  const query = useOperation("get /inbox/counts", {});
  return (
    <Panel title={t("today.inbox")} testId="today-inbox">
      <Loaded query={query} skeleton={SHORT}>
        {({ data }) => {
          const of = (...states: string[]): number => data.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
          const dead = of("dead");
          return (
            <>
              {dead > 0 ? <Alert severity="warning" sx={{ mb: 1 }}>{t("today.dead")}: {dead}</Alert> : null}
              <Lines lines={[{ name: t("today.received"), count: of("received", "processing") }, { name: t("today.dead"), count: dead }, { name: t("today.unmatched"), count: of("unmatched") }]} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
