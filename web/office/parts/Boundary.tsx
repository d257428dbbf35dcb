/** Where a page of the office breaks, the bar and the menu stay: a sentence, and a button that tries again. Another address begins anew. */
import { Component, type ReactNode } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useLocation } from "react-router-dom";
import { useWords } from "../messages/words.ts";

class CaughtHere extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Failed onRetry={() => this.setState({ hasFailed: false })} /> : this.props.children;
  }
}

export function Boundary({ children }: { readonly children: ReactNode }) {
  const { pathname } = useLocation();
  return <CaughtHere key={pathname.split("/", 2).join("/")}>{children}</CaughtHere>;
}

function Failed({ onRetry }: { readonly onRetry: () => void }) {
  const t = useWords();
  return (
    <Alert severity="error" sx={{ mt: 2 }} data-testid="page-failed" action={<Button color="inherit" size="small" onClick={onRetry}>{t("state.retry")}</Button>}>{t("state.broken")}</Alert>
  );
}
