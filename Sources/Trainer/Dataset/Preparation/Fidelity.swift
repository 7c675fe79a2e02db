import Glibc

/// How near decoded eval clips come to their originals, summed over clips.
struct Fidelity: Sendable {
    private var squares: [String: Double] = [:]
    private var counts: [String: Int] = [:]
    private var melError = 0.0
    private var sounds = 0

    mutating func add(_ media: ClipMedia, tokens: [String: [Int32]], bundle: TokenizerBundle) {
        compare("image", media.middleFrame, bundle.image.decode(tokens["image"] ?? []))
        if let fine = bundle.fineImage {
            let name = TokenizerBundle.fineImage
            compare(name, media.middleFrame, fine.decode(tokens[name] ?? []))
        }
        compare("pseudo-depth", media.pseudoDepth, bundle.depth.decode(tokens["pseudo-depth"] ?? []))
        for (original, decoded) in zip(media.frames, bundle.video.decode(tokens["video"] ?? [])) {
            compare("video", original, decoded)
        }
        melError += bundle.audio.melError(media.sound, tokens: tokens["audio"] ?? [])
        sounds += 1
    }

    mutating func add(_ other: Fidelity) {
        squares.merge(other.squares, uniquingKeysWith: +)
        counts.merge(other.counts, uniquingKeysWith: +)
        melError += other.melError
        sounds += other.sounds
    }

    func quality(of modality: String) -> PreparationReport.Quality? {
        if modality == "audio" { return sounds > 0 ? .melError(melError / Double(sounds)) : nil }
        guard let square = squares[modality], let count = counts[modality], count > 0 else { return nil }
        return .psnr(10 * log10(255 * 255 / max(square / Double(count), 1e-9)))
    }

    private mutating func compare(_ modality: String, _ original: [UInt8], _ decoded: [UInt8]) {
        var sum = 0
        original.withUnsafeBufferPointer { original in
            decoded.withUnsafeBufferPointer { decoded in
                for index in 0..<min(original.count, decoded.count) {
                    let difference = Int(original[index]) - Int(decoded[index])
                    sum += difference * difference
                }
            }
        }
        squares[modality, default: 0] += Double(sum)
        counts[modality, default: 0] += original.count
    }
}
