/** What is known of the patient beside their numbers, each fact with its word: tags, target, conditions, national id, consents. */
import { type ReactNode, useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useTheme } from "@mui/material/styles";
import LessIcon from "@mui/icons-material/ExpandLess";
import MoreIcon from "@mui/icons-material/ExpandMore";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { useStaff } from "../../session/staff.ts";
import { ConditionsFact } from "./ConditionsFact.tsx";
import { ConsentFact } from "./ConsentFact.tsx";
import { IdentityFact } from "./IdentityFact.tsx";
import { TagsFact } from "./TagsFact.tsx";
import { TargetFact } from "./target/TargetFact.tsx";

/** On a phone they are folded away, so that what is the case now stands on top. */
export function Facts() {
  const t = useWords();
  const isPhone = useMediaQuery(useTheme().breakpoints.down("sm"));
  const [isOpen, setOpen] = useState(false);
  if (!isPhone) return <List />;
  return (
    <Box sx={{ mb: 1 }}>
      <Button size="small" aria-expanded={isOpen} endIcon={isOpen ? <LessIcon /> : <MoreIcon />} onClick={() => setOpen(!isOpen)} sx={{ mb: 0.5, ml: -0.5 }} data-testid="facts-open">{t("patient.facts")}</Button>
      {isOpen ? <List /> : null}
    </Box>
  );
}

function List() {
  const { isClinician } = useStaff();
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", sm: "repeat(2, minmax(0, 1fr))", lg: "repeat(3, minmax(0, 1fr))" }, columnGap: 3, rowGap: 1, m: 0, mb: 1.5 }} data-testid="patient-facts">
      <Fact name="patient.target"><TargetFact /></Fact>
      <Fact name="history.conditions"><ConditionsFact /></Fact>
      {isClinician ? <Fact name="patient.tags"><TagsFact /></Fact> : null}
      {isClinician ? <Fact name="patient.identity"><IdentityFact /></Fact> : null}
      <Fact name="patient.consents"><ConsentFact /></Fact>
    </Box>
  );
}

function Fact({ name, children }: { readonly name: MessageKey; readonly children: ReactNode }) {
  const t = useWords();
  return (
    <div>
      <Box component="dt" sx={{ color: "text.secondary", fontSize: "0.8125rem" }}>{t(name)}</Box>
      <Box component="dd" sx={{ m: 0, minWidth: 0, overflowWrap: "anywhere" }}>{children}</Box>
    </div>
  );
}
