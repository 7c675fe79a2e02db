/// The processes, called ranks, that train one model together, and how they tell each other what they have.
///
/// All ranks call the same methods in the same order; each waits for the others. What comes out is the same on all of
/// them to the bit, so that models which were equal stay so.
package protocol Communicator: AnyObject {
    /// Of this process, from 0 on.
    var rank: Int { get }
    /// How many there are.
    var ranks: Int { get }

    /// What every rank gave, in the order of ranks.
    func exchange(_ bytes: [UInt8]) throws(RankError) -> [[UInt8]]
    /// Begins to replace these floats, which a backend gave a ``Backend/place(of:)``, by their sum over all ranks, once
    /// what the backend was asked for until then is done. They must be left alone until ``finishSums()``.
    func beginSum(_ values: UnsafeMutablePointer<Float>, count: Int)
    /// The sums are what the backend's next work will find.
    func finishSums() throws(RankError)
}

extension Communicator {
    /// The numbers of every rank, in the order of ranks.
    package func gather(_ values: [Double]) throws(RankError) -> [[Double]] {
        guard ranks > 1 else { return [values] }
        let bytes = values.withUnsafeBytes { Array($0) }
        return try exchange(bytes).map { bytes in
            bytes.withUnsafeBytes { all in
                (0..<all.count / 8).map { all.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
            }
        }
    }

    /// The numbers of all ranks added up, in the order of ranks.
    package func sum(_ values: [Double]) throws(RankError) -> [Double] {
        let all = try gather(values)
        return all.dropFirst().reduce(all.first ?? values) { sums, more in zip(sums, more).map { $0 + $1 } }
    }
}

/// A training in one process.
package final class SoloCommunicator: Communicator {
    package let rank = 0
    package let ranks = 1

    package init() {}

    package func exchange(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
    package func beginSum(_ values: UnsafeMutablePointer<Float>, count: Int) {}
    package func finishSums() {}
}
