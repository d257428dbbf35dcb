import Chip from "@mui/material/Chip";
import FailingIcon from "@mui/icons-material/WarningAmber";
import GoodIcon from "@mui/icons-material/CheckCircleOutlined";
import OffIcon from "@mui/icons-material/Block";
import PausedIcon from "@mui/icons-material/PauseCircleOutlined";
import type { WebhookEndpoint } from "#web/client/operations.d.ts";
import { useWords } from "../../messages/words.ts";

/** How an endpoint does, in a word with a shape. */
export function EndpointState({ endpoint }: { readonly endpoint: Pick<WebhookEndpoint, "state" | "disabledReason" | "failures"> }) {
  const t = useWords();
  if (endpoint.state === "disabled") return <Chip size="small" color="error" variant="outlined" icon={<OffIcon />} label={t(endpoint.disabledReason === "gone" ? "webhooks.gone" : "webhooks.failedForDays")} />;
  if (endpoint.state === "paused") return <Chip size="small" variant="outlined" icon={<PausedIcon />} label={t("webhooks.paused")} />;
  if (endpoint.failures > 0) return <Chip size="small" color="warning" variant="outlined" icon={<FailingIcon />} label={t("webhooks.failing", { smart_count: endpoint.failures })} />;
  return <Chip size="small" color="primary" variant="outlined" icon={<GoodIcon />} label={t("webhooks.active")} />;
}
