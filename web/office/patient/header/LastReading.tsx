/** The newest reading with its arrow, change and age. Too old for the present it stands grey and struck, and says so. */
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { bandOf } from "#web/charts/ranges.ts";
import { BandSwatch } from "#web/charts/RangesBar.tsx";
import type { Reading } from "#web/client/types.ts";
import { useNow } from "#web/portal/data.tsx";
import { useLanguage } from "#web/portal/language.tsx";
import { STALE_AFTER_S } from "#web/portal/parts/CurrentGlucose.tsx";
import { TREND_NAMES, TrendArrow } from "#web/portal/parts/TrendArrow.tsx";
import { BAND_NAMES } from "#web/portal/words.ts";
import { CONSENSUS_RANGES } from "#glucose/ranges.ts";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../patient.ts";

const EVERY_MS = 15_000;

export function LastReading() {
  const t = useWords();
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/glucose/latest", { path });
  const nowMs = useNow(EVERY_MS);
  return (
    <Box component="section" aria-label={t("patient.last")} sx={{ minHeight: 76, minWidth: 220 }} data-testid="last-reading">
      <Loaded query={query} skeleton={<><Skeleton width={160} height={48} /><Skeleton width={200} /></>}>
        {({ reading }) => {
          if (reading === null) return <Typography color="textSecondary">{t("patient.lastNone")}</Typography>;
          const ageS = reading.ageSeconds + Math.max(nowMs - query.dataUpdatedAt, 0) / 1000;
          return reading.isStale || ageS > STALE_AFTER_S ? <Stale reading={reading} ageS={ageS} /> : <Fresh reading={reading} ageS={ageS} />;
        }}
      </Loaded>
    </Box>
  );
}

interface Shown {
  readonly reading: Reading;
  readonly ageS: number;
}

/** The number in the person's unit, or the sensor's word where there is none. */
function useValue(reading: Reading): { readonly value: string; readonly unit: string } {
  const t = useWords();
  const { f, unit } = usePatient();
  if (reading.flags.includes("below_range")) return { value: t("patient.sensorLow"), unit: "" };
  if (reading.flags.includes("above_range")) return { value: t("patient.sensorHigh"), unit: "" };
  return { value: f.glucose(unit === "mg/dL" ? reading.valueMgDl : reading.valueMmolL), unit };
}

function Fresh({ reading, ageS }: Shown) {
  const { t: name } = useLanguage();
  const { f } = usePatient();
  const { value, unit } = useValue(reading);
  const band = bandOf(reading.valueMgDl, CONSENSUS_RANGES["mg/dL"]);
  return (
    <>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
        <Typography component="p" sx={{ fontSize: 40, fontWeight: 650, lineHeight: 1.1, fontVariantNumeric: "tabular-nums" }} data-testid="last-value">{value}</Typography>
        <Typography component="span" color="textSecondary">{unit}</Typography>
        <Box sx={{ "& .trend-arrow": { width: 36, height: 36, display: "block" } }}><TrendArrow trend={reading.trend} /></Box>
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 1.5 }}>
        <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 0.75 }}><BandSwatch band={band} />{name(BAND_NAMES[band])}</Box>
        <span data-testid="last-trend">{name(TREND_NAMES[reading.trend])}</span>
        {reading.deltaMgDl === null ? null : <span data-testid="last-delta">{f.glucoseDelta(reading.deltaMgDl)}</span>}
        <span data-testid="last-age">{f.ago(ageS)}</span>
      </Box>
    </>
  );
}

function Stale({ reading, ageS }: Shown) {
  const t = useWords();
  const { f, zone } = usePatient();
  const { value, unit } = useValue(reading);
  return (
    <>
      <Typography component="p" color="textSecondary" sx={{ fontSize: 28, lineHeight: 1.3 }}>
        <s data-testid="last-value">{value}</s> <Typography component="span">{unit}</Typography>
      </Typography>
      <Typography component="p" sx={{ fontWeight: 650 }} data-testid="last-stale">{t("patient.lastStale")}</Typography>
      <Typography component="p" color="textSecondary">{t("patient.lastStaleAge", { ago: f.ago(ageS) })} · <Instant at={reading.at} zone={zone} /></Typography>
    </>
  );
}
