package import Experiment
import FoundationEssentials
import Ranks
import TrackerClient

/// One attempt of one run: who it is, where it keeps its things, what it is to do.
package struct StageRun: Sendable {
    package let id: RunID
    /// Absolute path of the run's directory.
    package let directory: String
    /// Counts from 1.
    package let attempt: Int
    /// `train` or `generate`.
    package let stage: String
    package let settings: RunSettings

    /// Fills in what the settings leave open: a new id, a directory below the home, the attempt after the last log.
    package init(_ settings: RunSettings, stage: String, home: SagaHome = SagaHome()) throws(SettingsError) {
        if let other = settings.stage, other != stage {
            throw SettingsError(.invalidValue, "these settings are for 'trainer \(other)', not 'trainer \(stage)'")
        }
        if let attempt = settings.attempt, attempt < 1 {
            throw SettingsError(.invalidValue, "attempt counts from 1, not \(attempt)")
        }
        let id = settings.id ?? .random()
        let directory = settings.directory ?? home.runDirectory(id)
        self.id = id
        self.directory = SagaHome(path: directory).path
        self.stage = stage
        self.settings = settings
        // A batch system that starts a job again does so with the same settings: its script counts on.
        let counted = ProcessInfo.processInfo.environment["SAGA_ATTEMPT"].flatMap { Int($0) }.flatMap {
            $0 < 1 ? nil : $0
        }
        attempt = counted ?? settings.attempt ?? (RunLog.attempts(directory: directory).last ?? 0) + 1
    }

    /// The first record of every attempt.
    package var startRecord: RunRecord {
        .start(
            RunStart(
                project: settings.project ?? "saga", name: settings.name, group: settings.group,
                sweep: settings.sweep, jobType: stage, config: settings.config, tags: settings.tags ?? [],
                host: RankMeeting.hostName, time: Date()))
    }
}
