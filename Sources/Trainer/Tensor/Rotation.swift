import Glibc

/// The angles by which rotary position embedding turns pairs of a head's elements: p / base^(i / half) at position p.
package final class Rotation {
    /// Pairs of a vector: element i is turned with element i + half.
    package let half: Int
    /// [positions, half]
    package let cosines: FloatStorage
    package let sines: FloatStorage

    package init(positions: Int, headDim: Int, base: Float = 10_000, memory: (any FloatMemory)? = nil) {
        half = headDim / 2
        cosines = FloatStorage(count: positions * half, memory: memory)
        sines = FloatStorage(count: positions * half, memory: memory)
        for index in 0..<half {
            let frequency = 1 / powf(base, Float(index) / Float(half))
            for position in 0..<positions {
                // In single precision, as PyTorch computes it.
                let angle = Float(position) * frequency
                cosines.floats[position * half + index] = cosf(angle)
                sines.floats[position * half + index] = sinf(angle)
            }
        }
    }
}
