/// One row of a benchmark's table.
package struct Figure: Codable, Sendable {
    package enum Direction: String, Codable, Sendable {
        case lower, higher
    }

    package var name: String
    package var unit: String
    package var better: Direction
    package var ours: Double
    /// What the issue asks for.
    package var aim: Double?
    /// The peer's figure of the same run.
    package var peer: Double?
    /// A bare COPY of the same rows.
    package var copy: Double?

    package init(
        name: String, unit: String, better: Direction, ours: Double, aim: Double? = nil, peer: Double? = nil,
        copy: Double? = nil
    ) {
        self.name = name
        self.unit = unit
        self.better = better
        self.ours = ours
        self.aim = aim
        self.peer = peer
        self.copy = copy
    }

    /// How many times better than the peer.
    package var ratio: Double? {
        peer.map { better == .lower ? $0 / ours : ours / $0 }
    }

    package var meetsAim: Bool? {
        aim.map { better == .lower ? ours <= $0 : ours >= $0 }
    }
}
