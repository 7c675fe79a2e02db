import Glibc
import Tensor

/// The short-time Fourier transform with a Hann window, as matrix products with a cosine and sine basis.
///
/// Frame t is centred on sample (t + 1/2) * hop; beyond its ends the sound is silent. Spectra are scaled so that a
/// sine of amplitude 1 has magnitude 1. Each row holds all real parts, then all imaginary parts.
struct ShortTimeFourier: Sendable {
    let size: Int
    let hop: Int
    private let window: [Float]
    private let forward: Matrix
    private let inverse: Matrix

    init(size: Int, hop: Int) {
        self.size = size
        self.hop = hop
        let bins = size / 2 + 1
        window = (0..<size).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(size))) }
        let cosines = (0..<size).map { Float(cos(2 * .pi * Double($0) / Double(size))) }
        let sines = (0..<size).map { Float(sin(2 * .pi * Double($0) / Double(size))) }
        var forward = Matrix(rows: size, columns: 2 * bins)
        var inverse = Matrix(rows: 2 * bins, columns: size)
        let scale = 4 / Float(size)
        for time in 0..<size {
            for bin in 0..<bins {
                let (c, s) = (cosines[time * bin % size], sines[time * bin % size])
                forward.values[time * 2 * bins + bin] = c * scale
                forward.values[time * 2 * bins + bins + bin] = -s * scale
                // Every bin but the first and the last stands for its mirror image too.
                let weight: Float = bin == 0 || bin == bins - 1 ? 0.25 : 0.5
                inverse.values[bin * size + time] = c * weight
                inverse.values[(bins + bin) * size + time] = -s * weight
            }
        }
        self.forward = forward
        self.inverse = inverse
    }

    var bins: Int { size / 2 + 1 }

    /// `frames` x `2 * bins`
    func transform(_ samples: [Float], frames: Int) -> Matrix {
        var cut = Matrix(rows: frames, columns: size)
        for frame in 0..<frames {
            let start = frame * hop + hop / 2 - size / 2
            for offset in max(0, -start)..<max(max(0, -start), min(size, samples.count - start)) {
                cut.values[frame * size + offset] = samples[start + offset] * window[offset]
            }
        }
        return cut.times(forward)
    }

    /// The sound whose transform is nearest to `spectra` (weighted overlap-add).
    func invert(_ spectra: Matrix, count: Int) -> [Float] {
        let pieces = spectra.times(inverse)
        var samples = [Float](repeating: 0, count: count)
        var weights = [Float](repeating: 1e-6, count: count)
        for frame in 0..<spectra.rows {
            let start = frame * hop + hop / 2 - size / 2
            for offset in max(0, -start)..<max(max(0, -start), min(size, count - start)) {
                samples[start + offset] += pieces.values[frame * size + offset] * window[offset]
                weights[start + offset] += window[offset] * window[offset]
            }
        }
        for index in samples.indices { samples[index] /= weights[index] }
        return samples
    }
}
