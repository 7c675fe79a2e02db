/// Compares a backend with the CPU's portable kernels, operator by operator, on the same random values: what a machine
/// without Swift can check.
package struct BackendContract {
    /// How far one operator is off on one shape.
    package struct Finding: Encodable, Sendable, Hashable {
        /// Operator and shape.
        package let check: String
        /// Largest difference as a share of the largest expected magnitude; NaN if one is no number.
        package let error: Double
        package let tolerance: Double

        package var passes: Bool { error <= tolerance }
    }

    private let tested: any Backend
    private let reference = CPUBackend(threads: 1, instructionSet: 0)
    /// Of operators that multiply, which a backend may do from rounded operands.
    private let productTolerance: Double
    private var findings: [Finding] = []

    /// Of sums in another order.
    private static let tolerance = 2e-5

    /// Every operator of a backend, on shapes around what its kernels take at once. Throws what the backend could not do.
    package static func check(_ tested: any Backend, productTolerance: Double = 5e-5) throws(TensorError) -> [Finding] {
        var contract = BackendContract(tested, productTolerance)
        contract.elements()
        contract.decisions()
        contract.rows()
        contract.tables()
        contract.products()
        contract.attention()
        if let failure = tested.failure { throw failure }
        return contract.findings
    }

    private init(_ tested: any Backend, _ productTolerance: Double) {
        self.tested = tested
        self.productTolerance = productTolerance
    }

    var memory: (any FloatMemory)? { tested.memory }

    typealias Buffer = UnsafeMutablePointer<Float>

    func twin(_ count: Int, seed: UInt64, shift: Double = 0, scale: Double = 1) -> Twin {
        Twin(count, seed: seed, shift: shift, scale: scale, testedMemory: tested.memory)
    }

    /// Does the same on both sides; `pick` finds a side's numbers.
    func both(_ body: (_ backend: any Backend, _ pick: (Twin) -> Buffer) -> Void) {
        body(reference) { $0.reference.pointer }
        body(tested) { $0.tested.pointer }
        tested.finish()
    }

    mutating func compare(_ name: String, _ twins: Twin..., isProduct: Bool = false) {
        let errors = twins.map { twin in
            BackendContract.error(Array(twin.tested.floats), Array(twin.reference.floats))
        }
        note(name, errors, isProduct: isProduct)
    }

    mutating func note(_ name: String, _ errors: [Double], isProduct: Bool = false) {
        let error = errors.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, $1) }
        findings.append(
            Finding(
                check: name, error: error, tolerance: isProduct ? productTolerance : BackendContract.tolerance))
    }

    /// Largest difference as a share of the largest expected magnitude; NaN if one is no number, or the counts differ.
    package static func error(_ actual: [Float], _ expected: [Float]) -> Double {
        guard actual.count == expected.count else { return .nan }
        let scale = max(expected.reduce(0) { max($0, abs($1)) }, 1e-3)
        return zip(actual, expected).reduce(0.0) { largest, pair in
            let difference = Double(abs(pair.0 - pair.1) / scale)
            return difference.isNaN || largest.isNaN ? .nan : max(largest, difference)
        }
    }
}
