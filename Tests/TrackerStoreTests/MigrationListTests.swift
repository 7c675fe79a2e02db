import FoundationEssentials
import Migrations
import Testing

@Suite("Migration list", .timeLimit(.minutes(1)))
struct MigrationListTests {
    @Test("The program embeds exactly the files of the Migrations folder")
    func complete() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" } + "/Migrations"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }
        #expect(embeddedMigrations.map { $0.name + ".sql" } == files.sorted())
        for migration in embeddedMigrations {
            #expect(try String(contentsOfFile: "\(folder)/\(migration.name).sql", encoding: .utf8) == migration.sql)
        }
    }
}
