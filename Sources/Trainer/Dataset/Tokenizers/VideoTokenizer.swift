import Tensor

/// A short video as tokens of its first frame, then one token for what the other frames add at each patch.
///
/// The first frame uses the image tokenizer. A cube is the difference of the following frames from the decoded first
/// frame at one patch, projected on the image's components frame by frame, then quantised as one vector.
struct VideoTokenizer: Sendable, Hashable {
    let key: PatchTokenizer
    let motion: VectorQuantizer
    /// Frames in all, the first included.
    let frames: Int

    private static let components = 64

    static func fit(
        _ videos: [[[UInt8]]], key: PatchTokenizer, vocabulary: Int, seed: UInt64
    ) throws(TensorError) -> VideoTokenizer {
        let share = max(1, VectorQuantizer.fitRows / max(1, videos.count))
        let samples = Matrix.stacked(
            videos.map { video in
                cubes(video, decodedKey: key.quantizer.decode(key.encode(video[0])), key: key).thinned(to: share)
            })
        let motion = try VectorQuantizer.fit(samples, components: components, vocabulary: vocabulary, seed: seed)
        return VideoTokenizer(key: key, motion: motion, frames: videos.first?.count ?? 1)
    }

    var length: Int { 2 * key.length }
    var vocabularySize: Int { max(key.quantizer.vocabularySize, motion.vocabularySize) }

    func encode(_ video: [[UInt8]]) -> [Int32] {
        let first = key.encode(video[0])
        return first
            + motion.encode(VideoTokenizer.cubes(video, decodedKey: key.quantizer.decode(first), key: key))
    }

    func decode(_ tokens: [Int32]) -> [[UInt8]] {
        // Frames that the layout left out: the first of one patch everywhere, or nothing that moves.
        let first = key.quantizer.decode(ArraySlice(tokens.prefix(key.length).map { max(0, $0) }))
        var cubes = motion.decode(ArraySlice(tokens.suffix(key.length).map { max(0, $0) }))
        if tokens.last.map({ $0 < 0 }) ?? false { cubes = Matrix(rows: cubes.rows, columns: cubes.columns) }
        let basis = key.quantizer.components.basis
        return [key.grid.assemble(first)]
            + (0..<frames - 1).map { frame in
                let columns = Array(frame * basis.rows..<(frame + 1) * basis.rows)
                var patches = cubes.columnSlice(columns).times(basis)
                for index in patches.values.indices { patches.values[index] += first.values[index] }
                return key.grid.assemble(patches)
            }
    }

    /// One cube a row: the coefficients of each following frame's difference, frame after frame.
    private static func cubes(_ video: [[UInt8]], decodedKey: Matrix, key: PatchTokenizer) -> Matrix {
        let basis = key.quantizer.components.basis
        var result = Matrix(rows: key.length, columns: (video.count - 1) * basis.rows)
        let base = decodedKey.times(basis, transposeOther: true)
        for (frame, picture) in video.dropFirst().enumerated() {
            let coefficients = key.grid.cut(picture).times(basis, transposeOther: true)
            for row in 0..<key.length {
                for column in 0..<basis.rows {
                    let source = row * basis.rows + column
                    result.values[row * result.columns + frame * basis.rows + column] =
                        coefficients.values[source] - base.values[source]
                }
            }
        }
        return result
    }
}
