import ArgumentParser
import Experiment
import Tensor
import Training
import Transformer

struct DescribeCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Says what a model costs, and what this machine computes it with.",
        discussion: """
            Parameters by part, memory, floating point operations of a training step, and the instruction set that the \
            kernels, matrix products among them, use here, and threads. With --settings the model is a run's, its token set's modalities \
            included; with --size one of the known ones: \(ModelSize.allCases.map(\.rawValue).joined(separator: ", ")).

            Examples:
              trainer describe --size joint
              trainer describe --settings run.json --format json
            """)

    @Option(help: "A run's settings file.")
    var settings: String?
    @Option(help: "A known model.")
    var size: ModelSize?
    @Option(help: "Samples in a batch; default: the settings', or 128.")
    var batch: Int?
    @Option(help: "table or json.")
    var format = Format.table

    func validate() throws {
        guard (settings == nil) != (size == nil) else { throw ValidationError("give either --settings or --size") }
        if let batch, !(1...1_000_000).contains(batch) { throw ValidationError("--batch must be from 1 to 1000000") }
    }

    func run() throws {
        do {
            let description = try described()
            switch format {
            case .json: print(String(decoding: try JSONCoding.encode(description), as: UTF8.self))
            case .table: print(description.text)
            }
        } catch {
            StandardError.write("trainer describe: \(error)")
            throw ExitCode(2)
        }
    }

    private func described() throws -> ModelDescription {
        if let settings {
            return try ModelDescription(RunSettings.read(from: settings).config, batchSize: batch)
        }
        var defaults = TrainingSettings()
        defaults.batchSize = batch ?? defaults.batchSize
        return try ModelDescription((size ?? .joint).configuration(), defaults)
    }
}

extension ModelSize: ExpressibleByArgument {}
