import CUDA
import Experiment
import Glibc
import Tensor
import Transformer

/// Times whole training steps: forward, backward, clipping, AdamW.
struct TrainingBench: Encodable {
    let size: String
    let device: String
    /// Of the processor's threads and kernels, or of the card.
    let deviceDescription: String
    /// Samples of a step.
    let batch: Int
    let allValid: Bool
    let parameters: Int
    let steps: Int
    /// Real tokens, inputs and targets, over the time of the steps.
    let tokensPerSecond: Double
    let stepMilliseconds: Double
    let gigaflopsPerSecond: Double
    let peakMemoryBytes: Int

    enum CodingKeys: String, CodingKey {
        case size, device, batch, parameters, steps
        case deviceDescription = "device_description"
        case allValid = "all_valid"
        case tokensPerSecond = "tokens_per_second"
        case stepMilliseconds = "step_ms"
        case gigaflopsPerSecond = "gflops"
        case peakMemoryBytes = "peak_memory_bytes"
    }

    /// Measures whole rounds of the batches for at least `seconds`, after one round that is not counted.
    init(
        _ size: BenchSize, batch: Int, allValid: Bool, seconds: Double, device: ComputeDevice.Chosen
    ) throws {
        let configuration = try size.configuration()
        let model = Nano4M(configuration, seed: 0, backend: device.backend)
        let optimizer = AdamWOptimizer(model)
        let batches = try size.batches(of: batch, allValid: allValid)
        var times: [Double] = []
        let clock = ContinuousClock()
        // On a GPU steps follow each other without waiting, as in a training: a round is timed as a whole.
        func round() throws {
            guard device.backend.isAsynchronous else {
                for batch in batches {
                    times.append(
                        try clock.measure {
                            _ = try model.forwardBackward(batch)
                            optimizer.step(learningRate: 1e-4)
                        } / .seconds(1))
                }
                return
            }
            let time = try clock.measure {
                for batch in batches {
                    try device.backend.asStep {
                        _ = try model.startForwardBackward(batch)
                        _ = optimizer.startStep(learningRate: 1e-4)
                    }
                }
                device.backend.finish()
            }
            try model.checkBackend()
            times += batches.map { _ in time / .seconds(1) / Double(batches.count) }
        }
        try round()
        times = []
        repeat { try round() } while times.reduce(0, +) < seconds
        let total = times.reduce(0, +)
        let share = Double(times.count / batches.count)
        self.size = size.rawValue
        self.allValid = allValid
        parameters = model.parameters.count
        self.device = device.device
        deviceDescription = device.description
        self.batch = batch
        steps = times.count
        tokensPerSecond = share * Double(batches.reduce(0) { $0 + $1.tokenCount }) / total
        stepMilliseconds = times.sorted()[times.count / 2] * 1000
        gigaflopsPerSecond =
            share * batches.reduce(0) { $0 + ModelCost(configuration).trainingFLOP($1) } / total / 1e9
        peakMemoryBytes = ProcessMemory.peak
    }

    var table: String {
        func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }
        return """
            \(size), \(parameters) parameters, \(allValid ? "all slots valid" : "counts uniform in 1 to the slots")
            tokens per second  \(whole(tokensPerSecond))
            step, median       \(whole(stepMilliseconds)) ms (\(steps) steps)
            products           \(whole(gigaflopsPerSecond)) GFLOP/s
            device             \(device): \(deviceDescription)
            peak memory        \(peakMemoryBytes >> 20) MiB
            """
    }
}

enum ProcessMemory {
    /// Most bytes that this process has had resident.
    static var peak: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
