import ArgumentParser

/// Keys joined by commas, as `subset,masking`.
struct KeyList: ExpressibleByArgument {
    var keys: [String] = []

    init() {}

    init?(argument: String) {
        keys = argument.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
    }

    var defaultValueDescription: String { keys.joined(separator: ",") }
}
