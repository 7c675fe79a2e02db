/// What a token may do; each role includes the ones before it.
package enum AccessRole: String, Codable, Sendable, CaseIterable, Comparable {
    case read
    /// Logs runs, changes and deletes them, makes and works through sweeps.
    case write
    /// Everything, also what concerns the tracker as a whole.
    case admin

    package static func < (left: AccessRole, right: AccessRole) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .admin: 2
        }
    }
}
