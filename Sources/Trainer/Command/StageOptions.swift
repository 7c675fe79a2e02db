import ArgumentParser
import Experiment
import FoundationEssentials

/// What `train` and `generate` are told on the command line; everything else is in the settings file.
struct StageOptions: ParsableArguments {
    @Option(help: "The run's settings, a JSON file; only its \"config\" is required.")
    var settings: String

    @Option(help: "URL of the tracker (default: SAGA_URL or \(TrackerAddress.defaultURL)); none logs to disk only.")
    var tracker: String?

    var address: TrackerAddress? {
        let chosen = TrackerAddress(environment: ProcessInfo.processInfo.environment)
        return switch tracker {
        case "none": nil
        case let url?: TrackerAddress(url: url, token: chosen.token)
        case nil: chosen
        }
    }
}
