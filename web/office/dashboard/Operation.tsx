/** For administrators: how the organization's connections and their vendors do, and what vendors sent and nobody could use yet. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { VendorHealth } from "../administration/parts/VendorHealth.tsx";
import { ageSeconds } from "../appointments/types.ts";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { useNow } from "../parts/use-now.ts";
import { Panel } from "../patient/Panel.tsx";
import { Lines, SHORT } from "./Lines.tsx";
import { connectionsBy, inboxOf, inTrouble, STANDINGS } from "./operation-counts.ts";

const TO_VENDORS = "/administration/vendors?show=used";
const toInbox = (state: string): string => `/administration/inbox?state=${state}`;

export function VendorConnections() {
  const t = useWords();
  const query = useOperation("get /vendors", {});
  return (
    <Panel title={t("dashboard.connections")} testId="today-vendors">
      <Loaded query={query} skeleton={SHORT}>
        {({ data }) => {
          const counts = connectionsBy(data);
          const troubled = inTrouble(data);
          const hasAny = STANDINGS.some((status) => counts[status] > 0);
          return (
            <>
              <Lines lines={STANDINGS.map((status) => ({ name: t(`dashboard.${status}`), count: counts[status], to: TO_VENDORS }))} />
              {troubled.length === 0 ? <Typography variant="body2" color="textSecondary" sx={{ my: 1 }}>{t(hasAny ? "dashboard.vendorsWell" : "dashboard.noConnections")}</Typography> : (
                <Box component="ul" aria-label={t("dashboard.vendorsTroubled")} sx={{ listStyle: "none", m: 0, my: 1, p: 0, display: "grid", gap: 0.5 }}>
                  {troubled.map(({ id, displayName, health }) => <Box component="li" key={id} sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>{displayName} <VendorHealth health={health} /></Box>)}
                </Box>
              )}
              <Button size="small" component={RouterLink} to={TO_VENDORS}>{t("dashboard.toVendors")}</Button>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

export function Deliveries() {
  const t = useWords();
  const f = useFormatter();
  const nowMs = useNow();
  const query = useOperation("get /inbox/counts", {});
  return (
    <Panel title={t("today.inbox")} testId="today-inbox">
      <Loaded query={query} skeleton={SHORT}>
        {({ data }) => {
          const { waiting, failed, dead, oldestAt } = inboxOf(data);
          return (
            <>
              {dead > 0 ? <Alert severity="warning" sx={{ mb: 1 }}>{t("dashboard.dead", { smart_count: dead })}</Alert> : null}
              <Lines lines={[{ name: t("today.received"), count: waiting, to: toInbox("pending") }, { name: t("dashboard.failed"), count: failed, to: toInbox("failed") }, { name: t("today.dead"), count: dead, to: toInbox("dead") }]} />
              <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
                {oldestAt === null ? t("dashboard.nothingWaits") : <>{t("dashboard.oldest")} <time dateTime={oldestAt} title={f.dateTime(Date.parse(oldestAt))}>{f.ago(ageSeconds(oldestAt, nowMs))}</time></>}
              </Typography>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
