import Experiment
import Foundation
import NIOCore
import Testing
import TrackerClient

@testable import TrackerServer

@Suite("Files of runs")
struct FileRoutesTests {
    @Test("A file comes back as it was sent, in a form in which a browser runs nothing")
    func roundTrip() async throws {
        try await withServer { server in
            let client = TestClient(address: server.address)
            let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let path = "/api/v1/runs/r1/files/media/generation/a%20b.png"
            for body in [Data("old".utf8), bytes] {
                #expect(try await client.send(.put, path, body: body).status == 204)
            }
            #expect(try await client.send(.get, path).body == bytes)
            let files = try FileManager.default.subpathsOfDirectory(atPath: server.home.files + "/r1")
            #expect(files.sorted() == ["media", "media/generation", "media/generation/a b.png"])

            let page = "/api/v1/runs/r1/files/page.html"
            _ = try await client.send(.put, page, body: Data("<script>".utf8))
            let answer = try await RawRequest.send("GET", page, port: server.port).text.lowercased()
            #expect(answer.contains("content-type: application/octet-stream"))
            #expect(answer.contains("content-disposition: attachment"))
            #expect(answer.contains("x-content-type-options: nosniff"))
            #expect(answer.contains("content-security-policy: sandbox"))
        }
    }

    @Test("No spelling of a path leads out of the run's folder")
    func traversal() async throws {
        try await withServer { server in
            let canary = server.home.path + "/canary"
            try Data("canary".utf8).write(to: URL(fileURLWithPath: canary))
            let client = TestClient(address: server.address)
            #expect(try await client.send(.put, "/api/v1/runs/r1/files/inside", body: Data("x".utf8)).status == 204)
            for path in Self.attacks {
                for base in ["/api/v1/runs/r1/files/", "/api/v1/runs/../files/", "/api/v1/runs/%2e%2e/files/"] {
                    let get = try await RawRequest.send("GET", base + path, port: server.port)
                    #expect((400..<500).contains(get.status), "GET \(base)\(path)")
                    #expect(!get.text.contains("canary") && !get.text.contains("root:"), "GET \(base)\(path)")
                    let put = try await RawRequest.send("PUT", base + path, port: server.port, body: "evil")
                    #expect((400..<500).contains(put.status), "PUT \(base)\(path)")
                }
            }
            #expect(try String(contentsOfFile: canary, encoding: .utf8) == "canary")
            let all = try FileManager.default.subpathsOfDirectory(atPath: server.home.path)
            #expect(all.sorted() == ["blob-secret", "canary", "files", "files/r1", "files/r1/inside"])
        }
    }

    static let attacks = [
        "../../canary", "..", ".", "", "/", "a/../../canary", "%2e%2e%2f%2e%2e%2fcanary", "%252e%252e%252fcanary",
        "..%2f..%2fcanary", "..\\..\\canary", "..%5c..%5ccanary", ";/../../canary", "%23/../../canary",
        "/etc/passwd", "//proc/self/root/etc/passwd", "%2fetc%2fpasswd", "a%00b", "a%0d%0ab", "a//b", "a/", "a/./b",
        ".hidden", "a/.upload-1", "~root", "a%", "a%zz", "%ff", "C:%5Cx", "a%3fb",
        String(repeating: "a/", count: 40) + "a",
        String(repeating: "x", count: 300),
    ]

    @Test("A link inside the folder is not followed, neither to read nor to write")
    func plantedLinks() async throws {
        try await withTemporaryHome { home in
            let files = FileStore(root: home.files)
            let run = try #require(RunID(rawValue: "r1"))
            let outside = home.path + "/outside"
            try FileManager.default.createDirectory(atPath: home.files + "/r1", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: URL(fileURLWithPath: outside + "/file"))
            for (name, target) in [("folder", outside), ("file", outside + "/file")] {
                try FileManager.default.createSymbolicLink(
                    atPath: home.files + "/r1/" + name, withDestinationPath: target)
            }
            for path in ["folder/file", "file"] {
                let path = try #require(RelativePath(path))
                #expect(throws: APIError.self) { try files.read(run: run, path: path) }
            }
            let inFolder = try #require(RelativePath("folder/new"))
            #expect(throws: APIError.self) { _ = try files.upload(run: run, path: inFolder) }
            // A link in the file's own place is replaced by the file.
            let path = try #require(RelativePath("file"))
            var upload = try files.upload(run: run, path: path)
            _ = try upload.commit()
            #expect(try String(contentsOfFile: outside + "/file", encoding: .utf8) == "secret")
            #expect(try files.read(run: run, path: path).isEmpty)
        }
    }

    @Test("A file that is too long or never finished leaves nothing behind")
    func unfinished() async throws {
        try await withTemporaryHome { home in
            let files = FileStore(root: home.files, sizeLimit: 10)
            let run = try #require(RunID(rawValue: "r1"))
            let path = try #require(RelativePath("a/b"))
            do {
                var upload = try files.upload(run: run, path: path)
                try upload.write(ByteBufferView(Array(repeating: 1, count: 10)))
                #expect(throws: APIError.self) { try upload.write(ByteBufferView([1])) }
            }
            #expect(try FileManager.default.subpathsOfDirectory(atPath: home.files).sorted() == ["r1", "r1/a"])
        }
    }
}
