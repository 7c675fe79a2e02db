import Testing

@testable import Tensor

@Suite("Storage")
struct FloatStorageTests {
    @Test("is zero at first and where it is discarded, and keeps the rest; heap memory is not discarded")
    func discarding() {
        for (count, isMapped) in [(5000, false), (3_000_001, true)] {
            let storage = FloatStorage(count: count)
            #expect(storage.floats.allSatisfy { $0 == 0 })
            storage.keepSparse(100..<(count - 100))
            storage.floats.update(repeating: 1)
            // Neither end is that of a page.
            let range = 333..<(count - 777)
            #expect(storage.discard(range) == isMapped)
            #expect(
                storage.floats.indices.allSatisfy {
                    storage.floats[$0] == (isMapped && range.contains($0) ? 0 : 1)
                })
            #expect(!storage.discard(2..<3) && storage.floats[2] == 1)
        }
    }
}
