/** Light and dark, by the colours of the portal's pages. */
import { deepmerge } from "@mui/utils";
import { defaultDarkTheme, defaultLightTheme, type RaThemeOptions } from "ra-ui-materialui";

const common: RaThemeOptions = {
  typography: { fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", h5: { fontWeight: 650 }, h6: { fontWeight: 650 } },
  shape: { borderRadius: 10 },
  components: {
    // Large tables are slow with it, and it says nothing.
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    // What is on its way says so where it will stand (aria-busy); the turning ring in the bar has nothing to add.
    MuiCircularProgress: { defaultProps: { "aria-hidden": true } },
    // Units are written as they are.
    MuiButton: { styleOverrides: { root: { textTransform: "none" } } },
    MuiTab: { styleOverrides: { root: { textTransform: "none" } } },
    MuiTableCell: { styleOverrides: { root: { fontVariantNumeric: "tabular-nums" } } },
  },
};

const made = (base: object, colours: RaThemeOptions): RaThemeOptions => deepmerge(deepmerge(base, common), colours) as RaThemeOptions;

export const lightTheme = made(defaultLightTheme, {
  palette: {
    mode: "light", primary: { main: "#0b6b5d" }, secondary: { main: "#0b6b5d" }, error: { main: "#a8201a" }, warning: { main: "#8a5a00" }, background: { default: "#f4f6f5", paper: "#ffffff" },
    text: { primary: "#14201d", secondary: "#51615c" },
  },
});

export const darkTheme = made(defaultDarkTheme, {
  palette: {
    mode: "dark", primary: { main: "#5fd9bf" }, secondary: { main: "#5fd9bf" }, error: { main: "#ff9d94" }, warning: { main: "#f2c14e" }, background: { default: "#0f1312", paper: "#181e1c" },
    text: { primary: "#ecf2ef", secondary: "#a5b4ae" },
  },
});
