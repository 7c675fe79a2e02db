/// Which of a run's segments are merged next; pure.
struct CompactionPlan {
    /// A segment as its list shows it.
    struct Segment: Sendable, Hashable {
        var attempt: Int32
        var first: Int64
        var count: Int
        var isSealed: Bool
    }

    /// Neighbours of one attempt that become as few full segments as they fill, and perhaps one more.
    struct Merge: Sendable, Hashable {
        var attempt: Int32
        var firsts: [Int64]
        /// Nothing will be added to the attempt: the rest is sealed too.
        var isLast: Bool
    }

    /// So many small segments are merged although they do not fill one: reading would be slow.
    static let manySegments = 64

    /// The next merge; nil when nothing is worth one. To be asked again after it: the rest is merged with what follows.
    ///
    /// `segments`: by attempt and first. `isOver(attempt)`: whether nothing more is expected of the attempt. `rowLimit`:
    /// rows that are merged at once.
    static func next(
        _ segments: [Segment], rowLimit: Int, isOver: (_ attempt: Int32) -> Bool
    ) -> Merge? {
        var start = 0
        while start < segments.count {
            guard !segments[start].isSealed else {
                start += 1
                continue
            }
            let attempt = segments[start].attempt
            var end = start
            var rows = 0
            while end < segments.count, segments[end].attempt == attempt, !segments[end].isSealed,
                end == start || rows < rowLimit
            {
                rows += segments[end].count
                end += 1
            }
            // With more of its neighbours to come it is not the last of the attempt, however it ends.
            let isWhole = end == segments.count || segments[end].attempt != attempt || segments[end].isSealed
            let isLast = isOver(attempt) && isWhole
            let isWorth = end - start > 1 && (rows >= SegmentEncoder.fullCount || end - start >= manySegments)
            if isLast || isWorth {
                return Merge(attempt: attempt, firsts: segments[start..<end].map(\.first), isLast: isLast)
            }
            start = end
        }
        return nil
    }
}
