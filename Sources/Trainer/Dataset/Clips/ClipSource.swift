/// Something that gives clips; each kind fetches or makes its files where they are missing.
protocol ClipSource: Sendable {
    /// `film`, `folder` or `synthetic`.
    var name: String { get }
    /// Who made the material and under what licence.
    var credit: String { get }
    /// What decides which clips there are, for the token set's provenance.
    var options: [String: String] { get }

    /// All clips in a fixed order. Throws ``DatasetError``.
    func clips() async throws(DatasetError) -> [Clip]
}

extension Clip {
    /// At most `limit` clips, evenly spread over each split so that both keep their share.
    static func limited(_ clips: [Clip], to limit: Int?) -> [Clip] {
        guard let limit, limit < clips.count else { return clips }
        let eval = clips.filter { $0.split == .eval }
        let train = clips.filter { $0.split == .train }
        let evalCount = eval.isEmpty ? 0 : max(1, limit * eval.count / clips.count)
        return spread(train, over: limit - evalCount) + spread(eval, over: evalCount)
    }

    private static func spread(_ clips: [Clip], over count: Int) -> [Clip] {
        guard count < clips.count else { return clips }
        return (0..<max(0, count)).map { clips[$0 * clips.count / count] }
    }
}
