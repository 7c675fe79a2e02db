/// One modality's sequences as a model sees them: some of the stored tokens, in some order.
package struct TokenView: Sendable, Hashable {
    /// In ``restore(_:)``, a position that the view leaves out.
    package static let absent: Int32 = -1

    package let stored: ModalityInfo
    /// Place of each of the view's tokens in the stored sequence.
    package let places: [Int]

    package init(of stored: ModalityInfo, places: [Int]) {
        self.stored = stored
        self.places = places
    }

    package var info: ModalityInfo {
        ModalityInfo(name: stored.name, length: places.count, vocabularySize: stored.vocabularySize)
    }

    package func view(_ tokens: ArraySlice<Int32>) -> [Int32] { places.map { tokens[tokens.startIndex + $0] } }

    /// The stored sequence, ``absent`` where the view has nothing.
    package func restore(_ tokens: [Int32]) -> [Int32] {
        var restored = [Int32](repeating: TokenView.absent, count: stored.length)
        for (place, token) in zip(places, tokens) { restored[place] = token }
        return restored
    }
}

extension TokenView {
    /// Audio's grid, stored codebook by codebook: the first `kept` codebooks, in the order of `delayed` or as stored.
    ///
    /// MusicGen fills the corners that its delay leaves empty with a special token; here they are left out, so that
    /// every position is a token of the clip and the inverse needs no rule.
    static func audio(_ stored: ModalityInfo, codebooks: Int, kept: Int, delayed: Bool) -> TokenView {
        let frames = stored.length / codebooks
        guard delayed else { return TokenView(of: stored, places: Array(0..<kept * frames)) }
        let places = (0..<frames + kept - 1).flatMap { step in
            (max(0, step - frames + 1)..<min(kept, step + 1)).map { $0 * frames + step - $0 }
        }
        return TokenView(of: stored, places: places)
    }

    /// Where the tokens of each of audio's frames are in the view, the coarsest codebook first.
    func audioFrames(codebooks: Int) -> [[Int]] {
        let count = stored.length / codebooks
        var frames = [[(codebook: Int, position: Int)]](repeating: [], count: count)
        for (position, place) in places.enumerated() { frames[place % count].append((place / count, position)) }
        return frames.map { frame in frame.sorted { $0.codebook < $1.codebook }.map(\.position) }
    }

    /// Positions of the view that an autoregressive pass may decode together: those of one step of the delay.
    func audioSteps(codebooks: Int) -> [[Int32]] {
        let count = stored.length / codebooks
        var steps: [[Int32]] = []
        var last = -1
        for (position, place) in places.enumerated() {
            let step = place % count + place / count
            if step != last { steps.append([]) }
            steps[steps.count - 1].append(Int32(position))
            last = step
        }
        return steps
    }
}
