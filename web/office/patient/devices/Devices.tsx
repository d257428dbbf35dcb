/** Where the data come from: each connection with its state in words, its devices, and what to do; and who is believed where several measure the same. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../patient.ts";
import { ConnectionPanel } from "./ConnectionPanel.tsx";
import { Ranking } from "./Ranking.tsx";

export function Devices() {
  const t = useWords();
  const { path } = usePatient();
  const connections = useOperation("get /patients/{patientId}/connections", { path });
  const rules = useOperation("get /patients/{patientId}/source-rules", { path });
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Loaded query={connections} skeleton={<Skeleton variant="rounded" height={220} />}>
        {({ data }) => data.length === 0 ? <Alert severity="info" data-testid="no-connections">{t("patient.devicesNone")}</Alert> : (
          <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 24rem), 1fr))" }}>
            {data.map((connection) => <ConnectionPanel key={connection.id} connection={connection} rules={rules.data} />)}
          </Box>
        )}
      </Loaded>
      <Loaded query={rules} skeleton={<Skeleton variant="rounded" height={160} />}>{(data) => <Ranking rules={data} />}</Loaded>
    </Box>
  );
}
