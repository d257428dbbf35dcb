/** What react-admin's frame says itself: the bar, the menu, its notes. */
export const reactAdmin = {
  "ra.action.close_menu": "Close the menu",
  "ra.action.open_menu": "Open the menu",
  "ra.action.refresh": "Refresh",
  "ra.action.toggle_theme": "Toggle light and dark mode",
  "ra.action.undo": "Undo",
  "ra.auth.auth_check_error": "Sign in to continue",
  "ra.auth.logout": "Sign out",
  "ra.auth.user_menu": "Account",
  "ra.navigation.skip_nav": "Skip to content",
} as const;
