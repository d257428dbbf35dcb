/** Every target that was set for the patient, the newest first: what, by whom, when. */
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useOperation } from "../../../data/queries.ts";
import { useWords } from "../../../messages/words.ts";
import { Instant } from "../../../parts/Instant.tsx";
import { Loaded } from "../../../parts/Loaded.tsx";
import { usePatient } from "../../patient.ts";
import { useTargetText } from "./target-text.ts";

export function TargetHistory() {
  const t = useWords();
  const { path, zone } = usePatient();
  const textOf = useTargetText();
  const query = useOperation("get /patients/{patientId}/targets", { path });
  return (
    <section aria-labelledby="target-history">
      <Typography component="h3" variant="subtitle2" id="target-history">{t("patient.targetHistory")}</Typography>
      <Loaded query={query}>
        {({ history }) => history.length === 0 ? <Typography variant="body2" color="textSecondary">{t("patient.targetNever")}</Typography> : (
          <Box component="ol" reversed sx={{ m: 0, pl: 3 }}>
            {history.map((each) => (
              <li key={`${each.setAt} ${each.preset}`}>
                <Typography variant="body2">{textOf(each)}</Typography>
                <Typography variant="caption" color="textSecondary">{each.setByName ?? t("history.somebody")}{each.setAt === null ? null : <> · <Instant at={each.setAt} zone={zone} /></>}</Typography>
              </li>
            ))}
          </Box>
        )}
      </Loaded>
    </section>
  );
}
