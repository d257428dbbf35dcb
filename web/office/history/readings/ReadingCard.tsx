/** One reading: how high it was in number, word, shape and colour; when, as what, by which way. */
import { memo } from "react";
import DeleteIcon from "@mui/icons-material/DeleteOutlined";
import Box from "@mui/material/Box";
import Card from "@mui/material/Card";
import Chip from "@mui/material/Chip";
import IconButton from "@mui/material/IconButton";
import Typography from "@mui/material/Typography";
import type { Reply } from "#web/client/operation-client.ts";
import { useWords } from "../../messages/words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { usePatient } from "../../patient/patient.ts";
import { bandOf } from "#web/language/readings.ts";
import { BAND_WORDS, BandShape, bandColour } from "./BandShape.tsx";
import { MEAL_RELATIONS, READING_TYPES, type ReadingType } from "./reading-types.ts";

export type Reading = Reply<"get /patients/{patientId}/readings">["data"][number];

const WAYS = { manual: "history.wayManual", bluetooth: "history.wayBluetooth", app: "history.wayApp", import: "history.wayImport" } as const;

export interface ReadingCardProps {
  readonly reading: Reading;
  /** What its type is called here; null for none. */
  readonly typeWord: string | null;
  readonly onDelete?: ((reading: Reading) => void) | undefined;
}

/** Drawn again only when its reading is another: beside hundreds of them, one more page costs its own cards alone. */
export const ReadingCard = memo(function ReadingCard({ reading, typeWord, onDelete }: ReadingCardProps) {
  const t = useWords();
  const { f, zone } = usePatient();
  const band = bandOf(reading);
  const value = f.glucoseOfMgDl(reading.valueMgDl);
  const Icon = reading.type === null ? null : READING_TYPES[reading.type as ReadingType].icon;
  const way = [t(WAYS[reading.syncSource]), reading.device?.name ?? reading.device?.id].filter(Boolean).join(" · ");
  return (
    <Card variant="outlined" component="article" sx={{ p: 1.5, borderLeft: `6px solid ${bandColour(band)}`, minWidth: 0 }} data-testid="reading">
      <Box sx={{ display: "flex", justifyContent: "space-between", alignItems: "start", gap: 1 }}>
        <div>
          <Typography variant="h6" component="p">{reading.outOfRange === null ? "" : reading.outOfRange === "below" ? "< " : "> "}{value}</Typography>
          <Typography variant="body2"><BandShape band={band} /> {t(BAND_WORDS[band])} · <Instant at={reading.at} zone={zone} show="time" /></Typography>
        </div>
        {onDelete ? <IconButton size="small" aria-label={t("history.deleteReading", { value })} onClick={() => onDelete(reading)} data-testid="delete-reading"><DeleteIcon fontSize="small" /></IconButton> : null}
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5, mt: 1 }}>
        {Icon ? <Chip size="small" icon={<Icon fontSize="small" />} label={typeWord} data-testid="reading-type" /> : null}
        {reading.mealRelation ? <Chip size="small" variant="outlined" label={t(MEAL_RELATIONS[reading.mealRelation])} /> : null}
      </Box>
      {reading.note ? <Typography variant="body2" sx={{ mt: 1, overflowWrap: "anywhere" }}>{reading.note}</Typography> : null}
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 0.5, overflowWrap: "anywhere" }}>
        {way}{reading.enteredBy ? ` · ${t("history.enteredBy", { name: reading.enteredBy.name ?? t("history.somebody") })}` : ""}
      </Typography>
    </Card>
  );
});
