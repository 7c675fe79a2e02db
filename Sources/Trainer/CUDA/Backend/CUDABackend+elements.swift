package import Tensor

/// What works element by element, and what the optimizer needs.
extension CUDABackend {
    package func add(_ out: Buffer, _ input: Buffer, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(count, .add, [try float32(out), try float32(input), .long(count)])
        }
    }

    package func fill(_ out: Buffer, with value: Float, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(count, .fill, [try float32(out), .float(value), .long(count)])
        }
    }

    package func blend(_ out: Buffer, with input: Buffer, share: Float, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(
                count, .blend, [try float32(out), try float32(input), .float(share), .long(count)])
        }
    }

    package func combine(
        _ out: Buffer, own: Float, with input: Buffer, other: Float, count: Int, control: StepControl?, clips: Bool
    ) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(
                count, .combine,
                [
                    try float32(out), try float32(input), .buffer(try inputs.upload([own, other])), .long(count),
                    .buffer(control?.pointer), .int(clips ? 1 : 0),
                ])
        }
    }

    package func exchange(_ left: Buffer, _ right: Buffer, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(count, .exchange, [try float32(left), try float32(right), .long(count)])
        }
    }

    package func copy(_ out: Buffer, from input: Buffer, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            let (out, input) = (resolve(out), try pointer(ofFloat32: input))
            if out.number == .float32 {
                return try device.copy(
                    from: input, to: out.pointer, bytes: count * MemoryLayout<Float>.stride)
            }
            try overElements(
                count, .round(out.number),
                [.buffer(out.pointer), .buffer(input), .long(1), .int(count), .int(count), .int(count)])
        }
    }

    package func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, count: Int
    ) {
        guard count > 0 else { return }
        // What changes from step to step is no argument: see StepRecorder.
        let numbers = [step.gradientScale, step.decay, step.stepSize, step.denominatorScale]
        perform { () throws(TensorError) in
            try overElements(
                count, .adamW,
                [
                    try float32(values), try float32(first), try float32(second), try float32(gradients),
                    .long(count), .buffer(try inputs.upload(numbers)), .float(step.beta1), .float(step.beta2),
                    .float(step.epsilon),
                    .buffer(step.control?.pointer),
                ])
        }
    }

    package func norm(_ values: Buffer, count: Int) -> Double {
        guard count > 0 else { return 0 }
        return pending { () throws(TensorError) in try launchNorm(values, count: count) }.value
    }

    package func decideStep(
        _ control: StepControl, gradients: Buffer, count: Int, rule: StepRule
    ) -> Pending<Double>? {
        let numbers = [rule.clipNorm, rule.learningRate, rule.beta1, rule.beta2]
        return pending { () throws(TensorError) in
            let norm = try launchNorm(gradients, count: count)
            try device.launch(
                KernelLaunch(
                    .decideStep, gridX: 1, threads: 1,
                    [
                        .buffer(control.pointer), .buffer(norm), .buffer(try inputs.upload(numbers)),
                        .int(rule.scalesLoss ? LossScaler.growthInterval : 0), .float(LossScaler.largest),
                    ]))
            return norm
        }
    }

    package func normalize(_ out: Buffer, _ input: Buffer, epsilon: Float, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            let norm = try launchNorm(input, count: count)
            try overElements(
                count, .normalize,
                [try float32(out), try float32(input), .buffer(norm), .float(epsilon), .long(count)])
        }
    }

    /// Leaves the norm in scratch memory.
    private func launchNorm(_ values: Buffer, count: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        // At least 16 elements a thread.
        let share = 16 * CUDABackend.reducingThreads
        let blocks = min((count + share - 1) / share, 1024)
        let sums = try scratch.take(bytes: blocks * MemoryLayout<Double>.stride)
        let root = try scratch.take(bytes: MemoryLayout<Double>.stride)
        try device.launch(
            KernelLaunch(
                .squareSums, gridX: blocks, threads: CUDABackend.reducingThreads,
                [.buffer(sums), try float32(values), .long(count)]))
        try device.launch(
            KernelLaunch(
                .rootOfSums, gridX: 1, threads: CUDABackend.reducingThreads,
                [.buffer(root), .buffer(sums), .int(blocks)]))
        return root
    }

    /// A double that `launch` leaves on the device; NaN where something has failed.
    private func pending(
        _ launch: () throws(TensorError) -> UnsafeMutableRawPointer
    ) -> Pending<Double> {
        let copy = perform { () throws(TensorError) in
            try device.fetch(try launch(), bytes: MemoryLayout<Double>.stride)
        }
        return Pending { [self] in
            copy.flatMap { bytes(of: $0) }?.withUnsafeBytes { $0.loadUnaligned(as: Double.self) } ?? .nan
        }
    }
}
