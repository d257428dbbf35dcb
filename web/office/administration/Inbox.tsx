/** The inbox as its operators see it: how much waits or is dead, what that is, tried again or made once more with a reason. Never a body. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useNotify } from "ra-core";
import { useSearchParams } from "react-router-dom";
import type { DeliveryState } from "#web/client/operations.d.ts";
import { useAct, useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Instant } from "../parts/Instant.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { Choice } from "./parts/Choice.tsx";
import { Empty } from "./parts/Empty.tsx";
import { PagedTable } from "./parts/PagedTable.tsx";
import { ScrollTable } from "./parts/ScrollTable.tsx";
import { usePages } from "./parts/use-pages.ts";

const STATES = ["dead", "failed", "pending", "processing", "unmatched", "ignored", "done"] as const satisfies readonly DeliveryState[];

export function Inbox() {
  const t = useWords();
  const [address, setAddress] = useSearchParams();
  const state = STATES.find((each) => each === address.get("state")) ?? "dead";
  const f = useFormatter();
  const [isReplaying, setIsReplaying] = useState(false);
  const pages = usePages("get /inbox/deliveries", { query: { state } });
  const retry = useAct("post /inbox/deliveries/{id}/retry", { changes: ["get /inbox/deliveries", "get /inbox/counts"] });
  return (
    <>
      <PageTitle title={t("inbox.title")} sub={t("inbox.lead")}>
        <Button variant="outlined" onClick={() => setIsReplaying(true)} data-testid="order-replay">{t("inbox.replay")}</Button>
      </PageTitle>
      <Counts />
      <Typography variant="h6" component="h2" sx={{ mt: 3, mb: 2 }}>{t("inbox.deliveries")}</Typography>
      <Stack direction="row" sx={{ mb: 2 }}>
        <Choice label={t("inbox.state")} value={state} onChange={(next) => setAddress({ state: next }, { replace: true })} choices={STATES.map((each) => [each, t(`inbox.${each}`)] as const)} testId="inbox-state" />
      </Stack>
      <PagedTable
        pages={pages} label={t("inbox.deliveries")} empty={t(state === "dead" ? "inbox.noneDead" : "inbox.none")}
        columns={[t("inbox.received"), t("inbox.from"), t("inbox.attempts"), t("inbox.error"), t("inbox.size"), t("administration.actions")]}
        renderRow={(delivery) => (
          <TableRow key={delivery.id} data-testid="inbox-delivery">
            <TableCell><Instant at={delivery.receivedAt} /></TableCell>
            <TableCell>{delivery.provider} <Chip size="small" variant="outlined" label={t(`inbox.via.${delivery.via}`)} /></TableCell>
            <TableCell>{delivery.attempts}</TableCell>
            <TableCell><code>{delivery.lastError ?? "–"}</code></TableCell>
            <TableCell>{t("inbox.bytes", { count: f.number(delivery.bytes) })}</TableCell>
            <TableCell>
              {delivery.state === "dead" || delivery.state === "failed"
                ? <Button size="small" disabled={retry.isPending} onClick={() => retry.mutate({ path: { id: delivery.id } })} aria-label={t("inbox.retryWhich", { id: delivery.id })}>{t("inbox.retry")}</Button> : "–"}
            </TableCell>
          </TableRow>
        )}
      />
      {isReplaying ? <OrderReplay onClose={() => setIsReplaying(false)} /> : null}
    </>
  );
}

function Counts() {
  const t = useWords();
  const f = useFormatter();
  const query = useOperation("get /inbox/counts", {});
  return (
    <Loaded query={query}>
      {({ data }) => data.length === 0 ? <Empty text={t("inbox.allDone")} /> : (
        <ScrollTable label={t("inbox.counts")} columns={[t("inbox.from"), t("inbox.state"), t("inbox.count"), t("inbox.oldest")]}>
          {data.map((line) => (
            <TableRow key={`${line.provider} ${line.state}`}>
              <TableCell component="th" scope="row">{line.provider}</TableCell>
              <TableCell><Chip size="small" variant="outlined" color={line.state === "dead" ? "error" : "default"} label={t(`inbox.${line.state}`)} /></TableCell>
              <TableCell>{f.number(line.count)}</TableCell>
              <TableCell><Instant at={line.oldestAt} /></TableCell>
            </TableRow>
          ))}
        </ScrollTable>
      )}
    </Loaded>
  );
}

function OrderReplay({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const notify = useNotify();
  const [values, setValues] = useState({ provider: "", from: "", to: "", reason: "" });
  const act = useAct("post /inbox/replays", {
    onDone: () => {
      notify(t("inbox.replayOrdered"), { type: "success", messageArgs: { _: t("inbox.replayOrdered") } });
      onClose();
    },
  });
  const instant = (name: "from" | "to") => (values[name] === "" ? {} : { [name]: new Date(values[name]).toISOString() });
  const isReady = values.reason.trim().length >= 3 && (values.provider.trim() !== "" || values.from !== "" || values.to !== "");
  const field = (name: keyof typeof values, more: object = {}) => (
    <TextField fullWidth margin="dense" label={t(`inbox.order.${name}`)} value={values[name]} onChange={(event) => setValues({ ...values, [name]: event.target.value })} {...more} />
  );
  return (
    <ConfirmDialog
      title={t("inbox.replay")} action={t("inbox.replay")} isWorking={act.isPending} isReady={isReady} onClose={onClose}
      onConfirm={() => act.mutate({ body: { ...(values.provider.trim() === "" ? {} : { provider: values.provider.trim() }), ...instant("from"), ...instant("to"), reason: values.reason.trim() } })}
    >
      <p>{t("inbox.replayLead")}</p>
      {field("provider")}
      {field("from", { type: "datetime-local", slotProps: { inputLabel: { shrink: true } } })}
      {field("to", { type: "datetime-local", slotProps: { inputLabel: { shrink: true } } })}
      {field("reason", { required: true, helperText: t("inbox.reasonHelp"), slotProps: { htmlInput: { maxLength: 200, "data-testid": "replay-reason" } } })}
    </ConfirmDialog>
  );
}
