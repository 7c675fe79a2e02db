import HTTPTypes
import TrackerStore

/// Who asks, as far as the tracker knows.
enum Principal: Sendable, Hashable {
    /// Has shown no valid token although one is needed; also what a request is before it has been looked at.
    case nobody
    /// Anybody on this machine, who may do everything: the server asks for no tokens.
    case open
    /// `project` nil: every project.
    case token(name: String, role: AccessRole, project: String?)

    /// The name to be shown for what this principal makes.
    var name: String {
        switch self {
        case .nobody: "nobody"
        case .open: "local"
        case .token(let name, _, _): name
        }
    }

    /// The one project that the principal may see; nil where it may see all.
    var onlyProject: String? {
        if case .token(_, _, let project) = self { project } else { nil }
    }

    /// Why the principal may not do what needs `role` in `project`; nil where it may.
    ///
    /// `project` nil means the tracker as a whole. Another project's things are "not there", so that nobody learns by
    /// asking what exists.
    func refusal(_ role: AccessRole, project: String?) -> APIError? {
        switch self {
        case .nobody: return .unauthenticated
        case .open: return nil
        case .token(_, let own, let scope):
            if let scope {
                guard let project else {
                    return APIError(
                        .forbidden, "forbidden", "this token is for one project; use one for the whole tracker")
                }
                guard project == scope else { return .unknownProject }
            }
            guard own >= role else {
                return APIError(
                    .forbidden, "forbidden",
                    "this needs a token with role \(role.rawValue), yours has \(own.rawValue); see 'tracker token'")
            }
            return nil
        }
    }
}

extension APIError {
    static var unauthenticated: APIError {
        APIError(
            .unauthorized, "unauthenticated",
            "this tracker needs a token: set SAGA_TOKEN (or WANDB_API_KEY) to one made by 'tracker token create'")
    }

    static var unknownProject: APIError {
        APIError(.notFound, "unknown_project", "there is no such project")
    }
}
