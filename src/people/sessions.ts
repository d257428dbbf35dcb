/** Signed-in browsers and programs. The token is random and known to its holder only; its digest rests in the database. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Database } from "#db/database.ts";
import { NotAuthenticated } from "../errors.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { passwordMatches } from "./passwords.ts";

export type Role = "patient" | "clinician" | "admin" | "follower";

/** Who asks: a user of one organization, by one session. */
export interface Actor {
  readonly userId: string;
  readonly organizationId: string;
  readonly roles: readonly Role[];
  /** The patient this user is, when it is one. */
  readonly patientId: string | null;
  readonly session: { readonly kind: "cookie" | "bearer"; readonly hash: Buffer; readonly expiresMs: number };
}

const LIFE_MS = { cookie: 12 * HOUR_MS, bearer: DAY_MS } as const;

export interface Sessions {
  /** Checks e-mail and password and opens a session. Throws NotAuthenticated, with one sentence for every reason. */
  signIn(email: string, password: string, kind: "cookie" | "bearer"): Promise<{ token: string; actor: Actor }>;
  /** Who holds this token; null when nobody does (any more). */
  find(token: string): Promise<Actor | null>;
  end(actor: Actor): Promise<void>;
  /** The CSRF token of a session: a MAC of its digest, so that nothing needs to be stored. */
  csrfToken(actor: Actor): string;
  isCsrfToken(actor: Actor, given: string | undefined): boolean;
}

interface UserRow {
  id: string; organization_id: string; password_hash: string; roles: Role[]; patient_id: string | null;
}

export function createSessions(options: { database: Database; clock: Clock; secret: string }): Sessions {
  const { database, clock, secret } = options;
  const csrf = (actor: Actor): string => createHmac("sha256", secret).update("csrf\0").update(actor.session.hash).digest("base64url");

  return {
    signIn: async (email, password, kind) => {
      const user = await database.asSystem(async (tx) => {
        // No address has a NUL, and the database refuses text that does.
        if (email.includes("\0")) return null;
        const rows = await tx.query<UserRow>(
          `select u.id, u.organization_id, u.password_hash, u.roles, p.id as patient_id from users u left join patients p on p.user_id = u.id
           where u.email = lower($1) and u.blocked_at is null`,
          [email.trim()],
        );
        return rows[0] ?? null;
      });
      if (!(await passwordMatches(user?.password_hash ?? null, password)) || !user) {
        throw new NotAuthenticated("E-mail or password is wrong.");
      }
      const token = randomBytes(32).toString("base64url");
      const session = { kind, hash: hashToken(token), expiresMs: clock.now() + LIFE_MS[kind] };
      await database.asSystem(async (tx) => {
        await tx.query("delete from sessions where user_id = $1 and expires_at < to_timestamp($2::float8 / 1000)", [user.id, clock.now()]);
        await tx.query(
          `insert into sessions (token_hash, organization_id, user_id, kind, expires_at)
           values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000))`,
          [session.hash, user.organization_id, user.id, kind, session.expiresMs],
        );
        await tx.query("insert into audit_log (organization_id, actor_user_id, action) values ($1, $2, 'session.opened')", [
          user.organization_id, user.id,
        ]);
      });
      return { token, actor: { userId: user.id, organizationId: user.organization_id, roles: user.roles, patientId: user.patient_id, session } };
    },

    find: async (token) => {
      const hash = hashToken(token);
      const [row] = await database.look<UserRow & { kind: "cookie" | "bearer"; expires_at: number }>(
        "select id, organization_id, roles, patient_id, kind, expires_at from session_of($1, $2)",
        [hash, clock.now()],
      );
      return row
        ? {
            userId: row.id, organizationId: row.organization_id, roles: row.roles, patientId: row.patient_id,
            session: { kind: row.kind, hash, expiresMs: row.expires_at },
          }
        : null;
    },

    end: (actor) =>
      database.asSystem(async (tx) => {
        await tx.query("delete from sessions where token_hash = $1", [actor.session.hash]);
        await tx.query("insert into audit_log (organization_id, actor_user_id, action) values ($1, $2, 'session.ended')", [
          actor.organizationId, actor.userId,
        ]);
      }),

    csrfToken: csrf,
    isCsrfToken: (actor, given) => {
      const expected = Buffer.from(csrf(actor));
      const got = Buffer.from(given ?? "");
      return got.length === expected.length && timingSafeEqual(got, expected);
    },
  };
}

function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
