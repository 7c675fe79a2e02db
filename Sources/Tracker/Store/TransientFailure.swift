import Postgres

/// Failures of the database that pass by themselves: whoever asked may ask again and lose nothing.
package enum TransientFailure {
    /// Classes and codes of SQLSTATE (PostgreSQL manual, appendix A): connection exceptions, insufficient resources
    /// (disk full, too many connections), operator intervention (shutdown, cancelled), system errors.
    private static let classes = ["08", "53", "57", "58"]
    /// Read-only transaction, serialization failure, deadlock, lock not available.
    private static let codes = ["25006", "40001", "40P01", "55P03"]

    package static func describes(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return error is CancellationError }
        switch error.kind {
        case .unreachable, .connectionLost, .poolClosed, .cluster: return true
        case .server, .migration:
            guard let state = error.sqlState else { return false }
            return classes.contains(String(state.prefix(2))) || codes.contains(state)
        case .invalidValue, .unexpectedType: return false
        }
    }
}
