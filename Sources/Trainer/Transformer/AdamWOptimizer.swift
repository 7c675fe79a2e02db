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

    private let steps: StepCount
    private let parameters: ParameterArena
    private let backend: any Backend
    private let lossScaler: LossScaler?
    private let control: StepControl?
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
        control = model.stepControl
        steps = StepCount(model.lossScaler)
        first = FloatStorage(count: parameters.count, memory: backend.memory)
        second = FloatStorage(count: parameters.count, memory: backend.memory)
        seenRows = [Bool](repeating: false, count: parameters.tokenTable?.shape[0] ?? 0)
        if let table = parameters.tokenTable { for storage in [first, second] { storage.keepSparse(table.range) } }
        muon = settings.muon.map { Muon($0, backend: model.backend) }
        matrices = muon == nil ? [] : parameters.list.filter(\.isHiddenMatrix)
        let table = parameters.tokenTable
        ranges = AdamWOptimizer.ranges(
            parameters.list.filter { [muon] in $0 != table && (muon == nil || !$0.isHiddenMatrix) })
        resetControl()
    }

    /// Steps taken so far.
    package var stepCount: Int { steps.taken }

    /// Lets a device go on from what the host knows.
    private func resetControl() {
        guard let control else { return }
        backend.finish()
        control.reset(steps: steps.taken, scaler: lossScaler)
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

    /// Norm of all gradients together, as they are now.
    private var gradientNorm: Double {
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
    package func step(learningRate: Double) -> Double { startStep(learningRate: learningRate).value.norm }

    /// The same without waiting, where a device can decide on the step by itself. After a step that has failed there none
    /// changes anything, as soon as one was begun so.
    package func startStep(learningRate: Double) -> Pending<StepOutcome> {
        let rule = StepRule(
            clipNorm: settings.clipNorm, learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2,
            scalesLoss: lossScaler != nil)
        guard let control,
            let norm = backend.decideStep(
                control, gradients: parameters.gradients.pointer, count: parameters.count, rule: rule)
        else { return Pending(stepOnHost(learningRate)) }
        update(learningRate, gradientScale: 1) { decay in
            AdamWStep(
                beta1: Float(settings.beta1), beta2: Float(settings.beta2), epsilon: Float(settings.epsilon),
                decay: decay, control: control)
        }
        return steps.begin(norm)
    }

    private func stepOnHost(_ learningRate: Double) -> StepOutcome {
        let norm = gradientNorm
        let outcome = steps.begin(Pending(norm)).value
        guard !outcome.hasFailed else { return outcome }
        let clip = settings.clipNorm > 0 ? min(1, settings.clipNorm / (norm + 1e-6)) : 1
        update(learningRate, gradientScale: clip) { decay in
            AdamWStep(
                beta1: Float(settings.beta1), beta2: Float(settings.beta2), epsilon: Float(settings.epsilon),
                decay: decay, stepSize: Float(learningRate / (1 - pow(settings.beta1, Double(stepCount)))),
                denominatorScale: Float(1 / (1 - pow(settings.beta2, Double(stepCount))).squareRoot()),
                gradientScale: Float(clip))
        }
        return outcome
    }

    /// `numbers` gives AdamW's, from what stays of a parameter by its decay.
    private func update(_ learningRate: Double, gradientScale: Double, _ numbers: (_ decay: Float) -> AdamWStep) {
        let (full, none) = (numbers(Float(1 - learningRate * settings.weightDecay)), numbers(1))
        for (range, decays) in ranges {
            let start = range.lowerBound
            backend.adamW(
                decays ? full : none, values: parameters.values.pointer + start,
                gradients: parameters.gradients.pointer + start, first: first.pointer + start,
                second: second.pointer + start, count: range.count)
        }
        updateTokenTable(full)
        for matrix in matrices {
            muon?.step(
                values: parameters.values.pointer + matrix.offset,
                gradients: parameters.gradients.pointer + matrix.offset, momentum: first.pointer + matrix.offset,
                rows: matrix.shape[0], columns: matrix.shape[1], rate: learningRate,
                weightDecay: settings.weightDecay, gradientScale: gradientScale, control: full.control)
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
}

extension AdamWOptimizer {
    private static let stepName = "optimizer.step"
    private static let scaleName = "optimizer.loss_scale"

    /// Both moments of each parameter and the step count. They point into the optimizer.
    package func checkpointTensors() -> [SafeTensors.Output] {
        backend.finish()
        let taken = steps.taken
        let moments = parameters.list.flatMap { parameter in
            names(parameter).map { name, storage in
                SafeTensors.Output(name, shape: parameter.shape, memory: storage.pointer + parameter.offset)
            }
        }
        let scale = lossScaler.map { SafeTensors.Output(AdamWOptimizer.scaleName, shape: [2], int32s: $0.state) }
        return moments + [SafeTensors.Output(AdamWOptimizer.stepName, shape: [1], int32s: [Int32(taken)])]
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
        steps.restore(Int(step))
        resetControl()
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
