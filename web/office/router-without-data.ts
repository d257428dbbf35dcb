/**
 * What react-admin takes of react-router where somebody else has made the router (Frame.tsx). The build gives it to react-admin in place of the whole
 * (vite.config.ts): its own fallback, a router with loaders and actions, would be a fifteenth of all that the office fetches, for nothing.
 */
export {
  Link, matchPath, Navigate, Outlet, Route, Routes, UNSAFE_DataRouterContext, UNSAFE_DataRouterStateContext, useBlocker, useInRouterContext, useLocation, useMatch, useNavigate, useParams,
} from "react-router-dom";

export function createHashRouter(): never {
  throw new Error("The office makes its own router: react-admin was drawn outside of it.");
}

export const RouterProvider = createHashRouter;
