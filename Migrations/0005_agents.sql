-- Sweeps whose configurations are drawn while they run, one by one, by whoever asks: W&B's agents.

alter table sweeps
    add column method text not null default 'grid',
    add column state text not null default 'RUNNING',
    add column display_name text,
    add column description text,
    -- True where runs are drawn by agents and not planned as stages.
    add column is_drawn boolean not null default false,
    add column updated_at timestamptz not null default now();

create table agents (
    id text primary key,
    sweep integer not null references sweeps on delete cascade,
    host text,
    created_at timestamptz not null default now(),
    heartbeat_at timestamptz not null default now()
);
