-- What W&B's clients say of a run beyond its history.

alter table runs
    -- The run's id within its project, as scripts know it; `id` is unique in the whole tracker.
    add column handle text,
    add column notes text,
    add column description text,
    -- The client's own part of the config (`_wandb`): telemetry, metric definitions.
    add column client_config jsonb not null default '{}',
    add column program text,
    -- Code state: remote, commit, and so on; secrets removed.
    add column code jsonb not null default '{}',
    -- Who the token of the run belongs to.
    add column username text,
    -- When the run was last heard of, where the client promises to be heard of regularly; null otherwise.
    add column heartbeat_at timestamptz,
    add column stop_requested boolean not null default false;
update runs set handle = id;
alter table runs alter column handle set not null;
create unique index runs_by_handle on runs (project, handle);
create index runs_by_heartbeat on runs (heartbeat_at) where state = 'running' and heartbeat_at is not null;

-- How many lines of a client's file of rows (0: history, 1: system metrics) are committed, and in which attempt: a
-- client says of its lines only where in the file they belong.
create table line_counts (
    run integer not null references runs on delete cascade,
    stream smallint not null,
    attempt integer not null,
    lines bigint not null,
    primary key (run, stream)
);

create table console_lines (
    run integer not null references runs on delete cascade,
    -- Its place in the output, from 0; a progress bar may write a line again.
    line bigint not null,
    time timestamptz,
    is_error boolean not null default false,
    label text,
    text text not null,
    primary key (run, line)
);

create table alerts (
    id bigint generated always as identity primary key,
    run integer not null references runs on delete cascade,
    time timestamptz not null default now(),
    level text not null,
    title text not null,
    text text not null
);
