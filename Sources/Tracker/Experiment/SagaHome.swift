import FoundationEssentials

/// Where this project keeps what it makes: `SAGA_HOME`, by default `.saga` in the working directory.
package struct SagaHome: Sendable, Hashable {
    /// Absolute path.
    package let path: String

    package init(path: String) {
        self.path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let chosen = environment["SAGA_HOME"] ?? ""
        self.init(path: chosen.isEmpty ? ".saga" : chosen)
    }

    /// The private PostgreSQL cluster.
    package var postgres: String { path + "/postgres" }
    /// Fetched source material.
    package var cache: String { path + "/cache" }
    package var tokenSets: String { path + "/tokens" }
    /// One folder a run: settings, run log, output, checkpoints, media.
    package var runs: String { path + "/runs" }
    /// Files that runs have uploaded to the tracker.
    package var files: String { path + "/files" }

    package func runDirectory(_ run: RunID) -> String { runs + "/" + run.rawValue }

    /// The file of a token set: a path is taken as it is, a bare name lies in ``tokenSets``.
    package func tokenSet(_ nameOrPath: String) -> String {
        nameOrPath.contains("/") || nameOrPath.hasSuffix(".h5") ? nameOrPath : "\(tokenSets)/\(nameOrPath).h5"
    }
}

/// The tracker that clients talk to: `SAGA_URL` and `SAGA_TOKEN`.
package struct TrackerAddress: Sendable, Hashable {
    package static let defaultURL = "http://127.0.0.1:7242"

    /// Without a slash at its end.
    package var url: String
    package var token: String?

    package init(url: String = TrackerAddress.defaultURL, token: String? = nil) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
    }

    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let url = environment["SAGA_URL"] ?? ""
        let token = environment["SAGA_TOKEN"] ?? ""
        self.init(url: url.isEmpty ? TrackerAddress.defaultURL : url, token: token.isEmpty ? nil : token)
    }
}
