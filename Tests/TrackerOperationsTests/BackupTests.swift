import Experiment
import Foundation
import Postgres
import TestSupport
import Testing
import TrackerStore

@testable import TrackerOperations

@Suite("Backup and restore", .timeLimit(.minutes(2)))
struct BackupTests {
    @Test("A backup taken back elsewhere is the same record: every row of every table, every byte of every file")
    func roundTrip() async throws {
        try await withTracker { database, home in
            try await fill(database.store, home)
            let archive = home.path + "/b.tar"
            #expect(try await Backup.write(to: archive, database: database, home: home) == 3)
            #expect(try permissions(archive) == 0o600)
            try await withTracker { other, elsewhere in
                try await Restore.read(from: archive, database: other, home: elsewhere)
                #expect(try await contents(of: other) == contents(of: database))
                for name in ["files/r1/a.txt", "files/r1/media/deep/\(longName)", "blob-secret"] {
                    #expect(
                        FileManager.default.contents(atPath: elsewhere.path + "/" + name)
                            == FileManager.default.contents(atPath: home.path + "/" + name))
                    #expect(try permissions(elsewhere.path + "/" + name) == 0o600)
                }
                #expect(!FileManager.default.fileExists(atPath: elsewhere.path + "/files/r1/link"))
                // And it is a tracker that goes on, and that may be asked in SQL.
                try await ReadOnlyQuery(sql: "select * from history", timeout: 20).run(at: other.address) { _ in }
                #expect(try await other.store.createToken(name: "n", role: .read).token.id > 1)
            }
        }
    }

    @Test("A tracker that holds something is replaced only by force, and a backup that fails leaves it as it was")
    func force() async throws {
        try await withTracker { database, home in
            let empty = home.path + "/empty.tar"
            try await Backup.write(to: empty, database: database, home: home)
            try await fill(database.store, home)
            let before = try await contents(of: database)
            let refusal = await #expect(throws: OperationError.self) {
                try await Restore.read(from: empty, database: database, home: home)
            }
            #expect(refusal?.code == "not_empty")

            // A dump that is whole by its checksum and no dump.
            let broken = try ArchiveWriter(path: home.path + "/broken.tar")
            try broken.add(BackupManifest.database, Data("PGDMP nonsense".utf8))
            let manifest = BackupManifest(created: .now, schema: 1, entries: broken.entries)
            try broken.add(BackupManifest.name, try JSONCoding.encode(manifest))
            try broken.finish()
            await #expect(throws: PostgresError.self) {
                try await Restore.read(from: home.path + "/broken.tar", database: database, home: home, force: true)
            }
            #expect(try await contents(of: database) == before)
            #expect(FileManager.default.fileExists(atPath: home.path + "/files/r1/a.txt"))

            try await Restore.read(from: empty, database: database, home: home, force: true)
            #expect(try await database.store.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: home.path + "/files/r1"))
        }
    }

    @Test("S2: an archive with anything but a backup's plain files is refused, and nothing is written outside")
    func hostile() async throws {
        try await withTracker { database, home in
            let names = [
                "../x", "/etc/x", "files/../../x", "files/r1/../../../x", "files", "files/", "x", "files/.hidden",
                "files//x", "files/a\\..\\b", "manifest.json/x", "database.dump/../../x",
            ]
            var archives = names.map { TarHeader.block(name: $0, size: 0) }
            for type in "123456gLKx7" {
                archives.append(TarHeader.block(name: "files/r1/x", size: 0, type: type.asciiValue ?? 0))
            }
            for name in names {
                let record = TarHeader.paxRecord(path: name)
                archives.append(
                    TarHeader.block(name: "n", size: record.count, type: UInt8(ascii: "x")) + record
                        + [UInt8](repeating: 0, count: TarHeader.padding(record.count))
                        + TarHeader.block(name: "files/r1/a", size: 0))
            }
            archives += [[], [1, 2, 3], TarHeader.block(name: "files/r1/a", size: 1 << 32)]
            for bytes in archives {
                let path = home.path + "/hostile.tar"
                try Data(bytes + [UInt8](repeating: 0, count: 1024)).write(to: URL(fileURLWithPath: path))
                await #expect(throws: OperationError.self) {
                    try await Restore.read(from: path, database: database, home: home)
                }
                let left = try FileManager.default.contentsOfDirectory(atPath: home.path)
                #expect(left == ["hostile.tar"])
            }
        }
    }

    @Test("A backup with any byte changed, or cut off anywhere, is refused")
    func damaged() async throws {
        try await withTracker { database, home in
            try await fill(database.store, home)
            try await Backup.write(to: home.path + "/b.tar", database: database, home: home)
            let whole = try Data(contentsOf: URL(fileURLWithPath: home.path + "/b.tar"))
            let places = stride(from: 0, to: whole.count, by: max(1, whole.count / 40))
            for place in places {
                var flipped = whole
                flipped[place] ^= 0x55
                for bytes in [flipped, whole.prefix(place)] {
                    let folder = try scratchFolder()
                    defer { try? FileManager.default.removeItem(atPath: folder) }
                    try bytes.write(to: URL(fileURLWithPath: folder + "/d.tar"))
                    // What lies between the entries, and after the last, says nothing.
                    if let manifest = try? ArchiveReader.unpack(folder + "/d.tar", into: folder) {
                        #expect(bytes.count >= whole.count - 1024 && manifest.entries.count == 4, "byte \(place)")
                    }
                }
            }
        }
    }

    @Test("What our own reader reads, tar reads too")
    func isTar() async throws {
        try await withTracker { database, home in
            try await fill(database.store, home)
            try await Backup.write(to: home.path + "/b.tar", database: database, home: home)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/tar")
            process.arguments = ["-tf", home.path + "/b.tar"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(text.contains("files/r1/media/deep/\(longName)\n") && text.hasSuffix("manifest.json\n"))
        }
    }

    private let longName = String(repeating: "n", count: 120) + ".png"

    private func permissions(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
    }

    private func fill(_ store: TrackerStore, _ home: SagaHome) async throws {
        let run = try #require(RunID(rawValue: "r1"))
        let time = Date(timeIntervalSince1970: 1_790_000_000.25)
        var records: [RunRecord] = [.start(RunStart(project: "p", config: ["lr": .double(0.1)], host: "h", time: time))]
        for step in 0..<500 {
            records.append(
                .metrics(MetricRow(step: Int64(step), time: time, values: ["loss": 1 / Double(step), "odd": .nan])))
        }
        _ = try await store.ingest(
            run: run,
            IngestRequest(
                attempt: 1, records: records.enumerated().map { SequencedRecord(sequence: Int64($0) + 1, record: $1) }))
        _ = try await store.createToken(name: "t", role: .write)
        let folder = home.path + "/files/r1/media/deep"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: home.path + "/files/r1/a.txt"))
        try Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            .write(to: URL(fileURLWithPath: folder + "/" + longName))
        try Data(repeating: 7, count: 32).write(to: URL(fileURLWithPath: home.path + "/blob-secret"))
        symlink("/etc/passwd", home.path + "/files/r1/link")
    }

    /// Every row of every table, as text.
    private func contents(of database: Database) async throws -> [String: [String]] {
        let connection = try await PostgresConnection.connect(to: database.address)
        let tables = try await connection.query(
            "select tablename::text from pg_tables where schemaname = 'public' order by 1"
        ).map { try $0.decode(as: String.self) }
        var contents: [String: [String]] = [:]
        for table in tables {
            let query: PostgresQuery = "select t::text from \(unsafeSQL: table) t order by 1"
            contents[table] = try await connection.query(query).map { try $0.decode(as: String.self) }
        }
        await connection.close()
        return contents
    }
}
