/** What an endpoint was sent and how that went: by state, each with its attempts, to be sent again one by one or for a span. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useNotify } from "ra-core";
import { useAct, useOperation } from "../../data/queries.ts";
import { useFormatter, useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Choice } from "../parts/Choice.tsx";
import { PagedTable } from "../parts/PagedTable.tsx";
import { ScrollTable } from "../parts/ScrollTable.tsx";
import { type Line, usePages } from "../parts/use-pages.ts";

const LOG = "get /webhook-endpoints/{endpointId}/deliveries";
type Delivery = Line<typeof LOG>;
type Shown = "all" | Delivery["state"];
const COLOURS = { pending: "default", delivered: "primary", dead: "error", withheld: "warning" } as const;

export function Deliveries({ endpointId }: { readonly endpointId: string }) {
  const t = useWords();
  const [shown, setShown] = useState<Shown>("all");
  const [openId, setOpenId] = useState<string | null>(null);
  const [isReplaying, setIsReplaying] = useState(false);
  const pages = usePages(LOG, { path: { endpointId }, query: shown === "all" ? {} : { state: shown } });
  return (
    <section>
      <Typography variant="h6" component="h2" sx={{ mb: 1 }}>{t("deliveries.title")}</Typography>
      <Stack direction="row" sx={{ gap: 1, mb: 2, flexWrap: "wrap" }}>
        <Choice label={t("deliveries.show")} value={shown} onChange={setShown} choices={(["all", "pending", "delivered", "dead", "withheld"] as const).map((state) => [state, t(`deliveries.${state}`)] as const)} />
        <Button onClick={() => setIsReplaying(true)} data-testid="replay-span">{t("deliveries.replaySpan")}</Button>
        <Button onClick={pages.again} data-testid="refresh-log">{t("deliveries.refresh")}</Button>
      </Stack>
      <PagedTable
        pages={pages} label={t("deliveries.title")} empty={t("deliveries.none")} columns={[t("deliveries.at"), t("deliveries.type"), t("deliveries.state"), t("deliveries.attempts"), t("deliveries.answer"), t("administration.actions")]}
        renderRow={(delivery) => (
          <TableRow key={delivery.id} data-testid="delivery">
            <TableCell><Instant at={delivery.createdAt} /></TableCell>
            <TableCell><code>{delivery.type}</code></TableCell>
            <TableCell><Chip size="small" variant="outlined" color={COLOURS[delivery.state]} label={t(`deliveries.${delivery.state}`)} /></TableCell>
            <TableCell>{delivery.attempts}{delivery.nextAttemptAt !== null && delivery.attempts > 0 ? <div>{t("deliveries.next")} <Instant at={delivery.nextAttemptAt} /></div> : null}</TableCell>
            <TableCell>{[delivery.lastStatus, delivery.lastError].filter((word) => word !== null).join(" ") || "–"}</TableCell>
            <TableCell><Button size="small" onClick={() => setOpenId(delivery.id)} aria-label={t("deliveries.openWhich", { type: delivery.type, id: delivery.id })}>{t("deliveries.open")}</Button></TableCell>
          </TableRow>
        )}
      />
      {openId === null ? null : <One endpointId={endpointId} deliveryId={openId} onClose={() => setOpenId(null)} />}
      {isReplaying ? <ReplaySpan endpointId={endpointId} onClose={() => setIsReplaying(false)} /> : null}
    </section>
  );
}

function One({ endpointId, deliveryId, onClose }: { readonly endpointId: string; readonly deliveryId: string; readonly onClose: () => void }) {
  const t = useWords();
  const f = useFormatter();
  const path = { endpointId, deliveryId };
  const query = useOperation("get /webhook-endpoints/{endpointId}/deliveries/{deliveryId}", { path }, { staleMs: 0 });
  const replay = useAct("post /webhook-endpoints/{endpointId}/deliveries/{deliveryId}/replay", { onDone: onClose });
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="delivery-title">
      <DialogTitle id="delivery-title">{t("deliveries.one", { id: deliveryId })}</DialogTitle>
      <DialogContent>
        <Loaded query={query}>
          {({ body, tries }) => (
            <>
              <Typography component="pre" variant="body2" sx={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontFamily: "monospace" }} tabIndex={0}>{JSON.stringify(JSON.parse(body), null, 2)}</Typography>
              {tries.length === 0 ? <p>{t("deliveries.noTries")}</p> : (
                <ScrollTable label={t("deliveries.attempts")} columns={[t("deliveries.at"), t("deliveries.answer"), t("deliveries.took")]}>
                  {tries.map((each) => (
                    <TableRow key={each.at}>
                      <TableCell><Instant at={each.at} /></TableCell>
                      <TableCell>{[each.status, each.error].filter((word) => word !== null).join(" ")}</TableCell>
                      <TableCell>{f.amount(each.ms, "ms")}</TableCell>
                    </TableRow>
                  ))}
                </ScrollTable>
              )}
            </>
          )}
        </Loaded>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t("action.close")}</Button>
        <Button variant="contained" disabled={replay.isPending || query.data === undefined || query.data.state === "withheld"} onClick={() => replay.mutate({ path })} data-testid="replay">{t("deliveries.replay")}</Button>
      </DialogActions>
    </Dialog>
  );
}

function ReplaySpan({ endpointId, onClose }: { readonly endpointId: string; readonly onClose: () => void }) {
  const t = useWords();
  const notify = useNotify();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [which, setWhich] = useState<"dead" | "both">("dead");
  const act = useAct("post /webhook-endpoints/{endpointId}/replays", {
    onDone: ({ replayed }) => {
      const text = t("deliveries.replayed", { smart_count: replayed });
      notify(text, { type: "success", messageArgs: { _: text } });
      onClose();
    },
  });
  const instant = (local: string): string => new Date(local).toISOString();
  return (
    <ConfirmDialog
      title={t("deliveries.replaySpan")} action={t("deliveries.replay")} isWorking={act.isPending} isReady={from !== ""} onClose={onClose}
      onConfirm={() => act.mutate({ path: { endpointId }, body: { from: instant(from), ...(to === "" ? {} : { to: instant(to) }), states: which === "dead" ? ["dead"] : ["dead", "delivered"] } })}
    >
      <p>{t("deliveries.replayLead")}</p>
      <Stack sx={{ gap: 2, mt: 1 }}>
        <TextField type="datetime-local" label={t("deliveries.from")} value={from} onChange={(event) => setFrom(event.target.value)} slotProps={{ inputLabel: { shrink: true }, htmlInput: { "data-testid": "replay-from" } }} />
        <TextField type="datetime-local" label={t("deliveries.to")} value={to} onChange={(event) => setTo(event.target.value)} slotProps={{ inputLabel: { shrink: true } }} />
        <Choice label={t("deliveries.which")} value={which} onChange={setWhich} choices={[["dead", t("deliveries.onlyDead")], ["both", t("deliveries.deadAndDelivered")]]} />
      </Stack>
    </ConfirmDialog>
  );
}
