/// The shape that every clip is brought to; the report's by default.
package struct MediaFormat: Sendable, Hashable, Codable {
    /// Edge of the square frames in pixels.
    package var side = 256
    package var frames = 9
    /// Time between frames in milliseconds.
    package var frameSpacing = 70
    /// Seconds of sound; a shorter clip is followed by silence.
    package var audioSeconds = 5
    package var sampleRate = 24_000

    package init() {}

    var sampleCount: Int { audioSeconds * sampleRate }
    /// Seconds between the first and the last frame.
    var frameSpan: Double { Double((frames - 1) * frameSpacing) / 1000 }
    var bytesPerFrame: Int { side * side * 3 }
}
