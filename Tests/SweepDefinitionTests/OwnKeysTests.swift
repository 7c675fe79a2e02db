import Experiment
import SweepDefinition
import Testing

@Suite("Keys beside W&B's")
struct OwnKeysTests {
    private func definition(_ rest: String) throws -> Definition {
        try Definition(text: "method: grid\nparameters: {dim: {values: [32, 64]}}\n\(rest)", file: "s.yaml")
    }

    @Test("Seeds become the parameter 'seed'", arguments: [("3", [0, 1, 2]), ("[7, 11]", [7, 11])])
    func seeds(text: String, expected: [Int64]) throws {
        let seed = try definition("seeds: \(text)").parameters.last
        #expect(seed?.name == "seed")
        guard case .distribution(let distribution)? = seed?.content else { return }
        #expect(distribution.values.map(\.value) == expected.map { .int($0) })
    }

    @Test("A preset's name stands for its value; a structure keeps the name")
    func presets() throws {
        let definition = try Definition(
            text: """
                method: grid
                parameters: {masking: {values: [uniform, report]}, subset: {values: [pair, joint]}}
                presets:
                  masking: {report: {strategy: dirichlet, alphas: {image: 1}}}
                  subset: {pair: image+audio}
                """, file: "s.yaml")
        let values = definition.parameters.map { parameter -> [JSONValue] in
            if case .distribution(let distribution) = parameter.content { distribution.values.map(\.value) } else { [] }
        }
        #expect(
            values == [
                [
                    .string("uniform"),
                    .object([
                        "name": .string("report"), "strategy": .string("dirichlet"),
                        "alphas": .object(["image": .int(1)]),
                    ]),
                ],
                [.string("image+audio"), .string("joint")],
            ])
    }

    @Test("Resources have units; a stage's own replace the sweep's")
    func resources() throws {
        let definition = try definition(
            """
            resources: {gpus: 1, gpu_memory: 16GB, cpus: 4, memory: 1.5 GiB, time: 90m}
            stages: [{name: train, resources: {gpus: 2, time: 1d}}]
            """)
        #expect(
            definition.resources
                == StageResources(
                    gpus: 1, gpuMemory: 16_000_000_000, cpus: 4, memory: 1_610_612_736, time: 5400))
        #expect(definition.stages[0].resources == StageResources(gpus: 2, time: 86400))
    }

    @Test("Retry and budget have defaults and say what they say")
    func policies() throws {
        let plain = try definition("")
        #expect(plain.retry == RetryPolicy(attempts: 3, causes: nil) && plain.budget == Budget())
        #expect(plain.retry.allows(.program) && !plain.retry.allows(.settings) && !plain.retry.allows(.cancelled))
        let told = try definition("retry: {attempts: 5, on: [out_of_memory]}\nbudget: {trials: 1, gpu_hours: 0.5}")
        #expect(told.retry == RetryPolicy(attempts: 5, causes: [.outOfMemory]))
        #expect(!told.retry.allows(.program) && told.budget == Budget(trials: 1, gpuHours: 0.5))
        #expect(told.trialLimit == 1)
    }

    @Test("Any program is a sweep of one stage, with its command as it was written")
    func program() throws {
        let definition = try definition(
            "program: train.py\ncommand: ['${env}', python3, -u, '${program}', '${args}', 3]")
        #expect(definition.stages.map(\.name) == ["run"] && !definition.runsTrainer)
        #expect(definition.command == ["${env}", "python3", "-u", "${program}", "${args}", "3"])
    }

    @Test("Pauses double from one attempt to the next, up to an hour; what a machine did to it is tried again at once")
    func backoff() throws {
        let retry = try definition("retry: {attempts: 9, backoff: 30s}").retry
        #expect((1...9).map { retry.pause(after: $0, .program) } == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
        #expect(retry.pause(after: 1, .preempted) == nil && retry.pause(after: 1, .nodeFailure) == nil)
        #expect(try definition("").retry.pause(after: 1, .program) == nil)
        // The most that is allowed, and one more.
        #expect(
            try definition("retry: {attempts: 100, backoff: 1h}").retry == RetryPolicy(attempts: 100, backoff: 3600))
        for text in ["attempts: 101", "backoff: 61m"] {
            #expect(throws: SweepDefinitionError.self) { try definition("retry: {\(text)}") }
        }
        #expect(throws: SweepDefinitionError.self) { try definition("retry: {backoff: 30}") }
    }

    @Test("Who is told of the end: a command, a webhook or both; another address than one of HTTP is refused")
    func notifications() throws {
        let plain = try definition("")
        #expect(plain.onFinish == nil && plain.onFailure == nil)
        let told = try definition(
            "on_finish: mail me\non_failure: {command: page me, webhook: 'https://example.org/hook?x=1'}")
        #expect(told.onFinish == NotificationChoice(command: "mail me"))
        #expect(told.onFailure == NotificationChoice(command: "page me", webhook: "https://example.org/hook?x=1"))
        #expect(try definition("on_finish: a").meaning == definition("on_finish: b").meaning)
        for (text, words) in [
            ("on_finish: {}", "needs a 'command'"), ("on_finish: {webhok: x}", "did you mean 'webhook'?"),
            ("on_failure: {webhook: 'ftp://x'}", "is an address like"),
            ("on_failure: {webhook: 'http:///x'}", "is an address"),
            ("on_failure: 3", "must be a text"),
        ] {
            let error = #expect(throws: SweepDefinitionError.self) { try definition(text) }
            #expect(error?.message.contains(words) == true, "\(error?.description ?? "")")
        }
    }
}
