import Experiment
import Glibc
import Tensor

/// A rank's connections: to all others if it is the first, else to the first.
struct RankConnections {
    var talk: [RankSocket] = []
    var sums: [RankSocket] = []
    var life: [RankWatch.Life] = []

    /// Waits at the first rank's door until all others have come. `look` is called meanwhile, and throws what makes
    /// waiting useless.
    init(
        leading ranks: Int, at listener: RankListener, token: String, run: RankRun, patience: Duration,
        look: () throws(RankError) -> Void
    ) throws(RankError) {
        var found: [RankHello.Purpose: [Int: RankSocket]] = [:]
        let deadline = ContinuousClock.now + patience
        while RankHello.Purpose.allCases.contains(where: { found[$0, default: [:]].count < ranks - 1 }) {
            try look()
            guard ContinuousClock.now < deadline else {
                let missing = (1..<ranks).filter { rank in
                    RankHello.Purpose.allCases.contains { found[$0]?[rank] == nil }
                }
                throw RankError(
                    .missingRank,
                    "rank \(missing.map(String.init).joined(separator: ", ")) of \(ranks) did not come within "
                        + "\(patience.components.seconds) s; look at its output, and start all ranks with one SAGA_HOME"
                )
            }
            guard let descriptor = listener.accept(milliseconds: 100) else { continue }
            let visitor = RankSocket(descriptor: descriptor, peer: "whoever has connected")
            visitor.setPatience(seconds: 5)
            // Scanners and strangers knock too.
            guard let hello = try? visitor.receive(RankHello.self), hello.token == token else { continue }
            let refusal: String? =
                hello.ranks != ranks
                ? "it counts \(hello.ranks) ranks where the first counts \(ranks)"
                : !(1..<ranks).contains(hello.rank)
                    ? "there is no rank \(hello.rank)"
                    : found[hello.purpose]?[hello.rank] != nil ? "there is a rank \(hello.rank) already" : nil
            try? visitor.send(RankWelcome(refusal: refusal, run: run))
            guard refusal == nil else { continue }
            let socket = RankSocket(
                descriptor: fcntl(descriptor, F_DUPFD_CLOEXEC, 0),
                peer: "rank \(hello.rank) (process \(hello.pid) on \(hello.host))")
            socket.setPatience(seconds: 0)
            found[hello.purpose, default: [:]][hello.rank] = socket
        }
        for rank in 1..<ranks {
            guard let talk = found[.talk]?[rank], let sums = found[.sums]?[rank], let life = found[.life]?[rank]
            else { continue }
            self.talk.append(talk)
            self.sums.append(sums)
            self.life.append(.init(rank: rank, socket: life))
        }
    }

    /// Goes to where the first rank waits, which `meeting` tells, sooner or later.
    init(
        member: RankPlan.Member, patience: Duration, meeting: () -> RankMeeting?
    ) throws(RankError) {
        let deadline = ContinuousClock.now + patience
        while true {
            if let place = meeting(), let made = try RankConnections.greeted(place, member) {
                self = made
                return
            }
            guard ContinuousClock.now < deadline else {
                throw RankError(
                    .missingRank,
                    "the first rank was not found within \(patience.components.seconds) s; look at its output, and start "
                        + "all ranks with one SAGA_HOME, on machines that reach each other")
            }
            usleep(100_000)
        }
    }

    /// The run, as the first rank has told it.
    private(set) var run: RankRun?

    private init() {}

    /// Nil where nobody answers, as at the address of a first rank that is gone.
    private static func greeted(
        _ meeting: RankMeeting, _ member: RankPlan.Member
    ) throws(RankError) -> RankConnections? {
        let addresses = meeting.host == RankMeeting.hostName ? ["127.0.0.1"] : meeting.addresses
        for address in addresses {
            var connections = RankConnections()
            for purpose in RankHello.Purpose.allCases {
                guard let descriptor = RankListener.connect(to: address, port: meeting.port) else { break }
                let socket = RankSocket(descriptor: descriptor, peer: "rank 0 (on \(meeting.host))")
                socket.setPatience(seconds: 30)
                let hello = RankHello(
                    token: meeting.token, rank: member.rank, ranks: member.ranks, purpose: purpose,
                    host: RankMeeting.hostName, pid: getpid())
                guard (try? socket.send(hello)) != nil, let welcome = try? socket.receive(RankWelcome.self) else {
                    break
                }
                if let refusal = welcome.refusal {
                    throw RankError(
                        .invalidRanks, "rank 0 will not have rank \(member.rank): \(refusal); start all ranks at once")
                }
                socket.setPatience(seconds: 0)
                connections.run = welcome.run
                switch purpose {
                case .talk: connections.talk = [socket]
                case .sums: connections.sums = [socket]
                case .life: connections.life = [.init(rank: 0, socket: socket)]
                }
            }
            if !connections.life.isEmpty { return connections }
        }
        return nil
    }
}
