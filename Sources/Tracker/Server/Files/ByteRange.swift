/// The part of a file that a request's `Range` asks for (RFC 9110, 14.1.2): one range of bytes.
struct ByteRange: Sendable, Hashable {
    let start: Int
    /// At least 1.
    let count: Int

    /// Nil for what is no such range, which is to be looked past, and for ranges outside the file.
    init?(_ header: String, size: Int) {
        guard header.hasPrefix("bytes=") else { return nil }
        let ends = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return nil }
        let (first, last) = (Int(ends[0]), Int(ends[1]))
        guard let start = first ?? last.map({ max(0, size - $0) }), start < size else { return nil }
        let end = first == nil ? size - 1 : min(last ?? size - 1, size - 1)
        guard end >= start else { return nil }
        self.start = start
        count = end - start + 1
    }

    /// The value of `Content-Range`.
    func description(of size: Int) -> String { "bytes \(start)-\(start + count - 1)/\(size)" }
}
