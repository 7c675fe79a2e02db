import Tensor
import Testing

@testable import CUDA

/// The same work done by the CPU and by the backend that is tested, on the same random values.
struct Comparison {
    /// The two: each has memory of its own.
    enum Side: CaseIterable { case reference, tested }

    typealias Values = Twin

    let reference = CPUBackend(threads: 1)
    let tested: CUDABackend

    /// `count` random values, all different.
    func values(_ count: Int, seed: UInt64, shift: Double = 0, scale: Double = 1) -> Values {
        Values(count, seed: seed, shift: shift, scale: scale, testedMemory: tested.memory)
    }

    /// The same where activations lie, rounded as those are, in the reference too.
    func activations(
        _ count: Int, seed: UInt64, shift: Double = 0, scale: Double = 1
    ) -> Values {
        let plain = values(count, seed: seed, shift: shift, scale: scale)
        let there = Values(
            reference: plain.reference, tested: FloatStorage(count: count, memory: tested.activationMemory))
        tested.copy(there.tested.pointer, from: plain.tested.pointer, count: count)
        for (index, value) in floats(of: there).enumerated() { there.reference.floats[index] = value }
        return there
    }

    /// What the tested side holds now.
    func floats(of values: Values) -> [Float] {
        tested.withValues(of: values.tested.pointer, count: values.tested.count) { Array($0) }
    }

    func run(_ body: (any Backend, Side) -> Void) {
        body(reference, .reference)
        body(tested, .tested)
        tested.finish()
    }

    /// Largest difference as a share of the largest expected magnitude must stay below `tolerance`.
    func check(
        _ values: Values, _ name: String, within tolerance: Float = 2e-6,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        check(
            floats(of: values), Array(values.reference.floats), name, within: tolerance,
            sourceLocation: sourceLocation)
    }

    func check(
        _ actual: [Float], _ expected: [Float], _ name: String, within tolerance: Float = 2e-6,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        if let failure = tested.failure { Issue.record("\(failure)", sourceLocation: sourceLocation) }
        let error = BackendContract.error(actual, expected)
        #expect(error <= Double(tolerance), "\(name): off by \(error)", sourceLocation: sourceLocation)
    }
}

extension Twin {
    subscript(_ side: Comparison.Side) -> UnsafeMutablePointer<Float> {
        (side == .reference ? reference : tested).pointer
    }
}
