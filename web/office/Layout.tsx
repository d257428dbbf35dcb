/** What stands around every page of the office: the bar, the menu, the notice. */
import { type ReactNode, useEffect } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Typography from "@mui/material/Typography";
import { useTheme } from "@mui/material/styles";
import ListItemIcon from "@mui/material/ListItemIcon";
import PortalIcon from "@mui/icons-material/OpenInNew";
import { AppBar, LoadingIndicator, LocalesMenuButton, Logout, Menu, Sidebar, SkipNavigationButton, ToggleThemeButton, UserMenu } from "react-admin";
import { Logo } from "#web/portal/parts/Logo.tsx";
import { AREAS } from "./areas.tsx";
import { otherUnit, useWords } from "./messages/words.ts";
import { Boundary } from "./parts/Boundary.tsx";
import { useStaff } from "./session/staff.ts";

export function Layout({ children }: { readonly children?: ReactNode }) {
  const t = useWords();
  const { palette } = useTheme();
  // The charts, and what the portal lends, take their colours from the page.
  useEffect(() => {
    document.documentElement.dataset["theme"] = palette.mode;
  }, [palette.mode]);
  return (
    <Box sx={{ display: "flex", flexDirection: "column", minHeight: "100vh", pt: { xs: 7, sm: 6 }, bgcolor: "background.default" }}>
      <SkipNavigationButton />
      <Bar />
      <Box component="main" sx={{ display: "flex", flexGrow: 1 }}>
        <Sidebar><AreaMenu /></Sidebar>
        <Box id="main-content" sx={{ display: "flex", flexDirection: "column", flex: "1 1 0", minWidth: 0, px: { xs: 1, sm: 3 } }}>
          <Notice />
          <Boundary>{children}</Boundary>
          <Typography component="footer" variant="body2" color="textSecondary" sx={{ py: 3 }}>{t("shell.notice")}</Typography>
        </Box>
      </Box>
    </Box>
  );
}

/** What the organization says to its staff. */
function Notice() {
  const { session } = useStaff();
  const notice = session.organization.notice?.[session.preferences.locale];
  return notice === undefined ? null : <Alert severity="info" sx={{ mt: 2 }} data-testid="organization-notice">{notice}</Alert>;
}

function Bar() {
  return (
    <AppBar color="default" toolbar={<><UnitButton /><Box data-testid="language"><LocalesMenuButton /></Box><ToggleThemeButton /><LoadingIndicator /></>} userMenu={<PersonMenu />}>
      <Box sx={{ flex: 1, display: "flex", alignItems: "center", gap: 1, "& svg": { width: 26, height: 26 } }}>
        <Logo />
        <Typography component="span" sx={{ fontWeight: 650, display: { xs: "none", sm: "inline" } }}>Islet</Typography>
      </Box>
    </AppBar>
  );
}

/** Every number with a unit on every page follows it. */
function UnitButton() {
  const t = useWords();
  const { unit, savePreferences } = useStaff();
  return (
    <Button color="inherit" onClick={() => void savePreferences({ glucoseUnit: otherUnit(unit) })} aria-label={t("shell.unit", { unit, other: otherUnit(unit) })} data-testid="unit">
      {unit}
    </Button>
  );
}

function PersonMenu() {
  const t = useWords();
  const { session } = useStaff();
  return (
    <UserMenu label={session.displayName}>
      <MenuItem component="a" href="/account">
        <ListItemIcon><PortalIcon fontSize="small" /></ListItemIcon>
        {t("shell.portal")}
      </MenuItem>
      <Logout />
    </UserMenu>
  );
}

function AreaMenu() {
  const t = useWords();
  const { session } = useStaff();
  return (
    <Menu>
      {AREAS.filter((area) => area.roles.some((role) => session.roles.includes(role))).map(({ path, label, icon: Icon }) => (
        <Menu.Item key={path} to={`/${path}`} primaryText={t(label)} leftIcon={<Icon />} />
      ))}
    </Menu>
  );
}
