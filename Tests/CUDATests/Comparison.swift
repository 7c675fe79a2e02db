import Tensor
import Testing

@testable import CUDA

/// The same work done by the CPU and by the backend that is tested, on the same random values.
struct Comparison {
    /// The two: each has memory of its own.
    enum Side: CaseIterable { case reference, tested }

    struct Values {
        let reference: FloatStorage
        let tested: FloatStorage

        subscript(_ side: Side) -> UnsafeMutablePointer<Float> {
            (side == .reference ? reference : tested).pointer
        }
    }

    let reference = CPUBackend(threads: 1)
    let tested: CUDABackend

    /// `count` random values, all different.
    func values(_ count: Int, seed: UInt64, shift: Double = 0, scale: Double = 1) -> Values {
        var generator = Xoshiro256(seed: seed)
        let values = Values(
            reference: FloatStorage(count: count), tested: FloatStorage(count: count, memory: tested.memory))
        for index in 0..<count {
            let value = Float(generator.normal() * scale + shift)
            values.reference.floats[index] = value
            values.tested.floats[index] = value
        }
        return values
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
        let scale = max(expected.reduce(0) { max($0, abs($1)) }, 1e-3)
        let differences = zip(actual, expected).map { abs($0 - $1) / scale }
        let isClose = actual.count == expected.count && differences.allSatisfy { $0 <= tolerance }
        #expect(isClose, "\(name): off by \(differences.max() ?? 0)", sourceLocation: sourceLocation)
    }
}
