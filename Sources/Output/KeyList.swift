import ArgumentParser

/// Keys joined by commas, as `subset,masking`.
package struct KeyList: ExpressibleByArgument {
    package var keys: [String] = []

    package init() {}

    package init?(argument: String) {
        keys = argument.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
    }

    package var defaultValueDescription: String { keys.joined(separator: ",") }
}
