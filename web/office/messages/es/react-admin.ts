/** The same in Spanish. */
import type { reactAdmin as english } from "../en/react-admin.ts";

export const reactAdmin: Record<keyof typeof english, string> = {
  "ra.action.close_menu": "Cerrar el menú",
  "ra.action.open_menu": "Abrir el menú",
  "ra.action.refresh": "Actualizar",
  "ra.action.toggle_theme": "Cambiar entre claro y oscuro",
  "ra.action.undo": "Deshacer",
  "ra.auth.auth_check_error": "Inicie sesión para continuar",
  "ra.auth.logout": "Cerrar sesión",
  "ra.auth.user_menu": "Cuenta",
  "ra.navigation.skip_nav": "Saltar al contenido",
};
