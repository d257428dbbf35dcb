/** What the patient consents to, in a line; every purpose with its day on a click, of vendors those that were ever asked about. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Popover from "@mui/material/Popover";
import Skeleton from "@mui/material/Skeleton";
import WithdrawnIcon from "@mui/icons-material/DoNotDisturbOnOutlined";
import GivenIcon from "@mui/icons-material/CheckCircleOutlined";
import type { Reply } from "#web/client/operation-client.ts";
import { useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../patient.ts";

type Consent = Reply<"get /patients/{patientId}/consents">["data"][number];

const STATES = {
  none: "patient.consentNone", unrecorded: "patient.consentUnrecorded", given: "patient.consentGiven", outdated: "patient.consentOutdated", withdrawn: "patient.consentWithdrawn",
} as const satisfies Record<Consent["state"], MessageKey>;
const PURPOSES: Readonly<Record<string, MessageKey>> = { storage: "patient.consentStorage", sharing: "patient.consentSharing", research: "patient.consentResearch" };
/** What a clinic works with; the others are told on a click. */
const FIRST = ["sharing", "storage"];

export function ConsentFact() {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/consents", { path });
  return <Loaded query={query} skeleton={<Skeleton width={160} height={30} />}>{({ data }) => <Consents consents={data} />}</Loaded>;
}

function Consents({ consents }: { readonly consents: readonly Consent[] }) {
  const t = useWords();
  const { f } = usePatient();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const nameOf = ({ purpose, vendor }: Consent): string => {
    const word = PURPOSES[purpose];
    return word ? t(word) : t("patient.consentVendor", { name: vendor ?? purpose });
  };
  const stands = consents.filter(({ purpose }) => FIRST.includes(purpose));
  const isWhole = stands.every(({ state }) => state !== "withdrawn" && state !== "none");
  const Icon = isWhole ? GivenIcon : WithdrawnIcon;
  return (
    <>
      <Button
        size="small" color={isWhole ? "inherit" : "warning"} startIcon={<Icon />} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} sx={{ textAlign: "start", ml: -0.5 }} data-testid="consents"
      >
        {stands.map((consent) => `${nameOf(consent)}: ${t(STATES[consent.state])}`).join(" · ")}
      </Button>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: "bottom", horizontal: "left" }} slotProps={{ paper: { role: "dialog", "aria-label": t("patient.consents") } }}>
        <Box component="ul" sx={{ listStyle: "none", m: 0, p: 2, display: "grid", gap: 0.5, maxWidth: 420 }} data-testid="consent-list">
          {consents.filter(({ vendor, state }) => vendor === null || state !== "none").map((consent) => (
            <li key={consent.purpose}>{nameOf(consent)}: {t(STATES[consent.state])}{consent.since === null ? "" : ` (${f.yearDate(Date.parse(consent.since))})`}</li>
          ))}
        </Box>
      </Popover>
    </>
  );
}
