/** How each vendor stands: set up or not and what to set, well or not, what is left of its limits, how the own connections do. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import LinearProgress from "@mui/material/LinearProgress";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useSearchParams } from "react-router-dom";
import type { VendorStanding } from "#web/client/operations.d.ts";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Instant } from "../parts/Instant.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { Choice } from "./parts/Choice.tsx";
import { Empty } from "./parts/Empty.tsx";
import { VendorHealth } from "./parts/VendorHealth.tsx";

const SHOWN = ["all", "used", "ready", "missing"] as const;
type Shown = (typeof SHOWN)[number];
const IS_SHOWN: Readonly<Record<Shown, (vendor: VendorStanding) => boolean>> = {
  all: () => true, used: ({ connections }) => Object.keys(connections).length > 0, ready: ({ isConfigured }) => isConfigured, missing: ({ isConfigured }) => !isConfigured,
};

export function Vendors() {
  const t = useWords();
  const [address, setAddress] = useSearchParams();
  const shown = SHOWN.find((each) => each === address.get("show")) ?? "all";
  const query = useOperation("get /vendors", {});
  return (
    <>
      <PageTitle title={t("vendors.title")} sub={t("vendors.lead")}>
        <Choice label={t("vendors.show")} value={shown} onChange={(show) => setAddress({ show }, { replace: true })} choices={SHOWN.map((each) => [each, t(`vendors.${each}`)] as const)} />
      </PageTitle>
      <Loaded query={query}>
        {({ data }) => {
          const found = data.filter(IS_SHOWN[shown]);
          if (found.length === 0) return <Empty text={t("vendors.none")} />;
          return (
            <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 320px), 1fr))" }}>
              {found.map((vendor) => <Vendor key={vendor.id} vendor={vendor} />)}
            </Box>
          );
        }}
      </Loaded>
    </>
  );
}

function Vendor({ vendor }: { readonly vendor: VendorStanding }) {
  const t = useWords();
  const f = useFormatter();
  const { isConfigured, isSimulated, health, quietUntil, lastCalls, connections, lastSyncAt, subscription, missingSettings } = vendor;
  return (
    <Paper variant="outlined" component="section" sx={{ p: 2, minWidth: 0 }} data-testid="vendor">
      <Stack direction="row" sx={{ justifyContent: "space-between", gap: 1, flexWrap: "wrap", mb: 1 }}>
        <Typography variant="h6" component="h2">{vendor.displayName}</Typography>
        <Stack direction="row" sx={{ gap: 0.5, flexWrap: "wrap" }}>
          <Chip size="small" variant={isConfigured ? "filled" : "outlined"} label={t(isSimulated ? "vendors.simulated" : isConfigured ? "vendors.configured" : "vendors.notConfigured")} />
          {isConfigured ? <VendorHealth health={health} /> : null}
        </Stack>
      </Stack>
      {vendor.endedOn === null ? null : <Alert severity="warning">{t("vendors.ended", { date: f.yearDay(vendor.endedOn) })}</Alert>}
      {missingSettings.length > 0 ? (
        <Typography variant="body2" component="div">
          {t("vendors.toSet")}
          <Box component="ul" sx={{ my: 0.5, pl: 2.5 }}>{missingSettings.map((name) => <li key={name}><code style={{ overflowWrap: "anywhere" }}>{name}</code></li>)}</Box>
        </Typography>
      ) : null}
      {quietUntil === null ? null : <Typography variant="body2">{t("vendors.quietUntil")} <Instant at={quietUntil} /></Typography>}
      {lastCalls ? <Typography variant="body2">{t("vendors.lastCalls", { made: lastCalls.made, failed: lastCalls.failed })} (<Instant at={lastCalls.at} />)</Typography> : null}
      <Typography variant="body2">{Object.keys(connections).length === 0 ? t("vendors.noConnections") : Object.entries(connections).map(([status, count]) => `${t(`status.${status as "active"}`)}: ${count}`).join(" · ")}</Typography>
      {lastSyncAt === null ? null : <Typography variant="body2">{t("vendors.lastSync")} <Instant at={lastSyncAt} /></Typography>}
      <Typography variant="body2">{t(subscription.kind === "of_app" ? (subscription.isMade ? "vendors.pushMade" : "vendors.pushMissing") : `vendors.push.${subscription.kind}`)}</Typography>
      {isConfigured ? vendor.limits.map((limit) => <Limit key={`${limit.requests}/${limit.perSeconds}/${limit.scope}`} {...{ limit }} />) : null}
      <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>{t("vendors.documentation")} <code>{vendor.documentation}</code></Typography>
    </Paper>
  );
}

function Limit({ limit }: { readonly limit: VendorStanding["limits"][number] }) {
  const t = useWords();
  const f = useFormatter();
  const { requests, perSeconds, scope, left, endsAt } = limit;
  const label = t(scope === "app" ? "vendors.limitApp" : "vendors.limitConnection", { left: f.number(left), requests: f.number(requests), time: f.duration(perSeconds) });
  return (
    <Box sx={{ mt: 1 }}>
      <Typography variant="body2">{label}{endsAt === null ? null : <> · {t("vendors.until")} <Instant at={endsAt} show="time" /></>}</Typography>
      <LinearProgress variant="determinate" value={(100 * left) / requests} color={left / requests < 0.1 ? "error" : "primary"} aria-label={label} sx={{ height: 6, borderRadius: 3 }} />
    </Box>
  );
}
