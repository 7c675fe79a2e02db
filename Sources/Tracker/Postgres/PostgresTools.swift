import CLibPQ
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// `pg_dump` and `pg_restore` on a database.
///
/// Where and as whom is told to them in a service file that only we can read: a command line is for everybody to see.
package struct PostgresTools: Sendable {
    private let folder: String
    private let address: PostgresAddress

    /// Finds the newest installed programs: `pg_dump` reads servers of its own version and older ones.
    package init(address: PostgresAddress) throws {
        let folders = ServerBinaries.folders(path: ProcessInfo.processInfo.environment["PATH"] ?? "")
        guard let folder = folders.first(where: { access("\($0)/pg_dump", X_OK) == 0 }) else {
            throw PostgresError(
                .cluster, "pg_dump is not installed; install PostgreSQL's client programs (postgresql-client)")
        }
        self.folder = folder
        self.address = address
    }

    /// Writes the database to a file in pg_dump's custom format, in one snapshot.
    package func dump(to file: String) async throws {
        try await run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--file=\(file)"])
    }

    /// Fills an empty schema from a dump, in one transaction.
    package func restore(from file: String) async throws {
        try await run(
            "pg_restore",
            ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname=", file])
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let service = try serviceFile()
        defer { unlink(service) }
        let result = try await Subprocess.run(
            .path(FilePath("\(folder)/\(program)")), arguments: Arguments(arguments),
            environment: .inherit.updating(["PGSERVICEFILE": service, "PGSERVICE": "saga", "PGCONNECT_TIMEOUT": "10"]),
            output: .discarded, error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let reason = result.standardError.split(separator: "\n").first.map(String.init) ?? "no reason given"
            throw PostgresError(.cluster, "\(program) failed: \(reason)", detail: result.standardError)
        }
    }

    /// The address as a service of libpq (PostgreSQL manual, 34.17), in a file for us alone.
    private func serviceFile() throws -> String {
        var failure: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(address.connectionString, &failure) else {
            PQfreemem(failure)
            throw PostgresError(.unreachable, "the database's address cannot be read; \(address.advice)")
        }
        defer { PQconninfoFree(options) }
        var text = "[saga]\n"
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                text += "\(String(cString: keyword))=\(String(cString: value))\n"
            }
            option += 1
        }
        var path = Array("/tmp/saga-service-XXXXXX\0".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw PostgresError(.cluster, "no file can be made in /tmp; is the disk full?") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw PostgresError(.cluster, "no file can be written in /tmp; is the disk full?")
        }
        return path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
    }
}
