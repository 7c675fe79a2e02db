import Dispatch
package import Experiment
import Glibc
import Synchronization

/// What a trainer logs through: every record goes to the run log on disk at once, and from there to the tracker by a
/// thread of its own, so that no network trouble ever holds up training.
package final class RunLogger: Sendable {
    private struct State {
        var log: RunLog
        var lost = 0
    }

    private let state: Mutex<State>
    private let upload: RunLogUpload?
    private let process = getpid()
    private let isForkNoted = Atomic(false)

    /// Opens the log of this attempt and starts to upload it, after what older attempts' logs in `directory` hold.
    ///
    /// `directory` is the run's and must exist; attempts count from 1; without an address, records go to disk only.
    package init(directory: String, run: RunID, attempt: Int, address: TrackerAddress?) throws(TrackerClientError) {
        state = Mutex(State(log: try RunLog(directory: directory, attempt: attempt)))
        if let address {
            upload = RunLogUpload(directory: directory, run: run, address: address)
        } else {
            upload = nil
        }
    }

    deinit { upload?.stop() }

    /// Appends to the log file and returns; never waits for the network and never fails.
    ///
    /// A record that does not go to disk (a full disk) is lost with one warning; ``finish(deadline:)`` tells how many.
    ///
    /// A child that the process forked (a data loader's worker) logs nothing: the log is its parent's, whose sequence
    /// numbers it does not know, and whose lock may have been held for ever when it was born.
    package func log(_ record: RunRecord) {
        guard getpid() == process else {
            if !isForkNoted.exchange(true, ordering: .relaxed) {
                printWarning("a forked process does not log; log in the process that made the logger")
            }
            return
        }
        let problem = state.withLock { state -> TrackerClientError? in
            do throws(TrackerClientError) {
                try state.log.append(record)
                return nil
            } catch {
                state.lost += 1
                return state.lost == 1 ? error : nil
            }
        }
        if let problem { printWarning("\(problem); records are lost until this is mended, the run goes on") }
        upload?.wake()
    }

    /// Records that did not go to disk.
    package var lostRecords: Int { state.withLock { $0.lost } }

    /// Uploads what is left.
    ///
    /// - Returns: true when the tracker has acknowledged everything. False when it has not by the deadline, refuses, or
    ///   there is no tracker: the log stays complete, and `tracker sync` uploads the rest later.
    package func finish(deadline: Duration) -> Bool {
        let lost = lostRecords
        if lost > 0 { printWarning("\(lost) records could not be written and are lost") }
        return upload?.finish(deadline: deadline) ?? false
    }
}
