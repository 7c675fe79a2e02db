/// Overlapping windows of the film Big Buck Bunny, split by time and labelled by scene.
struct FilmSource: ClipSource {
    let cache: FilmCache
    /// Seconds between the starts of neighbouring windows.
    let stride: Double

    var name: String { "film" }
    var credit: String {
        "Big Buck Bunny, (c) 2008 Blender Foundation, www.bigbuckbunny.org, CC-BY 3.0 (from the moviepy source package)"
    }
    var options: [String: String] { ["stride": "\(stride)", "film": FilmCache.filmHash] }

    /// Titles before and credits after are left out.
    static let usable = 8.0...480.0
    private static let windowSeconds = 5.0
    /// Each minute: train material, a gap, eval material, a gap, in seconds.
    private static let (trainSeconds, gapSeconds, evalSeconds) = (47.5, 0.5, 11.5)
    private static let shortestScene = 12.0

    func clips() async throws(DatasetError) -> [Clip] {
        let film = try await cache.film()
        let scenes = FilmSource.merged(try await cache.sceneCuts())
        return FilmSource.windows(stride: stride).map { start, split in
            let middle = start + FilmSource.windowSeconds / 2
            let scene = scenes.lastIndex { $0 <= middle } ?? 0
            let tenths = String(Int((start * 10).rounded()))
            return Clip(
                id: "bbb_\(String(repeating: "0", count: max(0, 5 - tenths.count)))\(tenths)", video: film, audio: film,
                start: start, duration: FilmSource.windowSeconds,
                label: scene < 9 ? "scene 0\(scene + 1)" : "scene \(scene + 1)", split: split)
        }
    }

    /// Starts of all windows; those that would cross from train into eval material are left out.
    static func windows(stride: Double) -> [(start: Double, split: Split)] {
        let period = trainSeconds + evalSeconds + 2 * gapSeconds
        let count = Int((usable.upperBound - windowSeconds - usable.lowerBound) / stride) + 1
        return (0..<count).compactMap { index in
            let start = usable.lowerBound + Double(index) * stride
            let place = (start - usable.lowerBound).truncatingRemainder(dividingBy: period)
            if place + windowSeconds <= trainSeconds { return (start, .train) }
            let evalStart = trainSeconds + gapSeconds
            return place >= evalStart && place + windowSeconds <= evalStart + evalSeconds ? (start, .eval) : nil
        }
    }

    /// Starts of scenes, the first at 0: cuts that come too soon after the last one are ignored.
    static func merged(_ cuts: [Double]) -> [Double] {
        cuts.sorted().reduce(into: [0]) { scenes, cut in
            if cut - (scenes.last ?? 0) >= shortestScene { scenes.append(cut) }
        }
    }
}
