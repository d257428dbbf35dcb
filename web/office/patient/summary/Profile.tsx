/** The ambulatory profile of the period, hour by hour. */
import { useMemo } from "react";
import Skeleton from "@mui/material/Skeleton";
import type { AgpBin } from "#charts/agp-bins.ts";
import type { Reply } from "#web/client/operation-client.ts";
import { ProfileFigure } from "#web/portal/parts/AmbulatoryProfile.tsx";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient, usePeriod } from "../patient.ts";
import { reasonKey } from "./statistic-lines.ts";

type Reported = Reply<"get /patients/{patientId}/glucose/agp">;

export function Profile() {
  const { path } = usePatient();
  const { query } = usePeriod();
  // The picture is drawn from mg/dL in either unit, as on paper.
  const profile = useOperation("get /patients/{patientId}/glucose/agp", { path, query: { ...query, unit: "mg/dL", binMinutes: "60" } });
  return (
    <Panel testId="profile">
      <Loaded query={profile} skeleton={<Skeleton variant="rounded" height={410} />}>{(data) => <Drawn profile={data} />}</Loaded>
    </Panel>
  );
}

function Drawn({ profile }: { readonly profile: Reported }) {
  const t = useWords();
  const bins = useMemo(() => (profile.isSufficient ? binsOf(profile) : null), [profile]);
  const days = Math.max(0, ...profile.days);
  return (
    <ProfileFigure
      heading={t("patient.profile")} bins={bins} days={days} limits={profile.preset.thresholds} thin={t("patient.profileThin", { reason: t(reasonKey(profile.reason ?? "under_7_days")) })}
      csv={{ label: t("patient.csv"), name: "glucose-profile.csv" }}
    />
  );
}

/** The reply's columns as the picture draws them; null where an hour has no readings. */
function binsOf({ minutes, counts, p05, p25, p50, p75, p95 }: Reported): (AgpBin | null)[] {
  return minutes.map((minute, at) => {
    const [a, b, c, d, e] = [p05[at], p25[at], p50[at], p75[at], p95[at]];
    return a == null || b == null || c == null || d == null || e == null ? null : { minute, count: counts[at] ?? 0, p05: a, p25: b, p50: c, p75: d, p95: e };
  });
}
