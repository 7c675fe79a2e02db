import Foundation
import SweepLaunchers
import Testing

@Suite("What Slurm's commands print, in text and in the JSON of several versions")
struct SlurmReadingTests {
    @Test(
        "Tasks of an array in each spelling",
        arguments: [
            ("4", [4]), ("[4-5%4]", [4, 5]), ("1,3,5-9:2%2", [1, 3, 5, 7, 9]), ("0-2", [0, 1, 2]), ("N/A", nil),
            ("", nil), ("5-3", nil), ("1-", nil), ("0-9999999999", nil), ("1,...", nil),
        ] as [(String, [Int]?)])
    func tasks(_ text: String, _ tasks: [Int]?) { #expect(SlurmJob.tasks(text) == tasks) }

    @Test(
        "States in each spelling",
        arguments: [
            (["RUNNING"], .running), (["R"], .running), (["CANCELLED by 1000"], .cancelled), (["CG"], .completing),
            (["CANCELLED", "COMPLETING"], .completing), (["COMPLETED"], .completed),
            (["PENDING", "REQUEUED"], .pending),
            (["REQUEUE_HOLD"], .pending), (["OUT_OF_MEMORY"], .outOfMemory), (["NODE_FAIL"], .nodeFail), (["?"], nil),
            ([], nil),
        ] as [([String], SlurmState?)])
    func states(_ words: [String], _ state: SlurmState?) { #expect(SlurmState(words: words) == state) }

    @Test("squeue: single jobs, tasks, and the waiting rest of an array")
    func squeue() {
        let jobs = SlurmText.squeue(
            """
            10_[2-3%2]|10|2-3%2|PENDING|JobArrayTaskLimit|a
            10_1|10|1|RUNNING|None|a
            7|7|N/A|FAILED|NonZeroExitCode|b | c
            slurm_load_jobs error: nonsense
            """)
        #expect(jobs.map(\.id) == ["10_2", "10_3", "10_1", "7"])
        #expect(jobs.map(\.state) == [.pending, .pending, .running, .failed])
        #expect(jobs.map(\.namedID) == ["a_2", "a_3", "a_1", "b | c"])
    }

    @Test("sacct: steps are passed over, tasks told apart, exit codes and signals read")
    func sacct() {
        let jobs = SlurmText.sacct(
            """
            1|acct|FAILED|3:0
            1.batch|batch|FAILED|3:0
            12_0|odd|name|CANCELLED by 0|0:15
            12_[1-2%1]|x|PENDING|0:0
            """)
        #expect(jobs.map(\.id) == ["1", "12_0", "12_1", "12_2"])
        #expect(jobs[0].exitCode == 3)
        #expect(jobs[1].state == .cancelled)
        #expect(jobs[1].signal == 15)
        #expect(jobs[1].name == "odd|name")
    }

    @Test("scontrol: the last task of an array has the array's own job id; comments imitate no field")
    func scontrol() {
        let jobs = SlurmText.scontrol(
            """
            JobId=2 ArrayJobId=1 ArrayTaskId=0 JobName=saga-x JobState=RUNNING Reason=None Restarts=3 ExitCode=0:0
            JobId=1 ArrayJobId=1 ArrayTaskId=2 JobName=saga-x JobState=FAILED Restarts=0 ExitCode=5:0 Comment=JobState=RUNNING
            JobId=9 JobName=b JobState=COMPLETING Reason=None Restarts=0 ExitCode=0:0
            No jobs in the system
            """)
        #expect(jobs.map(\.id) == ["1_0", "1_2", "9"])
        #expect(jobs.map(\.state) == [.running, .failed, .completing])
        #expect(jobs.map(\.restarts) == [3, 0, 0])
        #expect(jobs[1].exitCode == 5)
    }

    static let documents = [
        "squeue 22.05": """
        {"jobs": [
         {"job_id": 11, "array_job_id": 10, "array_task_id": 0, "array_task_string": "", "job_state": "FAILED",
          "state_reason": "NonZeroExitCode", "restart_cnt": 1, "exit_code": 768, "name": "n"},
         {"job_id": 10, "array_job_id": 10, "array_task_id": null, "array_task_string": "2-3%2",
          "job_state": "PENDING", "state_reason": "JobArrayTaskLimit", "restart_cnt": 0, "exit_code": 0, "name": "n"}]}
        """,
        "squeue 23.11": """
        {"jobs": [
         {"job_id": 11, "array_job_id": {"set": true, "infinite": false, "number": 10},
          "array_task_id": {"set": true, "infinite": false, "number": 0}, "array_task_string": "",
          "job_state": ["FAILED"], "state_reason": "NonZeroExitCode", "restart_cnt": 1, "name": "n",
          "exit_code": {"status": ["ERROR"], "return_code": {"set": true, "infinite": false, "number": 3},
           "signal": {"id": {"set": false, "infinite": false, "number": 0}, "name": ""}}},
         {"job_id": 10, "array_job_id": {"set": true, "infinite": false, "number": 10},
          "array_task_id": {"set": false, "infinite": false, "number": 0}, "array_task_string": "2-3%2",
          "job_state": ["PENDING"], "state_reason": "JobArrayTaskLimit", "restart_cnt": 0, "name": "n"}]}
        """,
        "sacct 23.11": """
        {"jobs": [
         {"job_id": 11, "array": {"job_id": 10, "task_id": {"set": true, "infinite": false, "number": 0}, "task": ""},
          "state": {"current": ["FAILED"], "reason": "NonZeroExitCode"}, "restart_cnt": 1, "name": "n",
          "exit_code": {"return_code": {"set": true, "infinite": false, "number": 3}}},
         {"job_id": 10, "array": {"job_id": 10, "task_id": {"set": false, "infinite": false, "number": 0},
          "task": "2-3"}, "state": {"current": ["PENDING"], "reason": "None"}, "name": "n"}]}
        """,
        "sacct 22.05": """
        {"jobs": [
         {"job_id": 11, "array": {"job_id": 10, "task_id": 0, "task": null}, "name": "n", "restart_cnt": 1,
          "state": {"current": "FAILED", "reason": "None"}, "exit_code": {"status": "ERROR", "return_code": 3}},
         {"job_id": 10, "array": {"job_id": 10, "task_id": null, "task": "2-3"}, "name": "n",
          "state": {"current": "PENDING", "reason": "None"}}]}
        """,
    ]

    @Test("JSON of each version says the same", arguments: documents.keys.sorted())
    func json(_ version: String) throws {
        let jobs = try #require(SlurmJSON.jobs(SlurmReadingTests.documents[version] ?? ""))
        #expect(jobs.map(\.id) == ["10_0", "10_2", "10_3"])
        #expect(jobs.map(\.state) == [.failed, .pending, .pending])
        #expect(jobs[0].exitCode == 3)
        #expect(jobs[0].restarts == 1)
        #expect(jobs[0].namedID == "n_0")
    }

    @Test("A job that is no array: its task 0 is not made up", arguments: ["0", #"{"set": true, "number": 0}"#])
    func single(_ array: String) throws {
        let text = #"{"jobs": [{"job_id": 5, "array_job_id": \#(array), "array_task_id": 0, "job_state": "RUNNING"}]}"#
        #expect(SlurmJSON.jobs(text)?.map(\.id) == ["5"])
    }

    @Test("What is no JSON is none", arguments: ["", "Slurm accounting storage is disabled", "[]", "{}"])
    func noJSON(_ text: String) { #expect(SlurmJSON.jobs(text) == nil) }
}
