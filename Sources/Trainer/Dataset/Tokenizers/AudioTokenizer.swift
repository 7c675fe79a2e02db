import Tensor

/// Sound as several tokens for each 80 ms: the log-mel spectrogram's principal components, dealt out to codebooks of
/// equal variance (product quantisation). Tokens lie codebook by codebook, the coarsest first.
struct AudioTokenizer: Sendable {
    static let components = 128
    /// Mel frames in a token's frame: 80 ms.
    static let hopsPerFrame = 4
    private static let griffinLimIterations = 32

    let sampleRate: Int
    /// Samples of a clip.
    let sampleCount: Int
    let principal: PrincipalComponents
    /// Which codebook each component belongs to.
    let codebookOfComponent: [Int]
    /// Centres of each codebook over its components, in ascending order of component.
    let codebooks: [Matrix]
    private let mel: MelSpectrogram

    init(
        sampleRate: Int, sampleCount: Int, principal: PrincipalComponents, codebookOfComponent: [Int],
        codebooks: [Matrix]
    ) throws(TensorError) {
        self.sampleRate = sampleRate
        self.sampleCount = sampleCount
        self.principal = principal
        self.codebookOfComponent = codebookOfComponent
        self.codebooks = codebooks
        mel = try MelSpectrogram(sampleRate: sampleRate)
    }

    static func fit(
        _ sounds: [[Float]], sampleRate: Int, codebooks count: Int, vocabulary: Int, seed: UInt64
    ) throws(TensorError) -> AudioTokenizer {
        let sampleCount = sounds.first?.count ?? 0
        let mel = try MelSpectrogram(sampleRate: sampleRate)
        let samples = Matrix.stacked(sounds.map { frames(of: $0, mel: mel) }).thinned(to: VectorQuantizer.fitRows)
        let principal = try PrincipalComponents.fit(samples, components: max(components, count))
        let projected = principal.project(samples)
        let owner = deal(principal.variances, among: count)
        let codebooks = (0..<count).map { codebook in
            let chosen = owner.indices.filter { owner[$0] == codebook }
            return KMeans.fit(projected.columnSlice(chosen), count: vocabulary, seed: seed &+ UInt64(codebook))
        }
        return try AudioTokenizer(
            sampleRate: sampleRate, sampleCount: sampleCount, principal: principal, codebookOfComponent: owner,
            codebooks: codebooks)
    }

    /// Gives each component, strongest first, to the codebook that has least variance so far; codebooks are then
    /// numbered by falling variance.
    private static func deal(_ variances: [Float], among count: Int) -> [Int] {
        var sums = [Float](repeating: 0, count: count)
        var sizes = [Int](repeating: 0, count: count)
        let owner = variances.map { variance in
            // An empty codebook first: every codebook needs a component even where variances are 0.
            let least = sums.indices.min { (sizes[$0] > 0 ? 1 : 0, sums[$0]) < (sizes[$1] > 0 ? 1 : 0, sums[$1]) } ?? 0
            sums[least] += variance
            sizes[least] += 1
            return least
        }
        let order = sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }
        return owner.map { order.firstIndex(of: $0) ?? 0 }
    }

    private static func frameCount(_ samples: Int) -> Int {
        (samples + hopsPerFrame * MelSpectrogram.hop - 1) / (hopsPerFrame * MelSpectrogram.hop)
    }

    /// 80 ms a row: mel bands of one hop after the other.
    private static func frames(of sound: [Float], mel: MelSpectrogram) -> Matrix {
        let count = frameCount(sound.count)
        let decibels = mel.decibels(sound, frames: count * hopsPerFrame)
        return Matrix(rows: count, columns: hopsPerFrame * MelSpectrogram.bands, values: decibels.values)
    }

    var frameCount: Int { AudioTokenizer.frameCount(sampleCount) }
    var length: Int { codebooks.count * frameCount }
    var vocabularySize: Int { codebooks.first?.rows ?? 0 }

    func encode(_ sound: [Float]) -> [Int32] {
        let projected = principal.project(AudioTokenizer.frames(of: sound, mel: mel))
        return codebooks.indices.flatMap { codebook in
            KMeans.nearest(projected.columnSlice(columns(of: codebook)), centres: codebooks[codebook])
        }
    }

    func decode(_ tokens: [Int32]) -> [Float] {
        let decibels = spectrogram(tokens)
        let hops = Matrix(
            rows: decibels.rows * AudioTokenizer.hopsPerFrame, columns: MelSpectrogram.bands, values: decibels.values)
        return mel.sound(hops, count: sampleCount, iterations: AudioTokenizer.griffinLimIterations)
    }

    /// Mean absolute difference, in dB, between a sound's mel spectrogram and that of its tokens.
    func melError(_ sound: [Float], tokens: [Int32]) -> Double {
        let original = AudioTokenizer.frames(of: sound, mel: mel)
        let decoded = spectrogram(tokens)
        let sum = zip(original.values, decoded.values).reduce(0) { $0 + Double(abs($1.0 - $1.1)) }
        return sum / Double(max(1, original.values.count))
    }

    private func spectrogram(_ tokens: [Int32]) -> Matrix {
        var coefficients = Matrix(rows: frameCount, columns: principal.basis.rows)
        for (codebook, centres) in codebooks.enumerated() {
            for (place, component) in columns(of: codebook).enumerated() {
                for frame in 0..<frameCount {
                    let token = Int(tokens[codebook * frameCount + frame])
                    // A codebook that the layout left out: its components keep their mean.
                    guard token >= 0 else { continue }
                    coefficients.values[frame * coefficients.columns + component] =
                        centres.values[token * centres.columns + place]
                }
            }
        }
        return principal.reconstruct(coefficients)
    }

    private func columns(of codebook: Int) -> [Int] {
        codebookOfComponent.indices.filter { codebookOfComponent[$0] == codebook }
    }
}
