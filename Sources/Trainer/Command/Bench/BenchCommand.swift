import ArgumentParser
import CUDA
import Experiment
import Training

struct BenchCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Times training steps of a model of random weights on random tokens, or generation.",
        discussion: """
            Sizes: tiny (128 wide, 2+2 blocks, vocabulary 512, batch 32 of 64+64 slots), small (256, 4+4, 4096, 16 of \
            128+128), 110m (512, 6+6, 64000, 4 of 128+128). Token counts are uniform in 1 to the slots, as the \
            reference draws them, unless --all-valid. Benchmarks/trainer runs this beside PyTorch.

            With --losses so many steps are trained from fresh weights and the loss of each is printed, so that \
            precisions and devices can be compared.

            With --generate a model's file is read and its first modality generated from random tokens of its second, \
            at temperature 0; --plan writes what was given, in which order it was decoded and what came out.

            Examples:
              trainer bench --size small --all-valid --format json
              trainer bench --generate model.safetensors --clips 4 --plan plan.json
            """)

    @Option(help: "tiny, small or 110m.")
    var size = BenchSize.tiny
    @Flag(help: "Fill every slot of every sample.")
    var allValid = false
    @Option(help: "Samples of a step (default: the size's).")
    var batch: Int?
    @Option(help: "Train this many steps, and print the loss of each.")
    var losses: Int?
    @Option(help: "Time generation by the model in this file.")
    var generate: String?
    @Option(help: "Clips generated together.")
    var clips = 1
    @Option(help: "Steps of a generation.")
    var steps = 16
    @Option(help: "Write what was generated, and from what, to this file as JSON.")
    var plan: String?
    @Option(help: "Where to compute: cpu, cuda, cuda:N or auto.")
    var device = ComputeDevice.cpu
    @Option(help: "On a GPU: float32, tf32, bfloat16 or float16.")
    var precision = Precision.float32
    @Option(help: "Measure for at least this long.")
    var seconds = 5.0
    @Option(help: "table or json.")
    var format = Format.table

    func validate() throws {
        if let batch, !(1...65_536).contains(batch) { throw ValidationError("--batch must be 1 to 65536") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds must be above 0 and at most 3600") }
        guard (1...4096).contains(clips), (1...4096).contains(steps) else {
            throw ValidationError("--clips and --steps must be from 1 to 4096")
        }
        if let losses, !(1...1_000_000).contains(losses) {
            throw ValidationError("--losses must be from 1 to 1000000")
        }
        guard losses == nil || generate == nil else { throw ValidationError("use --losses or --generate") }
        guard plan == nil || generate != nil else { throw ValidationError("--plan needs --generate") }
    }

    func run() throws {
        do {
            let chosen = try device.open(precision)
            if let generate {
                let bench = try GenerationBench(
                    weights: generate, clips: clips, steps: steps, seconds: seconds, device: chosen)
                if let plan { try bench.writePlan(to: plan) }
                return try show(bench, bench.table)
            }
            if let losses {
                let trial = try TrainingTrial(
                    size, batch: batch ?? size.batch, allValid: allValid, steps: losses, device: chosen)
                return try show(trial, trial.table)
            }
            let bench = try TrainingBench(
                size, batch: batch ?? size.batch, allValid: allValid, seconds: seconds, device: chosen)
            try show(bench, bench.table)
        } catch {
            StandardError.write("trainer bench: \(error)")
            throw ExitCode(2)
        }
    }

    private func show(_ bench: some Encodable, _ table: String) throws {
        switch format {
        case .json: print(String(decoding: try JSONCoding.encode(bench), as: UTF8.self))
        case .table: print(table)
        }
    }
}
