import Glibc
import Tensor

/// Loudness in dB by mel band and time, and the way back to sound.
struct MelSpectrogram: Sendable {
    static let bands = 80
    /// 0.02 s at 24 kHz.
    static let hop = 480
    private static let floorAmplitude: Float = 1e-4

    private let fourier = ShortTimeFourier(size: 1024, hop: MelSpectrogram.hop)
    /// bands x bins
    private let filters: Matrix
    /// bins x bands: the filters' pseudo-inverse
    private let inverseFilters: Matrix

    init(sampleRate: Int) throws(TensorError) {
        let filters = MelSpectrogram.triangles(bins: fourier.bins, sampleRate: sampleRate)
        // F+ = F^T (F F^T)^-1, the inverse by eigenvalues; those that are nearly 0 are left out.
        let gram = filters.times(filters, transposeOther: true)
        let (values, vectors) = try LinearAlgebra.symmetricEigen(gram.values, order: MelSpectrogram.bands)
        let rows = Matrix(rows: MelSpectrogram.bands, columns: MelSpectrogram.bands, values: vectors)
        var scaled = rows
        let least = (values.last ?? 1) * 1e-5
        for row in 0..<rows.rows {
            for column in 0..<rows.columns {
                scaled.values[row * rows.columns + column] *= values[row] > least ? 1 / values[row] : 0
            }
        }
        inverseFilters = filters.times(rows.times(scaled, transposeSelf: true), transposeSelf: true)
        self.filters = filters
    }

    /// `frames` x ``bands`` in dB, 0 dB being a sine of amplitude 1.
    func decibels(_ samples: [Float], frames: Int) -> Matrix {
        var mel = magnitudes(of: fourier.transform(samples, frames: frames)).times(filters, transposeOther: true)
        for index in mel.values.indices {
            mel.values[index] = 20 * log10(max(mel.values[index], MelSpectrogram.floorAmplitude))
        }
        return mel
    }

    /// Sound with this mel spectrogram; phases by the fast Griffin-Lim algorithm (Perraudin, Balazs, Sondergaard,
    /// 2013) from zero phase.
    func sound(_ decibels: Matrix, count: Int, iterations: Int) -> [Float] {
        var mel = decibels
        for index in mel.values.indices { mel.values[index] = pow(10, mel.values[index] / 20) }
        var target = mel.times(inverseFilters, transposeOther: true)
        for index in target.values.indices { target.values[index] = max(0, target.values[index]) }
        let bins = fourier.bins
        var phases = Matrix(rows: target.rows, columns: 2 * bins)
        for row in 0..<target.rows {
            for bin in 0..<bins { phases.values[row * 2 * bins + bin] = 1 }
        }
        var previous = Matrix(rows: target.rows, columns: 2 * bins)
        for _ in 0..<iterations {
            let spectra = withMagnitudes(target, phasesOf: phases)
            let consistent = fourier.transform(fourier.invert(spectra, count: count), frames: target.rows)
            for index in phases.values.indices {
                let value = consistent.values[index]
                phases.values[index] = value + 0.99 * (value - previous.values[index])
            }
            previous = consistent
        }
        return fourier.invert(withMagnitudes(target, phasesOf: phases), count: count)
    }

    private func magnitudes(of spectra: Matrix) -> Matrix {
        let bins = fourier.bins
        var result = Matrix(rows: spectra.rows, columns: bins)
        for row in 0..<spectra.rows {
            for bin in 0..<bins {
                let real = spectra.values[row * 2 * bins + bin]
                let imaginary = spectra.values[row * 2 * bins + bins + bin]
                result.values[row * bins + bin] = (real * real + imaginary * imaginary).squareRoot()
            }
        }
        return result
    }

    private func withMagnitudes(_ target: Matrix, phasesOf phases: Matrix) -> Matrix {
        let bins = fourier.bins
        let magnitudes = magnitudes(of: phases)
        var result = phases
        for row in 0..<target.rows {
            for bin in 0..<bins {
                let scale = target.values[row * bins + bin] / max(magnitudes.values[row * bins + bin], 1e-9)
                result.values[row * 2 * bins + bin] *= scale
                result.values[row * 2 * bins + bins + bin] *= scale
            }
        }
        return result
    }

    /// Triangles of height 1, evenly spaced on the mel scale 2595 log10(1 + f / 700) up to half the sample rate.
    private static func triangles(bins: Int, sampleRate: Int) -> Matrix {
        let top = 2595 * log10(1 + Double(sampleRate) / 2 / 700)
        let edges = (0..<bands + 2).map { 700 * (pow(10, top * Double($0) / Double(bands + 1) / 2595) - 1) }
        let step = Double(sampleRate) / 2 / Double(bins - 1)
        var filters = Matrix(rows: bands, columns: bins)
        for band in 0..<bands {
            // Low triangles are narrower than a bin: widen them to reach their neighbours.
            let low = min(edges[band], edges[band + 1] - step)
            let high = max(edges[band + 2], edges[band + 1] + step)
            for bin in 0..<bins {
                let frequency = Double(bin) * step
                let rise = (frequency - low) / (edges[band + 1] - low)
                let fall = (high - frequency) / (high - edges[band + 1])
                filters.values[band * bins + bin] = Float(max(0, min(rise, fall)))
            }
        }
        return filters
    }
}
