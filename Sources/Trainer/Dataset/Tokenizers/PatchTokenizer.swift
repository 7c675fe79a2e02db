import Tensor

/// Pictures as one token a patch.
struct PatchTokenizer: Sendable, Hashable {
    let grid: PatchGrid
    let quantizer: VectorQuantizer

    static let components = 48

    /// Fits on pictures of `side * side * channels` values each.
    static func fit(
        _ pictures: [[UInt8]], grid: PatchGrid, vocabulary: Int, seed: UInt64
    ) throws(TensorError) -> PatchTokenizer {
        // Cut only as many patches of each picture as the fit will read.
        let share = max(1, VectorQuantizer.fitRows / max(1, pictures.count))
        let samples = Matrix.stacked(pictures.map { grid.cut($0).thinned(to: share) })
        return PatchTokenizer(
            grid: grid,
            quantizer: try VectorQuantizer.fit(samples, components: components, vocabulary: vocabulary, seed: seed))
    }

    var length: Int { grid.count }

    func encode(_ picture: [UInt8]) -> [Int32] { quantizer.encode(grid.cut(picture)) }

    func decode(_ tokens: some Collection<Int32>) -> [UInt8] { grid.assemble(quantizer.decode(tokens)) }
}
