package import Experiment
import FoundationEssentials
import Tensor

/// What a rank says first on each of its connections to the first rank.
struct RankHello: Codable, Sendable, Hashable {
    /// What a connection is for.
    enum Purpose: String, Codable, Sendable, CaseIterable {
        /// Small messages that all ranks wait for.
        case talk
        /// Sums of gradients, which go on while others talk.
        case sums
        /// Nothing but the last word: a connection that ends without one tells of a rank that has died.
        case life
    }

    var token: String
    var rank: Int
    var ranks: Int
    var purpose: Purpose
    var host: String
    var pid: Int32
}

/// What the first rank answers.
struct RankWelcome: Codable, Sendable, Hashable {
    /// Why it will not have the other; nil if it will.
    var refusal: String?
    var run: RankRun?
}

/// The run that all ranks work at.
package struct RankRun: Codable, Sendable, Hashable {
    package var id: RunID
    /// Absolute.
    package var directory: String
    package var attempt: Int

    package init(id: RunID, directory: String, attempt: Int) {
        self.id = id
        self.directory = directory
        self.attempt = attempt
    }
}

extension RankSocket {
    func send(_ value: some Encodable) throws(RankError) {
        guard let data = try? JSONCoding.encode(value) else {
            throw RankError(.collectiveFailed, "a message to \(peer) cannot be written down")
        }
        try send(message: [UInt8](data))
    }

    func receive<Value: Decodable>(_ type: Value.Type) throws(RankError) -> Value {
        let message = try receiveMessage()
        guard let value = try? JSONCoding.decode(type, from: .init(message)) else {
            throw RankError(
                .unequalRanks, "\(peer) does not speak as a rank of this version does; use one trainer for all")
        }
        return value
    }
}
