/** What react-admin asks about who is signed in. Signing in happens around it (Office.tsx): whoever sees it is signed in. */
import type { AuthProvider } from "ra-core";
import type { Session } from "#web/client/types.ts";
import type { Staff } from "./staff.ts";

type Person = Pick<Session, "userId" | "displayName" | "roles"> & Pick<Staff, "signOut">;

export function createAuthProvider({ userId, displayName, roles, signOut }: Person): AuthProvider {
  return {
    login: () => Promise.resolve(),
    logout: async () => {
      await signOut();
      return false;
    },
    checkAuth: () => Promise.resolve(),
    // A session that has ended is signed in anew above the page, which stays.
    checkError: () => Promise.resolve(),
    getIdentity: () => Promise.resolve({ id: userId, fullName: displayName }),
    getPermissions: () => Promise.resolve(roles),
  };
}
