import ArgumentParser
import CUDA
import Experiment
import Tensor
import Transformer

struct VerifyCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recomputes what another implementation computed, and says how far apart the numbers are.",
        discussion: """
            DIR holds weights.safetensors, expected.safetensors and expected.json, as Benchmarks/peers/goldens.py \
            writes them. Prints the largest relative error of logits, gradients, losses and final weights. Exit code 1 \
            if one is beyond the tolerance, 2 if a directory or the device cannot be used.

            With --backend every operator is compared with the CPU's portable kernels instead; no files are needed.

            Examples:
              trainer verify Tests/TransformerTests/Golden/tiny
              trainer verify --backend --device cuda --precision bfloat16
            """)

    @Argument(help: ArgumentHelp("Golden directories.", valueName: "dir"))
    var directories: [String] = []
    @Flag(help: "Compare the backend with the CPU's portable kernels, operator by operator, in place of directories.")
    var backend = false
    @Option(help: "Where to compute: cpu, cuda, cuda:N or auto.")
    var device = ComputeDevice.cpu
    @Option(help: "On a GPU: float32, tf32, bfloat16 or float16.")
    var precision = Precision.float32
    @Option(help: "Largest relative error that passes.")
    var tolerance = 1e-4
    @Option(help: "table or json.")
    var format = Format.table

    func validate() throws {
        guard directories.isEmpty == backend else { throw ValidationError("name a golden directory, or say --backend") }
        guard tolerance > 0, tolerance.isFinite else { throw ValidationError("--tolerance must be above 0") }
    }

    func run() throws {
        if backend { return try verifyBackend() }
        let results: [Verification]
        do {
            let backend = try device.open(precision).backend
            results = try directories.map { try Verification(GoldenDirectory(path: $0), backend: backend) }
        } catch {
            StandardError.write("trainer verify: \(error)")
            throw ExitCode(2)
        }
        switch format {
        case .json: print(String(decoding: try JSONCoding.encode(results), as: UTF8.self))
        case .table: for result in results { show(result) }
        }
        if results.contains(where: { !($0.largest <= tolerance) }) { throw ExitCode.failure }
    }

    private func show(_ result: Verification) {
        let verdict = result.largest <= tolerance ? "agrees" : "DIFFERS"
        print("\(result.directory): \(verdict) within \(tolerance) over \(result.steps) steps")
        print("  logits         \(digits(result.logits))")
        print("  gradients      \(digits(result.gradients))  \(result.worstGradient)")
        print("  losses         \(digits(result.losses))")
        print("  final weights  \(digits(result.weights))  \(result.worstWeight)")
    }

    /// Two digits: no more of an error says anything.
    func digits(_ error: Double) -> String {
        guard error.isFinite, error > 0 else { return "\(error)" }
        var (mantissa, exponent) = (error, 0)
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        let tenths = Int((mantissa * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)e\(exponent)"
    }
}
