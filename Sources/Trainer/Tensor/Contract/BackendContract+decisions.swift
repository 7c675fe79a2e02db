import Glibc

extension BackendContract {
    /// Steps that the device decides beside the same ones decided here: clipped, left out, after a change of scale.
    mutating func decisions() {
        guard let memory else { return }
        for scalesLoss in [false, true] {
            let (scaler, control) = (scalesLoss ? LossScaler() : nil, StepControl(memory: memory))
            control.reset(steps: 3, scaler: scaler)
            var steps = 3
            let count = 5000
            let (x, m, v) = (twin(count, seed: 1), twin(count, seed: 2), twin(count, seed: 3, shift: 9))
            for (index, size) in [1, 1e-5, .infinity, 1, .infinity].enumerated() {
                let gradients = twin(count, seed: 4 + UInt64(index), scale: size.isFinite ? size : 1)
                if !size.isFinite {
                    for side in [gradients.tested, gradients.reference] { side.floats[77] = .infinity }
                }
                let rule = StepRule(
                    clipNorm: 0.5, learningRate: 0.01 * Double(index + 1), beta1: 0.9, beta2: 0.95,
                    scalesLoss: scalesLoss)
                var norms: [Double] = []
                both { backend, pick in
                    guard
                        let norm = backend.decideStep(
                            control, gradients: pick(gradients), count: count, rule: rule)
                    else {
                        let norm = backend.norm(pick(gradients), count: count)
                        norms.append(norm)
                        let lossScale = Double(scaler?.scale ?? 1)
                        guard norm.isFinite else { return }
                        steps += 1
                        let clip = min(1, rule.clipNorm / (norm / lossScale + 1e-6)) / lossScale
                        let step = AdamWStep(
                            beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.99,
                            stepSize: Float(rule.learningRate / (1 - pow(rule.beta1, Double(steps)))),
                            denominatorScale: Float(1 / (1 - pow(rule.beta2, Double(steps))).squareRoot()),
                            gradientScale: Float(clip))
                        backend.adamW(
                            step, values: pick(x), gradients: pick(gradients), first: pick(m), second: pick(v),
                            count: count)
                        return backend.combine(
                            pick(x), own: 0.9, with: pick(gradients), other: 0.1 * Float(clip), count: count,
                            control: nil, clips: false)
                    }
                    backend.adamW(
                        AdamWStep(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.99, control: control),
                        values: pick(x), gradients: pick(gradients), first: pick(m), second: pick(v), count: count)
                    backend.combine(
                        pick(x), own: 0.9, with: pick(gradients), other: 0.1, count: count, control: control,
                        clips: true)
                    norms.append(norm.value)
                }
                let isFinite = norms[0].isFinite
                let canGoOn = scaler?.update(isFinite: isFinite) ?? isFinite
                let name = "decided step \(index + 1), \(scalesLoss ? "scaled loss" : "loss as it is")"
                compare(name, x, m, v)
                note(
                    "\(name): norm and scale",
                    [
                        isFinite ? abs(norms[1] - norms[0]) / norms[0] : norms[1].isFinite ? 1 : 0,
                        control.lossScale.pointee == scaler?.scale ?? 1 ? 0 : 1,
                    ])
                // From then on no step changes anything.
                if !canGoOn { break }
            }
        }
    }
}
