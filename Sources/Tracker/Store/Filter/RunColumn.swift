import Postgres

/// A property of a run that filters and orders may name, beside its config and summary.
package enum RunColumn: String, Sendable, CaseIterable {
    /// Unique in the tracker.
    case id
    /// The id within the project, which W&B calls the run's name.
    case handle
    case displayName = "display_name"
    case project
    case state
    case group
    case jobType = "job_type"
    /// Id of the sweep.
    case sweep
    case tags
    case username
    case notes
    case host
    case createdAt = "created_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case heartbeatAt = "heartbeat_at"
    /// Seconds from start to end, or until now.
    case duration

    enum Kind {
        case text
        case time
        case number
        case tags
    }

    var kind: Kind {
        switch self {
        case .id, .handle, .displayName, .project, .state, .group, .jobType, .sweep, .username, .notes, .host: .text
        case .createdAt, .startedAt, .finishedAt, .heartbeatAt: .time
        case .duration: .number
        case .tags: .tags
        }
    }

    /// Of `runs r`.
    var sql: PostgresQuery {
        switch self {
        case .id: "r.id"
        case .handle: "r.handle"
        case .displayName: "coalesce(r.name, r.handle)"
        case .project: "r.project"
        case .state: "r.state"
        case .group: "r.group_name"
        case .jobType: "r.job_type"
        case .sweep: "r.sweep"
        case .tags: "r.tags"
        case .username: "r.username"
        case .notes: "r.notes"
        case .host: "r.host"
        case .createdAt: "r.created_at"
        case .startedAt: "r.started_at"
        case .finishedAt: "r.finished_at"
        // Only some clients promise to be heard of; of the others we know when they last changed state.
        case .heartbeatAt: "coalesce(r.heartbeat_at, r.finished_at, r.started_at, r.created_at)"
        case .duration: "extract(epoch from coalesce(r.finished_at, now()) - r.started_at)::float8"
        }
    }
}
