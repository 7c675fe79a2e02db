import Experiment
import GraphQL
import TrackerStore

extension ClientRunEdit {
    /// The input of `upsertBucket`: null leaves things as they are, an empty list clears.
    init(upsertBucket input: GraphQLArguments) {
        self.init()
        name = input.string("displayName")
        group = input.string("groupName")
        jobType = input.string("jobType")
        sweep = input.string("sweep")
        notes = input.string("notes")
        details = input.string("description")
        tags = input.strings("tags")
        host = input.string("host")
        program = input.string("jobProgram")
        if let text = input.string("config"), let parsed = WandbConfig(text: text) {
            config = HistoryLine.cut(parsed.config)
            clientConfig = parsed.client
        }
        if let summary = input.string("summaryMetrics").flatMap({ try? JSONParser.parse($0) })?.object {
            self.summary = HistoryLine.cut(summary)
        }
        if let commit = input.string("commit") { code["commit"] = .string(commit) }
        if let remote = input.string("jobRepo") { code["remote"] = .string(Secrets.withoutCredentials(remote)) }
        if let program { code["program"] = .string(program) }
        // Only a process that begins or goes on with a run says where it runs.
        isStart = host != nil
    }
}
