/** Why somebody asks: chips with a shape and a word each, and the hint to call where it is an emergency. */
import type { ComponentType } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import AdjustmentIcon from "@mui/icons-material/Tune";
import LowIcon from "@mui/icons-material/ArrowDownward";
import HighIcon from "@mui/icons-material/ArrowUpward";
import KetosisIcon from "@mui/icons-material/WarningAmber";
import QuestionsIcon from "@mui/icons-material/HelpOutlined";
import OtherIcon from "@mui/icons-material/MoreHoriz";
import PhoneIcon from "@mui/icons-material/Phone";
import { useFormatter, useWords } from "../messages/words.ts";
import type { Line } from "./types.ts";

type Motive = Line["motives"][number];

const ICONS: Readonly<Record<Motive, ComponentType>> = { adjustment: AdjustmentIcon, hypoglycaemia: LowIcon, hyperglycaemia: HighIcon, ketosis: KetosisIcon, questions: QuestionsIcon, other: OtherIcon };

type Reasons = Pick<Line, "motives" | "isSevere" | "otherMotive" | "isEmergency">;

function useMotiveWords(): (motive: Motive, isSevere: boolean) => string {
  const t = useWords();
  return (motive, isSevere) => (motive === "hypoglycaemia" && isSevere ? `${t(`appointments.motive.${motive}`)} (${t("appointments.severe")})` : t(`appointments.motive.${motive}`));
}

export function Motives({ motives, isSevere, otherMotive }: Reasons) {
  const t = useWords();
  const words = useMotiveWords();
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5 }}>
      {motives.length === 0 && !otherMotive ? <Chip size="small" variant="outlined" label={t("appointments.motive.none")} /> : null}
      {motives.map((motive) => {
        const Icon = ICONS[motive];
        const isUrgent = motive === "ketosis" || (motive === "hypoglycaemia" && isSevere);
        return <Chip key={motive} size="small" variant={isUrgent ? "filled" : "outlined"} color={isUrgent ? "error" : "default"} icon={<Icon />} label={words(motive, isSevere)} />;
      })}
      {otherMotive ? <Box component="q" sx={{ fontSize: "0.85rem", overflowWrap: "anywhere", width: "100%" }}>{otherMotive}</Box> : null}
    </Box>
  );
}

/** What the person says it is; nobody has judged it. */
export function CallNow({ motives, isSevere, isEmergency }: Reasons) {
  const t = useWords();
  const f = useFormatter();
  const words = useMotiveWords();
  if (!isEmergency) return null;
  const what = f.list(motives.filter((motive) => motive === "ketosis" || (motive === "hypoglycaemia" && isSevere)).map((motive) => words(motive, isSevere).toLowerCase()));
  return <Alert severity="error" icon={<PhoneIcon />} data-testid="call-now">{t("appointments.callNow", { what })}</Alert>;
}
