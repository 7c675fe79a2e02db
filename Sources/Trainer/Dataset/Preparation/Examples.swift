import FoundationEssentials

/// Pictures and sounds that show what the tokenizers keep: each original beside what its tokens decode to.
enum Examples {
    static let count = 4

    static func write(
        _ clip: String, _ media: ClipMedia, tokens: [String: [Int32]], bundle: TokenizerBundle, to directory: String
    ) throws(DatasetError) {
        let side = media.side
        func image(_ pixels: [UInt8]) -> Image { Image(width: side, height: side, pixels: pixels) }
        var pictures = [image(media.middleFrame)]
        for name in ["image", TokenizerBundle.fineImage] {
            if let tokens = tokens[name] { pictures.append(try bundle.decodeImage(modality: name, tokens: tokens)) }
        }
        let depth = try bundle.decodeImage(modality: "pseudo-depth", tokens: tokens["pseudo-depth"] ?? [])
        let video = try bundle.decodeVideo(tokens: tokens["video"] ?? [])
        let sound = try bundle.decodeAudio(tokens: tokens["audio"] ?? [])
        let rate = bundle.format.sampleRate
        let files = [
            "\(clip).image.png": PNG.encode(.row(pictures)),
            "\(clip).pseudo-depth.png": PNG.encode(.row([TokenizerBundle.grey(media.pseudoDepth, side: side), depth])),
            "\(clip).video.png": PNG.encode(
                .row([image(media.frames[0]), video[0], image(media.frames[media.frames.count - 1])] + video.suffix(1))),
            "\(clip).original.wav": WAV.encode(media.sound, sampleRate: rate),
            "\(clip).decoded.wav": WAV.encode(sound, sampleRate: rate),
        ]
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(directory)/\(name)")) }
        } catch {
            throw DatasetError(.write, "\(directory) cannot be written: check the disk's space", detail: "\(error)")
        }
    }
}

extension Image {
    /// Pictures of equal height side by side.
    package static func row(_ images: [Image]) -> Image {
        let height = images.first?.height ?? 0
        var pixels: [UInt8] = []
        for line in 0..<height {
            for image in images { pixels += image.pixels[line * image.width * 3..<(line + 1) * image.width * 3] }
        }
        return Image(width: images.reduce(0) { $0 + $1.width }, height: height, pixels: pixels)
    }
}
