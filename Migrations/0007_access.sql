-- Who may do what.

create table tokens (
    id integer generated always as identity primary key,
    -- SHA-256 of the token; the token itself is shown once and kept nowhere.
    hash bytea not null unique,
    -- Whose it is.
    name text not null,
    role text not null check (role in ('read', 'write', 'admin')),
    -- Null: every project.
    project text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);
