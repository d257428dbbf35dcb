/** The day at a glance: requests that came in, the queue, data and connections; for administrators how vendors and what they sent do; and who needs a look first. */
import Box from "@mui/material/Box";
import { useClinicLive } from "../appointments/live.ts";
import { useWords } from "../messages/words.ts";
import { PageTitle } from "../parts/PageTitle.tsx";
import { useStaff } from "../session/staff.ts";
import { AttentionGroups } from "./AttentionGroups.tsx";
import { Counts } from "./Counts.tsx";
import { Created } from "./Created.tsx";
import { Deliveries, VendorConnections } from "./Operation.tsx";
import { Queue } from "./Queue.tsx";

export function Dashboard() {
  const t = useWords();
  const { isAdmin, isClinician } = useStaff();
  // Whoever leaves it open all day sees requests come and go.
  useClinicLive();
  return (
    <>
      <PageTitle title={t("shell.dashboard")} />
      <Box sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 17rem), 1fr))", gap: 1.5, mb: 2, alignItems: "start" }}>
        {isClinician ? <Created /> : null}
        <Queue />
        {isClinician ? <Counts /> : null}
        {isAdmin ? <><VendorConnections /><Deliveries /></> : null}
      </Box>
      {isClinician ? <AttentionGroups /> : null}
    </>
  );
}
