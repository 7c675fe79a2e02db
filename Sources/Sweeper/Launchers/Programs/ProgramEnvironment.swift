package import Experiment
import Foundation

/// What `wandb agent` tells the programs that it starts, for programs that our launchers start.
package enum ProgramEnvironment {
    /// A client refuses keys that do not look like W&B's; a tracker without tokens takes any.
    private static let anyKey = String(repeating: "0", count: 40)

    package static func variables(
        _ claim: StageClaim, directory: String, address: TrackerAddress
    ) -> [String: String] {
        access(address).merging([
            "WANDB_SWEEP_ID": claim.sweep, "WANDB_RUN_ID": claim.run.rawValue, "WANDB_PROJECT": claim.project,
            "WANDB_DIR": directory, "WANDB_SWEEP_PARAM_PATH": parameterFile(directory),
        ]) { $1 }
    }

    /// Where a client reports to, and the key that lets it.
    package static func access(_ address: TrackerAddress) -> [String: String] {
        ["WANDB_BASE_URL": address.url, "WANDB_API_KEY": address.token ?? anyKey]
    }

    /// Writes the claim's parameters where the program is told that they lie; nothing for our own trainer.
    package static func write(_ claim: StageClaim, directory: String) throws {
        guard claim.program != nil else { return }
        try Data(parameters(claim.config).utf8)
            .write(to: URL(filePath: parameterFile(directory)), options: .atomic)
        try Data(ProgramCommand.json(claim.config).utf8)
            .write(to: URL(filePath: jsonFile(directory)), options: .atomic)
    }

    /// The run's parameters as W&B's client reads them, in YAML.
    package static func parameterFile(_ directory: String) -> String { directory + "/config.yaml" }
    package static func jsonFile(_ directory: String) -> String { directory + "/config.json" }

    /// In JSON's form, which is YAML too and leaves no question of quoting.
    package static func parameters(_ config: [String: JSONValue]) -> String {
        let entries = config.sorted { $0.key < $1.key }
            .map { "\(PythonText.json(.string($0.key))): {\"value\": \(PythonText.yaml($0.value))}\n" }
        return "wandb_version: 1\n" + entries.joined()
    }
}
