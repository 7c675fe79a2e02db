package import Experiment
import Foundation

/// The tracker's database: the one that `DATABASE_URL` names, else a private cluster below `SAGA_HOME`.
package struct Database: Sendable {
    package let store: TrackerStore

    /// Connects, starting the private cluster where needed, and migrates.
    package static func open(
        environment: [String: String] = ProcessInfo.processInfo.environment, home: SagaHome = SagaHome()
    ) async throws -> Database { fatalError() }

    /// Hands the connections back; the last user of a private cluster stops it.
    package func close() async {}
}
