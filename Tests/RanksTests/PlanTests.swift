import Experiment
import Tensor
import Testing

@testable import Ranks

@Suite("How a process takes part")
struct PlanTests {
    private static let home = SagaHome(path: "/home/saga")
    private static let step = [
        "SLURM_STEP_NUM_TASKS": "4", "SLURM_JOB_ID": "17", "SLURM_STEP_ID": "2", "SLURM_PROCID": "3",
        "SLURM_LOCALID": "1",
    ]

    private func plan(_ asked: Int?, _ environment: [String: String]) throws -> RankPlan {
        try RankPlan(asked: asked, environment: environment, home: PlanTests.home)
    }

    @Test("Alone unless told otherwise; what a person says counts most")
    func local() throws {
        #expect(try plan(nil, [:]) == .alone)
        #expect(try plan(nil, ["SAGA_RANKS": ""]) == .alone)
        #expect(try plan(nil, ["SAGA_RANKS": "4"]) == .leader(ranks: 4))
        #expect(try plan(2, ["SAGA_RANKS": "4"]) == .leader(ranks: 2))
        #expect(try plan(1, ["SAGA_RANKS": "4"]) == .alone)
    }

    @Test("A step of Slurm's makes ranks; a batch script, and a training of its own, do not")
    func slurm() throws {
        let member = RankPlan.Member(
            rank: 3, ranks: 4, localRank: 1, meeting: .file("/home/saga/cache/ranks/17.2.0.json"))
        #expect(try plan(nil, PlanTests.step) == .member(member))
        #expect(try plan(4, PlanTests.step) == .member(member))
        #expect(try plan(1, PlanTests.step) == .alone)
        var batch = PlanTests.step
        batch["SLURM_STEP_NUM_TASKS"] = nil
        batch["SLURM_NTASKS"] = "4"
        #expect(try plan(nil, batch) == .alone)
        var again = PlanTests.step
        again["SLURM_RESTART_COUNT"] = "1"
        guard case .member(let later) = try plan(nil, again) else { return #expect(Bool(false)) }
        #expect(later.meeting == .file("/home/saga/cache/ranks/17.2.1.json"), "another start meets elsewhere")
    }

    @Test(
        "What makes no sense is told with what to do",
        arguments: [
            (0, [:], "1 to 1024"), (5000, [:], "1 to 1024"), (nil, ["SAGA_RANKS": "two"], "SAGA_RANKS is 'two'"),
            (3, step, "srun has started 4; leave out --ranks"),
            (nil, ["SAGA_RANK": "1"], "unset it, and use --ranks"),
            (nil, step.merging(["SLURM_PROCID": "9"]) { $1 }, "--ranks 1"),
        ] as [(Int?, [String: String], String)])
    func nonsense(asked: Int?, environment: [String: String], words: String) {
        let error = #expect(throws: RankError.self) { try plan(asked, environment) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.isWorthRetrying == false)
    }
}
