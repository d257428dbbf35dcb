-- Sessions that know their device, their idle end and their last proof; refresh tokens that rotate; keys of apps; identities given by others.

-- Counts up when everything signed in for a user must end; what carries an older number opens nothing.
alter table users add column session_version integer not null default 1;

-- A session is named by its id, to its holder and in access tokens. A browser holds its token; a program holds a refresh token of the family that
-- the session is, and nobody holds what its token_hash is a digest of.
alter table sessions
  add column id uuid not null default gen_random_uuid(),
  add column version integer not null default 1,
  -- Coarse words such as "Firefox · Windows"; never the whole user agent.
  add column device text check (length(device) <= 80),
  add column last_seen_at timestamptz not null default now(),
  -- Seconds without a sign of its person after which it ends; null for programs, whose refresh tokens have an idle end of their own.
  add column idle_seconds integer check (idle_seconds > 0),
  -- When its person last proved by password or passkey to be there.
  add column proven_at timestamptz;
create unique index sessions_by_id on sessions (id);
-- Programs of before held the token itself, for a day; from now on they hold a refresh token.
delete from sessions where kind = 'bearer';
grant update (token_hash, version, last_seen_at, proven_at) on sessions to islet_system;

create table refresh_tokens (
  token_hash bytea primary key,
  organization_id uuid not null references organizations (id),
  session_id uuid not null references sessions (id) on delete cascade,
  generation integer not null check (generation > 0),
  -- Idle end; the session's own is the absolute one.
  expires_at timestamptz not null,
  used_at timestamptz,
  -- With the predecessor, which its holder alone has, and our secret it makes the successor again; wiped when that may not be asked for any more.
  successor_salt bytea,
  unique (session_id, generation)
);
create index refresh_tokens_with_salt on refresh_tokens (used_at) where successor_salt is not null;

-- An app's key: it is somebody's right hand, never more than that person, and only for what its scopes name.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id) on delete cascade,
  public_id text not null unique check (public_id ~ '^[0-9a-z]{8}$'),
  secret_hash bytea not null,
  name text not null check (length(name) between 1 and 80),
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['data:read', 'data:write', 'data:manage', 'patients:read', 'admin']),
  -- Opens its person's own data and nobody else's; only admins make others.
  is_own_only boolean not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at and expires_at <= created_at + interval '367 days'),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_by_user on api_keys (user_id);
create index api_keys_by_organization on api_keys (organization_id);

-- Who somebody is to an issuer of tokens or a provider of sign-in: its subject, never its word for e-mail or name.
create table outside_identities (
  issuer text not null,
  subject text not null,
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null,
  primary key (issuer, subject)
);
create index outside_identities_by_user on outside_identities (user_id);

-- A sign-in under way at an outside provider. What it takes to end it lies in the browser's cookie.
create table outside_sign_ins (
  state_hash bytea primary key,
  -- Set where an identity is linked to somebody who is signed in.
  organization_id uuid references organizations (id),
  user_id uuid references users (id) on delete cascade,
  provider text not null,
  return_to text not null,
  expires_at timestamptz not null
);
create index outside_sign_ins_by_expiry on outside_sign_ins (expires_at);

do $$
declare name text;
begin
  foreach name in array array['refresh_tokens', 'api_keys', 'outside_identities', 'outside_sign_ins'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert, update, delete on refresh_tokens to islet_system;
-- Whoever erases a user must reach what is left of it.
grant select (organization_id, session_id), delete on refresh_tokens to islet_worker;
grant select, insert, update (revoked_at), delete on api_keys to islet_worker;
grant select, update (last_used_at) on api_keys to islet_system;
grant select, insert, delete on outside_identities to islet_worker, islet_system;
grant select (organization_id, user_id), delete on outside_sign_ins to islet_worker;
grant select, insert, delete on outside_sign_ins to islet_system;

-- Whose session it is, asked first by every request: by the digest of a browser's token, or by the id that an access token names. And whether the account
-- must change its password first.
drop function session_of(bytea, double precision);
create function session_of(key bytea, now_ms double precision)
  returns table (id uuid, organization_id uuid, roles text[], patient_id uuid, session_id uuid, token_hash bytea, kind text, version integer,
                 expires_at timestamptz, last_seen_at timestamptz, idle_seconds integer, proven_at timestamptz, must_change_password boolean)
  language plpgsql stable set search_path = pg_catalog, public
as $$
declare
  named uuid;
begin
  -- Two questions, so that each has its index.
  if length(key) = 16 then
    select s.id into named from public.sessions s where s.id = encode(key, 'hex')::uuid and s.kind = 'bearer';
  else
    select s.id into named from public.sessions s where s.token_hash = key and s.kind = 'cookie';
  end if;
  return query
    select u.id, u.organization_id, u.roles, p.id, s.id, s.token_hash, s.kind, s.version, s.expires_at, s.last_seen_at, s.idle_seconds, s.proven_at, u.must_change_password
    from public.sessions s join public.users u on u.id = s.user_id left join public.patients p on p.user_id = u.id
    where s.id = named and s.expires_at > to_timestamp(now_ms / 1000) and s.version = u.session_version and u.blocked_at is null
      and (s.idle_seconds is null or s.last_seen_at > to_timestamp(now_ms / 1000) - make_interval(secs => s.idle_seconds));
end $$;
revoke all on function session_of(bytea, double precision) from public;
grant execute on function session_of(bytea, double precision) to islet_system;

-- Who uses a key of an app, by the digest of its secret.
create function api_key_of(hash bytea, now_ms double precision)
  returns table (id uuid, organization_id uuid, roles text[], patient_id uuid, key_id uuid, scopes text[], is_own_only boolean,
                 expires_at timestamptz, last_used_at timestamptz)
  language plpgsql stable set search_path = pg_catalog, public
as $$
begin
  return query
    select u.id, u.organization_id, u.roles, p.id, k.id, k.scopes, k.is_own_only, k.expires_at, k.last_used_at
    from public.api_keys k join public.users u on u.id = k.user_id left join public.patients p on p.user_id = u.id
    where k.secret_hash = hash and k.expires_at > to_timestamp(now_ms / 1000) and k.revoked_at is null and u.blocked_at is null
      and (k.is_own_only or 'admin' = any (u.roles));
end $$;
revoke all on function api_key_of(bytea, double precision) from public;
grant execute on function api_key_of(bytea, double precision) to islet_system;
create unique index api_keys_by_secret on api_keys (secret_hash);
