/** How old the patients' last data are, and how their connections do. */
import Box from "@mui/material/Box";
import type { Reply } from "#web/client/operation-client.ts";
import { useOperation } from "../data/queries.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { Panel } from "../patient/Panel.tsx";
import { AGE_WORDS, HEALTH_WORDS } from "../patients/cells.tsx";
import { type Line, Lines, SHORT } from "./Lines.tsx";

type Overview = Reply<"get /clinic/overview">;

export function Counts() {
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
