/** Systems of the organization that are told of changes: the list, and one of them with its log. */
import { useState } from "react";
import Button from "@mui/material/Button";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import { Link, Route, Routes, useParams } from "react-router-dom";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { Empty } from "../parts/Empty.tsx";
import { ScrollTable } from "../parts/ScrollTable.tsx";
import { ShownOnce } from "../parts/ShownOnce.tsx";
import { Endpoint } from "./Endpoint.tsx";
import { EndpointForm } from "./EndpointForm.tsx";
import { EndpointState } from "./EndpointState.tsx";

export function Webhooks() {
  return (
    <Routes>
      <Route path="/" element={<Endpoints />} />
      <Route path=":endpointId" element={<One />} />
    </Routes>
  );
}

function One() {
  const { endpointId = "" } = useParams();
  return <Endpoint key={endpointId} endpointId={endpointId} />;
}

function Endpoints() {
  const t = useWords();
  const [isAdding, setIsAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const query = useOperation("get /webhook-endpoints", {});
  return (
    <>
      <PageTitle title={t("webhooks.title")} sub={t("webhooks.lead")}>
        <Button variant="contained" onClick={() => setIsAdding(true)} data-testid="add-endpoint">{t("webhooks.add")}</Button>
      </PageTitle>
      <Loaded query={query}>
        {({ data }) => data.length === 0 ? <Empty text={t("webhooks.none")} /> : (
          <ScrollTable label={t("webhooks.title")} columns={[t("webhooks.address"), t("webhooks.kinds"), t("webhooks.state")]}>
            {data.map((endpoint) => (
              <TableRow key={endpoint.id} data-testid="endpoint">
                <TableCell component="th" scope="row">
                  <Link to={`/administration/webhooks/${endpoint.id}`}>{endpoint.description || new URL(endpoint.url).host}</Link>
                  <div>{new URL(endpoint.url).host}</div>
                </TableCell>
                <TableCell>{endpoint.kinds.map((kind) => t(`kind.${kind}`)).join(", ")}</TableCell>
                <TableCell><EndpointState endpoint={endpoint} /></TableCell>
              </TableRow>
            ))}
          </ScrollTable>
        )}
      </Loaded>
      {isAdding ? <EndpointForm endpoint={null} onClose={() => setIsAdding(false)} onDone={(made) => { setIsAdding(false); setSecret(made); }} /> : null}
      {secret === null ? null : <ShownOnce title={t("webhooks.secretTitle")} lead={t("webhooks.secretLead")} secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}
