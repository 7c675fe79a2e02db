import Experiment

/// W&B's form of a config: each value as `{"value": …}`, and the client's own part under `_wandb`.
struct WandbConfig {
    var config: [String: JSONValue]
    /// Nil where it was not sent: then the one that is known stays.
    var client: [String: JSONValue]?

    init(config: [String: JSONValue], client: [String: JSONValue]?) {
        self.config = config
        self.client = client
    }

    /// Nil for what is no JSON object.
    init?(text: String) {
        guard let members = (try? JSONParser.parse(text))?.object else { return nil }
        let values = members.mapValues { value -> JSONValue in
            if let wrapped = value.object, let inner = wrapped["value"], wrapped.count <= 2 { return inner }
            return value
        }
        client = values["_wandb"]?.object.map { Secrets.removed(from: .object($0)).object ?? [:] }
        config = values.filter { $0.key != "_wandb" }
    }

    var text: String {
        var members = config.mapValues { JSONValue.object(["value": $0]) }
        if let client, !client.isEmpty { members["_wandb"] = .object(["value": .object(client)]) }
        return JSONValue.object(members).text
    }
}
