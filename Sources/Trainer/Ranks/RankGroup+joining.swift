import Glibc
package import Tensor

extension RankGroup {
    /// Starts the other ranks on this machine and waits until they are there.
    package static func lead(
        ranks: Int, run: RankRun, lastResort: @escaping LastResort
    ) throws(RankError) -> RankGroup {
        let listener = try RankListener(isOpen: false)
        let meeting = RankMeeting(
            host: RankMeeting.hostName, addresses: [], port: listener.port, token: RankMeeting.newToken())
        let processes = try RankProcesses(ranks: ranks, meeting: meeting)
        do throws(RankError) {
            return try lead(
                ranks: ranks, run: run, at: listener, token: meeting.token, processes: processes,
                lastResort: lastResort)
        } catch {
            processes.end()
            throw error
        }
    }

    /// Waits for ranks that somebody else starts, and that find this one through a file.
    package static func lead(
        ranks: Int, run: RankRun, meetingAt path: String, patience: Duration = .seconds(120),
        lastResort: @escaping LastResort
    ) throws(RankError) -> RankGroup {
        let listener = try RankListener(isOpen: true)
        let meeting = RankMeeting(
            host: RankMeeting.hostName, addresses: RankListener.addresses(), port: listener.port,
            token: RankMeeting.newToken())
        try meeting.write(to: path)
        defer { unlink(path) }
        return try lead(
            ranks: ranks, run: run, at: listener, token: meeting.token, processes: nil, patience: patience,
            lastResort: lastResort)
    }

    private static func lead(
        ranks: Int, run: RankRun, at listener: RankListener, token: String, processes: RankProcesses?,
        patience: Duration = .seconds(120), lastResort: @escaping LastResort
    ) throws(RankError) -> RankGroup {
        let connections = try RankConnections(
            leading: ranks, at: listener, token: token, run: run, patience: patience
        ) { () throws(RankError) in try processes?.checkAlive() }
        return RankGroup(
            rank: 0, ranks: ranks, run: run, connections: connections, processes: processes, lastResort: lastResort)
    }

    /// Joins the first rank, which tells what the run is.
    package static func join(
        _ member: RankPlan.Member, patience: Duration = .seconds(120), lastResort: @escaping LastResort
    ) throws(RankError) -> RankGroup {
        let connections = try RankConnections(member: member, patience: patience) {
            switch member.meeting {
            case .told(let meeting): meeting
            case .file(let path): RankMeeting.read(from: path)
            }
        }
        guard let run = connections.run else {
            throw RankError(.unequalRanks, "rank 0 does not say what the run is; use one trainer for all ranks")
        }
        return RankGroup(
            rank: member.rank, ranks: member.ranks, run: run, connections: connections, processes: nil,
            lastResort: lastResort)
    }
}
