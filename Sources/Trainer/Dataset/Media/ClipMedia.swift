/// A clip's frames and sound in the form that tokenizers take.
struct ClipMedia: Sendable, Hashable {
    let side: Int
    /// RGB pixels of each frame.
    let frames: [[UInt8]]
    /// Mono samples in [-1, 1].
    let sound: [Float]

    /// The frame that the image and pseudo-depth modalities show.
    var middleFrame: [UInt8] { frames[frames.count / 2] }
    /// One value a pixel.
    var pseudoDepth: [UInt8] { PseudoDepth.estimate(middleFrame, side: side) }
}
