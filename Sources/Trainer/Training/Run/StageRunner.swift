import Dataset
package import Experiment
import FoundationEssentials
import Glibc
import Tensor
package import TrackerClient

/// Runs a stage from its first record to `result.json`, whatever happens between.
package enum StageRunner {
    /// Nothing that is started again with the same settings and data will end otherwise.
    package static let uselessToRetry: Int32 = 2

    /// Returns the exit code of the process; a sentence about any error has been printed then.
    ///
    /// Without a `tracker` the run is logged to disk only. `body` does the work and returns the signal that ended it
    /// early, if one did.
    package static func run(
        settingsPath: String, stage: String, tracker: TrackerAddress?,
        body: (StageRun, RunLogger) throws -> Int32?
    ) -> Int32 {
        let run: StageRun
        do {
            run = try StageRun(try RunSettings.read(from: settingsPath), stage: stage)
            try SafeFile.makeFolder(run.directory)
        } catch {
            complain(error)
            return exitCode(of: error)
        }
        return end(run, perform(run, tracker: tracker, body: body))
    }

    private static func perform(
        _ run: StageRun, tracker: TrackerAddress?, body: (StageRun, RunLogger) throws -> Int32?
    ) -> StageResult {
        let logger: RunLogger
        do {
            logger = try RunLogger(directory: run.directory, run: run.id, attempt: run.attempt, address: tracker)
        } catch {
            complain(error)
            return StageResult(state: .failed, exitCode: 1, attempt: run.attempt, message: "\(error)")
        }
        logger.log(run.startRecord)
        let result = work(run, logger, body)
        logger.log(
            .finish(
                RunFinish(state: result.state, exitCode: result.exitCode, message: result.message, time: Date())))
        // Who kills a run waits for it; what is not uploaded by then is on disk and can be synced.
        let isComplete = logger.finish(deadline: result.state == .killed ? .seconds(5) : .seconds(20))
        if tracker != nil, !isComplete {
            say("the tracker does not have all of this run's log; 'tracker sync \(run.directory)' sends the rest")
        }
        return result
    }

    private static func work(
        _ run: StageRun, _ logger: RunLogger, _ body: (StageRun, RunLogger) throws -> Int32?
    ) -> StageResult {
        do {
            try RunSettings.check(config: run.settings.config)
            guard let signal = try body(run, logger) else {
                return StageResult(state: .finished, exitCode: 0, attempt: run.attempt)
            }
            return StageResult(
                state: .killed, exitCode: 128 + signal, attempt: run.attempt, message: "stopped by signal \(signal)")
        } catch {
            complain(error)
            return StageResult(
                state: .failed, exitCode: exitCode(of: error), attempt: run.attempt, message: "\(error)")
        }
    }

    /// Writes `result.json`, the last thing that a run does.
    private static func end(_ run: StageRun, _ result: StageResult) -> Int32 {
        do {
            try SafeFile.write(JSONCoding.encode(result), to: "\(run.directory)/\(StageResult.fileName)")
            return result.exitCode
        } catch {
            complain(error)
            return max(1, result.exitCode)
        }
    }

    /// Ends this process at once, from whichever thread, as a failed run that can be tried again.
    static func abandon(_ run: StageRun, _ logger: RunLogger, _ error: any Error) -> Never {
        let result = StageResult(state: .failed, exitCode: 1, attempt: run.attempt, message: "\(error)")
        complain(error)
        logger.log(.finish(RunFinish(state: .failed, exitCode: 1, message: "\(error)", time: Date())))
        _ = logger.finish(deadline: .seconds(2))
        _exit(end(run, result))
    }

    static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case let error as RankError: error.isWorthRetrying ? 1 : uselessToRetry
        case let error as TrainingError: error.isWorthRetrying ? 1 : uselessToRetry
        case let error as TensorError: error.kind == .unwritableFile ? 1 : uselessToRetry
        case let error as DatasetError: error.kind == .write ? 1 : uselessToRetry
        case is any UserFacingError: uselessToRetry
        default: 1
        }
    }

    /// A line for the person or the run's output file.
    package static func say(_ sentence: String) {
        StandardError.write("trainer: \(sentence)\n")
    }

    private static func complain(_ error: any Error) { say("\(error)") }
}
