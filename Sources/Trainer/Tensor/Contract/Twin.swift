/// The same numbers in the memory of two backends: the reference and the one that is tested.
package struct Twin {
    package let reference: FloatStorage
    package let tested: FloatStorage

    package init(reference: FloatStorage, tested: FloatStorage) {
        self.reference = reference
        self.tested = tested
    }

    /// `count` random values, all different; those of the tested side in `memory`.
    package init(
        _ count: Int, seed: UInt64, shift: Double = 0, scale: Double = 1, testedMemory memory: (any FloatMemory)?
    ) {
        self.init(reference: FloatStorage(count: count), tested: FloatStorage(count: count, memory: memory))
        var generator = Xoshiro256(seed: seed)
        for index in 0..<count {
            let value = Float(generator.normal() * scale + shift)
            (reference.floats[index], tested.floats[index]) = (value, value)
        }
    }
}
