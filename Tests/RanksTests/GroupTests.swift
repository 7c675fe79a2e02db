import Experiment
import Foundation
import Synchronization
import Tensor
import Testing

@testable import Ranks

@Suite("Ranks that work together")
struct GroupTests {
    @Test("All hear what each says, sums are the same everywhere, and all know the run")
    func together() throws {
        let results = Company.run(3) { group in
            let storage = FloatStorage(count: 200_000)
            for index in 0..<storage.count { storage.floats[index] = 1 / Float(index + group.rank + 1) }
            group.beginSum(storage.pointer, count: 150_000)
            // Meanwhile others talk.
            let words = try group.exchange([UInt8](repeating: UInt8(group.rank), count: group.rank))
            let numbers = try group.sum([Double(group.rank), 0.5])
            group.beginSum(storage.pointer + 150_000, count: 50_000)
            try group.finishSums()
            group.close()
            return (words, numbers, Array(storage.floats), group.run.directory, group.run.attempt)
        }
        let ranks = try results.map { try $0.get() }
        for (words, numbers, sums, directory, attempt) in ranks {
            #expect(words == [[], [1], [2, 2]])
            #expect(numbers == [3, 1.5])
            #expect(sums.map(\.bitPattern) == ranks[0].2.map(\.bitPattern))
            #expect(directory == "/runs/one" && attempt == 3)
        }
        func part(_ index: Int, _ rank: Int) -> Float { 1 / Float(index + rank + 1) }
        let expected = (0..<200_000).map { (index: Int) -> Float in part(index, 0) + part(index, 1) + part(index, 2) }
        #expect(ranks[0].2 == expected)
    }

    @Test("A rank that fails tells the others why, whatever they wait for, and those that leave in order do not")
    func failure() throws {
        let results = Company.run(3) { group -> String in
            defer { group.close() }
            if group.rank == 1 {
                group.close(failure: RankError(.failedRank, "its disk is full", isWorthRetrying: true))
                return ""
            }
            let storage = FloatStorage(count: 10)
            if group.rank == 2 { group.beginSum(storage.pointer, count: 10) }
            let error = #expect(throws: RankError.self) {
                if group.rank == 2 { try group.finishSums() } else { _ = try group.exchange([]) }
            }
            #expect(error?.kind == .failedRank && error?.isWorthRetrying == true)
            return error?.description ?? ""
        }
        let sentences = try results.map { try $0.get() }
        #expect(sentences[0].hasPrefix("rank 1 (process "), "\(sentences)")
        #expect(sentences[0].hasSuffix(") has failed: its disk is full"), "\(sentences)")
        #expect(sentences[2].hasPrefix("rank 0 (on ") && sentences[2].hasSuffix("its disk is full"), "\(sentences)")
        // Leaving one after the other is no failure.
        let orderly = Company.run(3) { group -> RankError? in
            usleep(UInt32(group.rank) * 20_000)
            group.close()
            return group.failure
        }
        #expect(try orderly.allSatisfy { try $0.get() == nil })
    }

    @Test("Strangers at the door are not let in, and a second rank of a number is refused")
    func strangers() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/ranks.json"
        let results = Company.run(2, meeting: path) { group -> Int in
            defer { group.close() }
            _ = try group.exchange([])
            return group.rank
        }
        #expect(try results.map { try $0.get() } == [0, 1])
        #expect(!FileManager.default.fileExists(atPath: path), "the meeting is over")

        let listener = try RankListener(isOpen: false)
        let place = RankMeeting(host: RankMeeting.hostName, addresses: [], port: listener.port, token: "right")
        let refusals = Mutex<[String]>([])
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for (token, rank) in [("wrong", 1), ("right", 7), ("right", 1)] {
                var meeting = place
                meeting.token = token
                let member = RankPlan.Member(rank: rank, ranks: 2, localRank: rank, meeting: .told(meeting))
                let connections = Result {
                    try RankConnections(member: member, patience: .zero) { meeting }
                }
                switch connections {
                case .success: refusals.withLock { $0.append("none") }
                case .failure(let error): refusals.withLock { $0.append("\(error)") }
                }
            }
            done.signal()
        }
        let run = RankRun(id: .random(), directory: "/", attempt: 1)
        let connections = try RankConnections(
            leading: 2, at: listener, token: "right", run: run, patience: .seconds(20)
        ) { () throws(RankError) in }
        done.wait()
        #expect(connections.life.map(\.rank) == [1])
        let said = refusals.withLock { $0 }
        #expect(said.count == 3 && said[0].contains("was not found") && said[2] == "none", "\(said)")
        #expect(said.count > 1 && said[1].contains("there is no rank 7"), "\(said)")
    }

    @Test("Whoever does not come is named")
    func missing() throws {
        let listener = try RankListener(isOpen: false)
        let run = RankRun(id: .random(), directory: "/", attempt: 1)
        let error = #expect(throws: RankError.self) {
            _ = try RankConnections(leading: 3, at: listener, token: "x", run: run, patience: .zero) {
                () throws(RankError) in
            }
        }
        #expect(error?.description.hasPrefix("rank 1, 2 of 3 did not come within 0 s") == true)
        #expect(error?.isWorthRetrying == true)
    }
}
