/** How a vendor does, by shape and word. */
import type { ReactElement } from "react";
import Chip from "@mui/material/Chip";
import FailingIcon from "@mui/icons-material/WarningAmber";
import GoodIcon from "@mui/icons-material/CheckCircleOutlined";
import RestingIcon from "@mui/icons-material/HotelOutlined";
import UnknownIcon from "@mui/icons-material/HelpOutlineOutlined";
import WaitingIcon from "@mui/icons-material/HourglassEmpty";
import type { VendorStanding } from "#web/client/operations.d.ts";
import { useWords } from "../../messages/words.ts";

const HEALTH: Readonly<Record<VendorStanding["health"], { readonly icon: ReactElement; readonly color: "default" | "primary" | "warning" | "error" }>> = {
  good: { icon: <GoodIcon />, color: "primary" }, failing: { icon: <FailingIcon />, color: "warning" }, resting: { icon: <RestingIcon />, color: "error" }, held: { icon: <WaitingIcon />, color: "warning" }, unknown: { icon: <UnknownIcon />, color: "default" },
};

export function VendorHealth({ health }: Pick<VendorStanding, "health">) {
  const t = useWords();
  return <Chip size="small" variant="outlined" color={HEALTH[health].color} icon={HEALTH[health].icon} label={t(`vendors.${health}`)} />;
}
