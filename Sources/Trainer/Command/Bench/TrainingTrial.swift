import CUDA
import Tensor
import Training
import Transformer

/// A short training from fresh weights on random tokens, which it learns by heart: the losses of all its steps.
struct TrainingTrial: Encodable {
    let size: String
    let device: String
    /// Of the processor's threads and kernels, or of the card.
    let deviceDescription: String
    /// Samples of a step.
    let batch: Int
    let steps: Int
    /// Up to and with the first that is no number; JSON has none for that.
    let losses: [Double]
    let isFinite: Bool
    let seconds: Double

    enum CodingKeys: String, CodingKey {
        case size, device, batch, steps, losses, seconds
        case deviceDescription = "device_description"
        case isFinite = "finite"
    }

    private static let peakRate = 3e-4
    private static let warmupSteps = 20

    init(_ size: BenchSize, batch: Int, allValid: Bool, steps: Int, device: ComputeDevice.Chosen) throws {
        let model = Nano4M(try size.configuration(), seed: 0, backend: device.backend)
        let optimizer = AdamWOptimizer(model)
        let batches = try size.batches(of: batch, allValid: allValid)
        var (losses, isFinite) = ([Double](), true)
        let start = ContinuousClock.now
        for step in 0..<steps where isFinite {
            let rate = TrainingTrial.peakRate * min(1, Double(step + 1) / Double(TrainingTrial.warmupSteps))
            // As a training does it.
            let (report, outcome) = try device.backend.asStep {
                (try model.startForwardBackward(batches[step % batches.count]), optimizer.startStep(learningRate: rate))
            }
            let loss = report.value.loss
            isFinite = loss.isFinite && !outcome.value.hasFailed
            if loss.isFinite { losses.append(loss) }
        }
        device.backend.finish()
        try model.checkBackend()
        seconds = (ContinuousClock.now - start) / .seconds(1)
        self.size = size.rawValue
        self.device = device.device
        deviceDescription = device.description
        self.batch = batch
        self.steps = steps
        self.losses = losses
        self.isFinite = isFinite
    }

    var table: String {
        """
        \(size), \(batch) samples a step, \(losses.count) of \(steps) steps in \(seconds.formatted(1)) s
        loss               \((losses.first ?? .nan).formatted(4)) at first, \((losses.last ?? .nan).formatted(4)) at last
        finite             \(isFinite ? "all" : "NO")
        device             \(device): \(deviceDescription)
        """
    }
}
