/** The conditions that hold now, as the clinical history has them: what kind of diabetes somebody has stands there and nowhere else. */
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import { Link as RouterLink } from "react-router-dom";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../patient.ts";

const MOST = 3;

export function ConditionsFact() {
  const t = useWords();
  const { path, patientId } = usePatient();
  // As the history asks for them, so that they are fetched once.
  const query = useOperation("get /patients/{patientId}/conditions", { path, query: { includeErrors: "false", limit: 200 } });
  return (
    <Loaded query={query} skeleton={<Skeleton width={140} height={30} />}>
      {({ data }) => {
        const names = data.filter(({ status }) => status === "active").map(({ name }) => name);
        const text = names.length === 0 ? t("patient.conditionsNone") : [...names.slice(0, MOST), ...(names.length > MOST ? ["…"] : [])].join(", ");
        return <Link component={RouterLink} to={`/patients/${patientId}/history`} sx={{ overflowWrap: "anywhere" }} data-testid="patient-conditions">{text}</Link>;
      }}
    </Loaded>
  );
}
