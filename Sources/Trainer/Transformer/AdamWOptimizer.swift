import Glibc
package import Tensor

/// AdamW as PyTorch computes it (decoupled decay, bias correction), after clipping by the global gradient norm.
package final class AdamWOptimizer {
    package struct Settings: Sendable, Hashable {
        package var beta1 = 0.9
        package var beta2 = 0.95
        package var epsilon = 1e-8
        package var weightDecay = 0.05
        /// Gradient norm above which gradients are scaled down; 0 turns clipping off.
        package var clipNorm = 1.0
        /// Takes the matrices within the network; AdamW keeps embeddings, norms, biases and the head.
        package var muon: MuonSettings?

        package init() {}
    }

    package let settings: Settings
    /// Steps taken so far.
    package private(set) var stepCount = 0

    private let parameters: ParameterArena
    private let backend: any Backend
    private let lossScaler: LossScaler?
    private let first: FloatStorage
    private let second: FloatStorage
    /// Rows of the token table that have had a gradient; moments of the others are still 0 and take no memory.
    private var seenRows: [Bool]
    private let muon: Muon?
    private let matrices: [Parameter]
    /// What AdamW updates, in as few pieces as there can be.
    private let ranges: [(range: Range<Int>, decays: Bool)]

    /// An optimizer of this model's parameters that has taken no step yet.
    package init(_ model: Nano4M, settings: Settings = Settings()) {
        self.settings = settings
        parameters = model.parameters
        backend = model.backend
        lossScaler = model.lossScaler
        first = FloatStorage(count: parameters.count, memory: backend.memory)
        second = FloatStorage(count: parameters.count, memory: backend.memory)
        seenRows = [Bool](repeating: false, count: parameters.tokenTable?.shape[0] ?? 0)
        if let table = parameters.tokenTable { for storage in [first, second] { storage.keepSparse(table.range) } }
        muon = settings.muon.map { Muon($0, backend: model.backend) }
        matrices = muon == nil ? [] : parameters.list.filter(\.isHiddenMatrix)
        let table = parameters.tokenTable
        ranges = AdamWOptimizer.ranges(
            parameters.list.filter { [muon] in $0 != table && (muon == nil || !$0.isHiddenMatrix) })
    }

    private static func ranges(_ parameters: [Parameter]) -> [(range: Range<Int>, decays: Bool)] {
        var ranges: [(range: Range<Int>, decays: Bool)] = []
        for parameter in parameters {
            if let last = ranges.last, last.decays == parameter.decays,
                last.range.upperBound == parameter.range.lowerBound
            {
                ranges[ranges.count - 1].range = last.range.lowerBound..<parameter.range.upperBound
            } else {
                ranges.append((parameter.range, parameter.decays))
            }
        }
        return ranges
    }

    /// Norm of all gradients together, as they are now, without the scale of the loss.
    package var gradientNorm: Double { scaledNorm / Double(lossScaler?.scale ?? 1) }

    private var scaledNorm: Double {
        let gradients = parameters.gradients.pointer
        guard let table = parameters.tokenTable, let rows = tableRows else {
            return backend.norm(gradients, count: parameters.count)
        }
        var squares = 0.0
        func add(_ norm: Double) { squares += norm * norm }
        add(backend.norm(gradients + table.offset, table: rows))
        for rest in [0..<table.offset, table.range.upperBound..<parameters.count] where !rest.isEmpty {
            add(backend.norm(gradients + rest.lowerBound, count: rest.count))
        }
        return squares.squareRoot()
    }

    /// Which rows of the token table have a gradient now; nil before the first batch, when any may have been given one.
    private var tableRows: TableRows? {
        guard let table = parameters.tokenTable, let touched = parameters.touchedRows else { return nil }
        return TableRows(count: table.shape[0], dim: table.shape[1], touched: touched, seen: seenRows)
    }

    /// Changes the parameters by their gradients; returns the gradient norm before clipping.
    ///
    /// Where that is no finite number nothing is changed, so that the weights can still be looked at.
    @discardableResult
    package func step(learningRate: Double) -> Double { step(waitingAtRate: learningRate).norm }

    /// The same without waiting, where the backend can decide on the step by itself. After a step whose norm is no finite
    /// number none changes anything, as soon as one was begun so.
    package func startStep(learningRate: Double) -> Pending<StepOutcome> {
        guard lossScaler == nil,
            let norm = backend.decideStep(
                parameters.gradients.pointer, count: parameters.count, clipNorm: settings.clipNorm)
        else { return Pending(step(waitingAtRate: learningRate)) }
        stepCount += 1
        update(learningRate, gradientScale: 1, isDecided: true)
        return norm.map { StepOutcome(norm: $0, isSkipped: false) }
    }

    private func step(waitingAtRate learningRate: Double) -> StepOutcome {
        let (norm, scale) = (gradientNorm, Double(lossScaler?.scale ?? 1))
        if let lossScaler {
            let canGoOn = lossScaler.update(isFinite: norm.isFinite)
            if !norm.isFinite { return StepOutcome(norm: norm, isSkipped: canGoOn) }
        }
        guard norm.isFinite else { return StepOutcome(norm: norm, isSkipped: false) }
        stepCount += 1
        let clip = settings.clipNorm > 0 ? min(1, settings.clipNorm / (norm + 1e-6)) : 1
        update(learningRate, gradientScale: clip / scale, isDecided: false)
        return StepOutcome(norm: norm, isSkipped: false)
    }

    private func update(_ learningRate: Double, gradientScale: Double, isDecided: Bool) {
        func step(weightDecay: Double) -> AdamWStep {
            self.step(weightDecay: weightDecay, learningRate, gradientScale, isDecided: isDecided)
        }
        for (range, decays) in ranges {
            let start = range.lowerBound
            backend.adamW(
                step(weightDecay: decays ? settings.weightDecay : 0),
                values: parameters.values.pointer + start, gradients: parameters.gradients.pointer + start,
                first: first.pointer + start, second: second.pointer + start, count: range.count)
        }
        updateTokenTable(step(weightDecay: settings.weightDecay))
        for matrix in matrices {
            muon?.step(
                values: parameters.values.pointer + matrix.offset,
                gradients: parameters.gradients.pointer + matrix.offset, momentum: first.pointer + matrix.offset,
                rows: matrix.shape[0], columns: matrix.shape[1], rate: learningRate,
                weightDecay: settings.weightDecay, gradientScale: gradientScale, isDecided: isDecided)
        }
    }

    private func updateTokenTable(_ step: AdamWStep) {
        guard let table = parameters.tokenTable else { return }
        for row in parameters.touchedRows ?? Array(0..<Int32(table.shape[0])) { seenRows[Int(row)] = true }
        let start = table.offset
        let (values, gradients) = (parameters.values.pointer + start, parameters.gradients.pointer + start)
        let (first, second) = (first.pointer + start, second.pointer + start)
        guard let rows = tableRows else {
            return backend.adamW(
                step, values: values, gradients: gradients, first: first, second: second, count: table.count)
        }
        backend.adamW(step, values: values, gradients: gradients, first: first, second: second, table: rows)
    }

    private func step(
        weightDecay: Double, _ learningRate: Double, _ gradientScale: Double, isDecided: Bool
    ) -> AdamWStep {
        AdamWStep(
            beta1: Float(settings.beta1), beta2: Float(settings.beta2), epsilon: Float(settings.epsilon),
            decay: Float(1 - learningRate * weightDecay),
            stepSize: Float(learningRate / (1 - pow(settings.beta1, Double(stepCount)))),
            denominatorScale: Float(1 / (1 - pow(settings.beta2, Double(stepCount))).squareRoot()),
            gradientScale: Float(gradientScale), isDecided: isDecided)
    }
}

extension AdamWOptimizer {
    private static let stepName = "optimizer.step"
    private static let scaleName = "optimizer.loss_scale"

    /// Both moments of each parameter and the step count. They point into the optimizer.
    package func checkpointTensors() -> [SafeTensors.Output] {
        backend.finish()
        let moments = parameters.list.flatMap { parameter in
            names(parameter).map { name, storage in
                SafeTensors.Output(name, shape: parameter.shape, memory: storage.pointer + parameter.offset)
            }
        }
        let scale = lossScaler.map { SafeTensors.Output(AdamWOptimizer.scaleName, shape: [2], int32s: $0.state) }
        return moments + [SafeTensors.Output(AdamWOptimizer.stepName, shape: [1], int32s: [Int32(stepCount)])]
            + [scale].compactMap { $0 }
    }

    /// Takes up the state of a checkpoint. After an error the optimizer must not be used.
    package func load(_ checkpoint: SafeTensors) throws {
        guard let step = try checkpoint.int32s(AdamWOptimizer.stepName).first, step >= 0 else {
            throw TransformerError(.invalidCheckpoint, "the checkpoint's optimizer has no step count")
        }
        // A checkpoint of another precision has none: scaling begins anew.
        if let lossScaler, checkpoint.entries[AdamWOptimizer.scaleName] != nil,
            !lossScaler.restore(try checkpoint.int32s(AdamWOptimizer.scaleName))
        {
            throw TransformerError(.invalidCheckpoint, "the checkpoint's loss scale is none; use the one before")
        }
        backend.finish()
        for parameter in parameters.list {
            for (name, storage) in names(parameter) {
                try checkpoint.copyFloats(name, shape: parameter.shape, to: storage.pointer + parameter.offset)
            }
        }
        stepCount = Int(step)
        guard let table = parameters.tokenTable else { return }
        let dim = table.shape[1]
        for row in seenRows.indices {
            let start = table.offset + row * dim
            seenRows[row] = [first, second].contains { moments in
                moments.floats[start..<(start + dim)].contains { $0 != 0 }
            }
        }
    }

    private func names(_ parameter: Parameter) -> [(String, FloatStorage)] {
        [
            ("optimizer.first_moment.\(parameter.name)", first),
            ("optimizer.second_moment.\(parameter.name)", second),
        ]
    }
}
