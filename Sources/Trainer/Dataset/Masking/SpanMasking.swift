/// Chooses a run of neighbouring frames as inputs and the run after it as targets, in place of random positions: among
/// these a decoder can copy from the frame beside, which random masking of sound rewards.
struct SpanMasking: Sendable, Hashable {
    /// Positions of each frame, the coarsest codebook first; frames are in the order of time.
    let frames: [[Int]]

    /// Both runs begin with a whole frame; the last frame of each holds as many of its coarse codebooks as the budget
    /// leaves. Where both do not fit, targets give way first, and each keeps at least one frame.
    ///
    /// - Returns: nil where one frame would have to hold both.
    func choose(
        inputs: Int, targets: Int, using generator: inout some RandomNumberGenerator
    ) -> (inputs: [Int], targets: [Int])? {
        let size = frames.first?.count ?? 1
        var shown = (inputs + size - 1) / size
        var asked = (targets + size - 1) / size
        guard frames.count > 1 || shown == 0 || asked == 0 else { return nil }
        shown = min(shown, frames.count - min(1, asked))
        asked = min(asked, frames.count - shown)
        let start = Int.random(in: 0...(frames.count - shown - asked), using: &generator)
        return (
            Array(frames[start..<start + shown].joined().prefix(inputs)),
            Array(frames[start + shown..<start + shown + asked].joined().prefix(targets))
        )
    }
}
