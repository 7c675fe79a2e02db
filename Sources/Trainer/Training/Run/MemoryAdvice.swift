package import Experiment
package import Transformer

/// What to do about a training that does not fit a GPU's memory.
package struct MemoryAdvice {
    private let configuration: Nano4MConfiguration
    private let settings: TrainingSettings
    /// Samples of the batch that one process does.
    private let ranks: Int

    /// Logits of a chunk, workspaces of products, and what the driver takes, in bytes.
    package static let reserve = 1 << 30

    package init(_ configuration: Nano4MConfiguration, _ settings: TrainingSettings, ranks: Int = 1) {
        self.configuration = configuration
        self.settings = settings
        self.ranks = max(1, ranks)
    }

    /// Bytes of a training with a batch done in so many parts, every slot of every sample used.
    package func need(batchSize: Int, parts: Int) -> Int {
        var settings = settings
        settings.batchSize = max(1, (batchSize + ranks - 1) / ranks)
        settings.options.gradientAccumulation = max(1, min((parts + ranks - 1) / ranks, settings.batchSize))
        return ModelDescription(configuration, settings).memoryTotal + MemoryAdvice.reserve
    }

    /// The largest batch that fits `bytes`, done as the settings say; nil where none does.
    package func largestBatch(within bytes: Int) -> Int? {
        let parts = settings.options.gradientAccumulation
        guard need(batchSize: parts, parts: parts) <= bytes else { return nil }
        return MemoryAdvice.last(of: parts...settings.batchSize) { need(batchSize: $0, parts: parts) <= bytes }
    }

    /// The fewest parts in which the settings' batch fits; nil where none are enough.
    package func fewestParts(within bytes: Int) -> Int? {
        let size = settings.batchSize
        guard need(batchSize: size, parts: size) <= bytes else { return nil }
        guard need(batchSize: size, parts: 1) > bytes else { return 1 }
        return MemoryAdvice.last(of: 1...size) { need(batchSize: size, parts: $0) > bytes } + 1
    }

    /// The last number for which `holds` does, as it does for the first and for none after one for which it does not.
    private static func last(of range: ClosedRange<Int>, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high + 1) / 2
            if holds(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The sentence for a person; `free` are the bytes that were free before anything was taken.
    package func sentence(device: String, free: Int) -> String {
        let parts = settings.options.gradientAccumulation
        let need = need(batchSize: settings.batchSize, parts: parts)
        let start =
            "CUDA out of memory: training with batch_size \(settings.batchSize) takes about \(gibibytes(need)) and "
            + "\(gibibytes(free)) of \(device) were free; "
        let fewest = fewestParts(within: free).map { "grad_accum \($0) with the same batch" }
        let largest = largestBatch(within: free)
        if need <= free {
            // The arithmetic says that it fits: what is there is in pieces, or others have taken it since.
            return start + "let nobody else use this GPU, or use a smaller batch_size or a higher grad_accum"
        }
        switch (largest, fewest) {
        case (let batch?, let fewest?): return start + "batch_size \(batch) fits, or \(fewest)"
        case (nil, let fewest?): return start + "\(fewest) fits"
        case (let batch?, nil): return start + "batch_size \(batch) fits"
        case (nil, nil): return start + "no batch of this model fits: use a smaller model or a larger GPU"
        }
    }

    private func gibibytes(_ bytes: Int) -> String { (Double(bytes) / 1_073_741_824).formatted(1) + " GiB" }
}
