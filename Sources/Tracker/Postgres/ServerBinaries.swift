import FoundationEssentials
import Glibc

/// Where the PostgreSQL server's programs are installed.
struct ServerBinaries: Sendable, Hashable {
    let folder: String
    /// Major version, as `15`.
    let version: String

    /// `required`: the version that made an existing cluster: no other can open it.
    static func find(required: String?, path: String, user: ClusterUser) async throws -> ServerBinaries {
        var found: [ServerBinaries] = []
        for folder in candidates(path: path) {
            if let binaries = try await ServerBinaries(folder: folder, user: user) { found.append(binaries) }
        }
        guard let required else {
            guard let first = found.first else {
                throw PostgresError(
                    .cluster,
                    "no PostgreSQL server is installed; install it (apt-get install postgresql) or set DATABASE_URL")
            }
            return first
        }
        guard let match = found.first(where: { $0.version == required }) else {
            let others = found.isEmpty ? "none" : "only \(found.map(\.version).joined(separator: ", "))"
            throw PostgresError(
                .cluster,
                "the private database needs PostgreSQL \(required), but \(others) is installed; install it "
                    + "(apt-get install postgresql-\(required)) or set DATABASE_URL")
        }
        return match
    }

    func path(_ program: String) -> String { "\(folder)/\(program)" }

    private init?(folder: String, user: ClusterUser) async throws {
        let programs = ["initdb", "pg_ctl", "postgres"]
        guard programs.allSatisfy({ access("\(folder)/\($0)", X_OK) == 0 }) else { return nil }
        // As `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
        let answer = try await user.run("\(folder)/postgres", ["--version"])
        guard answer.succeeded, let version = answer.output.split(separator: " ").dropFirst(2).first else { return nil }
        self.folder = folder
        self.version = String(version.prefix { $0.isNumber })
    }

    /// Folders with PostgreSQL programs, best first.
    static func folders(path: String) -> [String] { candidates(path: path) }

    /// What is on the PATH first, then what distributions install elsewhere, newest first.
    private static func candidates(path: String) -> [String] {
        let onPath = path.split(separator: ":").map { "\($0)/initdb" }.compactMap(realFolder)
        let debian = children(of: "/usr/lib/postgresql", prefix: "").map { "/usr/lib/postgresql/\($0)/bin" }
        let redHat = children(of: "/usr", prefix: "pgsql-").map { "/usr/\($0)/bin" }
        return onPath + (debian + redHat).sorted { number(in: $0) > number(in: $1) }
    }

    private static func children(of folder: String, prefix: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix(prefix) }
    }

    private static func number(in folder: String) -> Int { Int(folder.filter(\.isNumber)) ?? 0 }

    private static func realFolder(_ program: String) -> String? {
        guard let real = realpath(program, nil) else { return nil }
        defer { free(real) }
        return String(cString: real).split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }
}
