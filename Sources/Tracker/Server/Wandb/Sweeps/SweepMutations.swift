import Experiment
import GraphQL
import HTTPTypes
import SweepDefinition
import SweepSearch
import TrackerStore

/// What clients and their agents do with sweeps.
struct SweepMutations: GraphQLObject {
    let context: WandbContext

    var typename: String { "Mutation" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        let input = arguments.input()
        return switch name {
        case "upsertSweep": try await upsert(input)
        case "createAgent": try await createAgent(input)
        case "agentHeartbeat": try await heartbeat(input)
        case "deleteSweep": try await delete(input)
        default: nil
        }
    }

    /// Comes in two forms: with a definition to create a sweep, and with an id to change one.
    private func upsert(_ input: GraphQLArguments) async throws -> GraphQLValue {
        if let id = input.string("id"), !id.isEmpty { return try await update(id, input) }
        do {
            return try await create(input)
        } catch let error as SweepDefinitionError {
            throw GraphQLError(code: error.code, error.description)
        }
    }

    private func create(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let definition = try Definition(text: try input.required("config"))
        guard definition.programs.isEmpty || definition.isSingleProgram else {
            throw GraphQLError(
                code: SweepDefinitionError.Code.unsupported.rawValue,
                "agents run one program a trial and this sweep has stages; start it with 'sweeper run'")
        }
        // Refuses now what no agent could ever draw from.
        _ = try SweepSearcher(definition)
        let project = input.string("projectName") ?? definition.givenProject ?? ProjectQueries.defaultProject
        try context.require(.write, project: project)
        let sweep = try await context.store.createDrawnSweep(
            NewDrawnSweep(
                project: project,
                name: input.string("displayName") ?? definition.givenName, method: definition.method.rawValue,
                description: input.string("description") ?? definition.summary, definition: definition.text,
                metric: definition.objective?.name, goal: definition.objective?.goal ?? .minimize,
                variedKeys: definition.parameters.filter(\.isVaried).map(\.name), priorRuns: priorRuns(input)))
        return payload(sweep, warnings: definition.warnings)
    }

    private func update(_ id: String, _ input: GraphQLArguments) async throws -> GraphQLValue {
        var sweep = try await writableSweep(id)
        guard input.string("config") == nil || input.string("config") == sweep.definition else {
            throw GraphQLError(
                code: "fixed_definition", "the definition of a sweep that exists cannot be changed; create another one")
        }
        if let word = input.string("state") {
            guard let state = SweepState(rawValue: word.uppercased()) else {
                throw GraphQLError(
                    code: "unknown_state",
                    "a sweep can be \(SweepState.allCases.map(\.rawValue).joined(separator: ", ")), not '\(word.prefix(40))'"
                )
            }
            try await context.store.setState(state, sweep: sweep)
            context.store.changes.publish(sweep: sweep.id, project: sweep.project)
        }
        if input.string("displayName") != nil || input.string("description") != nil {
            try await context.store.setDescription(
                input.string("description"), name: input.string("displayName"), sweep: sweep)
        }
        sweep = try await context.store.drawnSweep(id)
        return payload(sweep, warnings: [])
    }

    private func payload(_ sweep: DrawnSweep, warnings: [String]) -> GraphQLValue {
        .record(
            "UpsertSweepPayload",
            [
                "sweep": .object(SweepFields(sweep: sweep, context: context)),
                "configValidationWarnings": .strings(warnings),
            ])
    }

    /// Runs that `wandb.sweep(prior_runs=[…])` names, as the filter `{"$or": [{"name": …}]}`.
    private func priorRuns(_ input: GraphQLArguments) -> [String] {
        guard let text = input.string("priorRunsFilters"), let filter = try? JSONParser.parse(text) else { return [] }
        return (filter.object?["$or"]?.array ?? []).compactMap { $0.object?["name"]?.string }
    }

    private func delete(_ input: GraphQLArguments) async throws -> GraphQLValue {
        try await context.store.deleteDrawnSweep(try await writableSweep(try input.required("id")))
        return .record("DeleteSweepPayload", ["success": .bool(true), "clientMutationId": .null])
    }

    /// The sweep, if the asking token may change it; one of a project that it may not see is not there.
    private func writableSweep(_ id: String) async throws -> DrawnSweep {
        let sweep = try await context.store.drawnSweep(id)
        guard context.principal.refusal(.read, project: sweep.project) == nil else {
            throw TrackerStore.unknownDrawnSweep(id)
        }
        try context.require(.write, project: sweep.project)
        return sweep
    }

    // MARK: Agents

    private func createAgent(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let sweep = try await writableSweep(try input.required("sweep"))
        let agent = try await context.store.createAgent(sweep: sweep, host: input.string("host"))
        return .record(
            "CreateAgentPayload",
            [
                "agent": .record(
                    "Agent", ["id": .string(agent), "name": .string(agent), "host": .string(input.string("host"))])
            ])
    }

    private func heartbeat(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let agent = try input.required("id")
        let sweep: DrawnSweep
        do {
            sweep = try await context.store.drawnSweep(agent: agent)
        } catch let error as StoreError where error.kind == .unknownAgent {
            // The status by which an agent knows that its sweep is gone.
            throw APIError(.notFound, error.code, error.description)
        }
        try context.require(.write, project: sweep.project)
        defer { context.store.changes.publish(sweep: sweep.id, project: sweep.project) }
        let alive = try aliveRuns(input.string("runState"))
        if sweep.hasStages {
            let commands = try await context.store.heartbeat(
                agent: agent, alive: alive, stagesOf: sweep.id, search: context.searches.maker)
            let definition = try Definition(text: sweep.definition, file: sweep.name)
            return heartbeatPayload(agent, commands, definition)
        }
        let search = try DrawnSearch(sweep)
        try await stopHopeless(among: alive, sweep, search)
        let commands = try await context.store.heartbeat(agent: agent, alive: alive, search: search)
        return heartbeatPayload(agent, commands, search.searcher.definition)
    }

    private func heartbeatPayload(
        _ agent: String, _ commands: [AgentCommand], _ definition: Definition
    ) -> GraphQLValue {
        let commands = JSONValue.array(commands.map { $0.json(definition) })
        return .record(
            "AgentHeartbeatPayload",
            [
                "agent": .record("Agent", ["id": .string(agent)]),
                // The client's `--lr=1.0` is made of this.
                "commands": .string(commands.textWithFractions),
            ])
    }

    private func stopHopeless(among alive: Set<String>, _ sweep: DrawnSweep, _ search: DrawnSearch) async throws {
        guard let stopping = EarlyStopping(search.searcher.definition), !alive.isEmpty else { return }
        let curves = try await context.store.drawnCurves(sweep, metric: stopping.metric, asFarAs: alive).map {
            RunCurve(run: $0.handle, isRunning: $0.state == .running, values: $0.values)
        }
        let hopeless = stopping.stops(curves).filter(alive.contains)
        if !hopeless.isEmpty { try await context.store.requestStop(handles: hopeless, sweep: sweep) }
    }

    /// `{"<run>": true}`, a text.
    private func aliveRuns(_ text: String?) throws -> Set<String> {
        guard let text, !text.isEmpty else { return [] }
        guard let runs = (try? JSONParser.parse(text))?.object else {
            throw GraphQLError(code: "bad_run_state", "'runState' must be a JSON object of run ids")
        }
        return Set(runs.filter { $0.value.bool == true }.keys)
    }
}

extension AgentCommand {
    fileprivate func json(_ definition: Definition) -> JSONValue {
        switch self {
        case .exit: .object(["type": .string("exit")])
        case .stop(let handle): .object(["type": .string("stop"), "run_id": .string(handle)])
        case .run(let handle, let config):
            .object([
                "type": .string("run"), "run_id": .string(handle),
                "program": definition.program.map { .string($0) } ?? .null,
                "args": .object(
                    WrittenNumbers(definition).restored(config).mapValues { .object(["value": $0]) }),
            ])
        }
    }
}

extension Parameter {
    /// Whether it can take more than one value.
    fileprivate var isVaried: Bool {
        switch content {
        case .distribution(let distribution): distribution.kind != .constant && distribution.values.count != 1
        case .nested(let children): children.contains(where: \.isVaried)
        }
    }
}
