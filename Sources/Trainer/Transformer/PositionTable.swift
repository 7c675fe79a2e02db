import Glibc
import Tensor

/// Fixed one-dimensional positions, shared by all modalities: row p is [sin(p ω), cos(p ω)] with
/// ω_i = 10000^(-i / (dim / 2)).
struct PositionTable {
    let storage: FloatStorage

    init(length: Int, dim: Int, memory: (any FloatMemory)? = nil) {
        storage = FloatStorage(count: length * dim, memory: memory)
        let half = dim / 2
        for index in 0..<half {
            let frequency = 1 / powf(10000, Float(index) / Float(half))
            for position in 0..<length {
                // In single precision, as the reference: far positions' angles are rounded, and must be alike.
                let angle = Float(position) * frequency
                storage.floats[position * dim + index] = sinf(angle)
                storage.floats[position * dim + half + index] = cosf(angle)
            }
        }
    }
}
