import Testing

@testable import Tensor

/// What `trainer verify --backend` runs where there is no Swift; scripts/gpu-check runs all of it.
@Suite("The contract of backends in the trainer itself")
struct BackendContractTests {
    @Test("It compares numbers: what is off, missing or no number is found")
    func errors() {
        #expect(BackendContract.error([1, 2.5], [1, 2]) == 0.25)
        #expect(BackendContract.error([1, .nan], [1, 2]).isNaN)
        #expect(BackendContract.error([1], [1, 2]).isNaN)
        #expect(!BackendContract.Finding(check: "x", error: .nan, tolerance: 1).passes)
    }
}
