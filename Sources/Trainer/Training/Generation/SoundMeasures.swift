/// What can be said of a sound without hearing it: whether it is silent, and how much of it is clipped.
package struct SoundMeasures: Sendable, Hashable {
    /// Below this root mean square (-60 dBFS) a sound counts as blank.
    package static let blankLoudness = 0.001
    /// At or beyond this amplitude a sample counts as clipped.
    package static let clippedAmplitude: Float = 0.999

    /// Root mean square, 1 for a full-scale square wave.
    package let loudness: Double
    /// Share of clipped samples.
    package let saturation: Double

    package var isBlank: Bool { loudness < SoundMeasures.blankLoudness }

    /// - Parameter samples: amplitudes from -1 to 1.
    package init(samples: [Float]) {
        var squares = 0.0
        var clipped = 0
        for sample in samples {
            squares += Double(sample) * Double(sample)
            if abs(sample) >= SoundMeasures.clippedAmplitude { clipped += 1 }
        }
        let count = Double(max(1, samples.count))
        loudness = (squares / count).squareRoot()
        saturation = Double(clipped) / count
    }
}
