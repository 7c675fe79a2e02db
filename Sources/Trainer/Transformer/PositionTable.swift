import Glibc
import Tensor

/// Fixed one-dimensional positions, shared by all modalities: row p is [sin(p ω), cos(p ω)] with
/// ω_i = 10000^(-i / (dim / 2)).
struct PositionTable {
    let storage: FloatStorage

    init(length: Int, dim: Int) {
        storage = FloatStorage(count: length * dim)
        let half = dim / 2
        for position in 0..<length {
            for index in 0..<half {
                let angle = Double(position) * pow(10000, -Double(index) / Double(half))
                storage.floats[position * dim + index] = Float(sin(angle))
                storage.floats[position * dim + half + index] = Float(cos(angle))
            }
        }
    }
}
