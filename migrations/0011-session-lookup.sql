-- Whose session a token is: asked first by every request. A function, because the server keeps its plan; the caller's rights hold in it.
create function session_of(hash bytea, now_ms double precision)
  returns table (id uuid, organization_id uuid, roles text[], patient_id uuid, kind text, expires_at timestamptz)
  language plpgsql stable set search_path = pg_catalog, public
as $$
begin
  return query
    select u.id, u.organization_id, u.roles, p.id, s.kind, s.expires_at
    from public.sessions s join public.users u on u.id = s.user_id left join public.patients p on p.user_id = u.id
    where s.token_hash = hash and s.expires_at > to_timestamp(now_ms / 1000) and u.blocked_at is null;
end $$;
revoke all on function session_of(bytea, double precision) from public;
grant execute on function session_of(bytea, double precision) to islet_system;
