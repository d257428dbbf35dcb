/** Where there is nothing: why, and what to do. */
import Alert from "@mui/material/Alert";

export function Empty({ text }: { readonly text: string }) {
  return <Alert severity="info" variant="outlined" sx={{ my: 2 }} data-testid="empty">{text}</Alert>;
}
