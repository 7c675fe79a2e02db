import ArgumentParser
import CUDA
import Experiment
import FoundationEssentials

/// What `train` and `generate` are told on the command line; everything else is in the settings file.
struct StageOptions: ParsableArguments {
    @Option(help: "The run's settings, a JSON file; only its \"config\" is required.")
    var settings: String

    @Option(help: "URL of the tracker (default: SAGA_URL or \(TrackerAddress.defaultURL)); none logs to disk only.")
    var tracker: String?

    @Option(
        name: .customLong("device"),
        help: ArgumentHelp(
            "Where to compute: cpu, cuda, cuda:N or auto (default: SAGA_DEVICE or cpu).", valueName: "device"))
    var askedDevice: ComputeDevice?
    @Option(
        name: .customLong("precision"),
        help: ArgumentHelp(
            "On a GPU: float32, tf32, bfloat16 or float16 (default: SAGA_PRECISION or float32).",
            valueName: "precision"))
    var askedPrecision: Precision?

    var device: ComputeDevice { get throws { try askedDevice ?? .ofEnvironment() } }
    var precision: Precision { get throws { try askedPrecision ?? .ofEnvironment() } }

    func validate() throws { _ = try (device, precision) }

    var address: TrackerAddress? {
        let chosen = TrackerAddress(environment: ProcessInfo.processInfo.environment)
        return switch tracker {
        case "none": nil
        case let url?: TrackerAddress(url: url, token: chosen.token)
        case nil: chosen
        }
    }
}
