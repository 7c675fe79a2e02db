import Experiment
import Foundation
import HTTPTypes
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

@Suite("W&B: files")
struct BlobTests {
    /// Addresses to put the files at, as paths.
    private static func addresses(_ client: WandbTestClient, _ names: [String]) async throws -> [String?] {
        let answer = try await client.ask(
            "mutation ($f: [String!]!) { createRunFiles(input: {projectName: \"p\", runName: \"r\", files: $f}) { runID uploadHeaders files { name uploadUrl } } }",
            ["f": .array(names.map { .string($0) })])["data"]["createRunFiles"]
        let files = answer["files"].array ?? []
        #expect(files.map { $0["name"].string } == names)
        return files.map { file in
            file["uploadUrl"].string.map { String($0.dropFirst(client.server.url.count)) }
        }
    }

    @Test("Files of any name come back as they were sent, under that name")
    func roundTrip() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let http = TestClient(address: server.address)
            let names = ["output.log", "media/images/a_0.png", "sub dir/ü Ж.txt", "a=2Eb", ".hidden", "%41", "x#y?z;&"]
            for (name, address) in zip(names, try await Self.addresses(client, names)) {
                let address = try #require(address)
                for text in ["old \(name)", "new \(name)"] {
                    #expect(try await http.send(.put, address, body: Data(text.utf8)).status == 200)
                }
            }
            let files = try await client.run(
                "fileCount files(first: 100) { edges { node { name directUrl sizeBytes url(upload: false) } } }")
            #expect(files["fileCount"] == .int(Int64(names.count)))
            let nodes = files["files"]["edges"].array?.map { $0["node"] } ?? []
            #expect(Set(nodes.compactMap { $0["name"].string }) == Set(names))
            for node in nodes {
                let url = String(try #require(node["directUrl"].string).dropFirst(server.url.count))
                let answer = try await http.send(.get, url)
                #expect(answer.status == 200 && answer.body == Data("new \(node["name"].string ?? "")".utf8))
                #expect(node["sizeBytes"] == .int(Int64(answer.body.count)))
            }
        }
    }

    @Test("S1, S2: an address opens one file by one method for its time; no name leads out of the run's folder")
    func signatures() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let http = TestClient(address: server.address)
            let attacks = [
                "../../canary", "/etc/passwd", "a/../../../canary", "..\\canary", "a//b", "\u{1}", "a\nb", "-rf",
                "~root",
            ]
            for (name, address) in zip(attacks, try await Self.addresses(client, attacks)) {
                let address = try #require(address)
                let answer = try await http.send(.put, address, body: Data(name.utf8))
                #expect(answer.status == 200, "\(name)")
            }
            let paths = try FileManager.default.subpathsOfDirectory(atPath: server.home.path)
            #expect(paths.allSatisfy { $0 == "files" || $0 == "blob-secret" || $0.hasPrefix("files/r") }, "\(paths)")

            let good = try #require(try await Self.addresses(client, ["a.txt"])[0])
            #expect(try await http.send(.put, good, body: Data("x".utf8)).status == 200)
            let forged = [
                good.replacing("a.txt", with: "b.txt"), good.replacing("a.txt", with: "../a.txt"),
                good.replacing("a.txt", with: "%2e%2e/a.txt"), good.replacing("/run/", with: "/artifact/"),
                good.replacing("expires=", with: "expires=9"), String(good.dropLast(1)), good + "0",
                good.replacing(/&signature.*/, with: ""), good.replacing(/\?.*/, with: ""),
                good.replacing(/expires=\d+/, with: "expires=1"), good.replacing("/r/", with: "/q/"),
            ]
            for address in forged {
                let put = try await RawRequest.send("PUT", address, port: server.port, body: "evil")
                #expect((400..<500).contains(put.status), "\(address)")
            }
            #expect(try await RawRequest.send("GET", good, port: server.port).status == 403)
            let signer = BlobSigner(secret: [1, 2, 3])
            let path = try #require(RelativePath("a.txt"))
            let owner = try #require(RunID(rawValue: "r"))
            let parts = signer.address(.put, .run, owner: owner, path: path, now: Date()).split(separator: /[?&]\w+=/)
            func allows(_ now: Date) -> Bool {
                signer.allows(
                    .put, address: String(parts[0]), expires: String(parts[1]), signature: String(parts[2]), now: now)
            }
            #expect(allows(Date()) && !allows(Date(timeIntervalSinceNow: BlobSigner.lifetime + 1)))
        }
    }

    @Test("S16: the secret behind the addresses is its owner's alone, and stays the same")
    func secret() async throws {
        try await withTemporaryHome { home in
            let first = try BlobSecret.load(home: home)
            #expect(try BlobSecret.load(home: home) == first && first.count == 32)
            let attributes = try FileManager.default.attributesOfItem(atPath: home.path + "/blob-secret")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("S13: secrets in what a client tells of its surroundings are taken out, and nothing else")
    func secrets() async throws {
        let metadata = """
            {"args": ["--lr", "0.1", "--api-key", "geheim1", "--hf-token=geheim2", "--tokenizer", "bpe"],
             "git": {"remote": "https://me:geheim3@host.org/x.git", "commit": "abc"}, "email": "me@host.org",
             "env": {"AWS_SECRET_ACCESS_KEY": "geheim4", "WANDB_API_KEY": "geheim5", "DB_PASSWORD": "geheim6",
             "PATH": "/bin", "MONKEY": "ape", "max_tokens": 7, "token_count": 9, "tokens": "many"}}
            """
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let http = TestClient(address: server.address)
            let address = try #require(try await Self.addresses(client, ["wandb-metadata.json"])[0])
            #expect(try await http.send(.put, address, body: Data(metadata.utf8)).status == 200)
            let file = try await client.run("files(names: [\"wandb-metadata.json\"]) { edges { node { directUrl } } }")
            let url = try #require(file["files"]["edges"].array?.first?["node"]["directUrl"].string)
            let kept = String(
                decoding: try await http.send(.get, String(url.dropFirst(server.url.count))).body, as: UTF8.self)
            #expect(!kept.contains("geheim"), "\(kept)")
            let value = try JSONParser.parse(kept)
            #expect(value["args"].array?.suffix(2) == [.string("--tokenizer"), .string("bpe")])
            #expect(value["git"]["commit"].string == "abc" && value["git"]["remote"].string == "https://host.org/x.git")
            #expect(value["env"]["PATH"].string == "/bin" && value["env"]["MONKEY"].string == "ape")
            #expect(value["env"]["max_tokens"] == .int(7) && value["env"]["tokens"].string == "many")
        }
    }

    @Test("HMAC-SHA256 agrees with RFC 4231")
    func hmac() {
        let table: [(key: [UInt8], message: String, digest: String)] = [
            (
                Array(repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Array(repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
        for row in table { #expect(HMAC.hex(row.message, key: row.key) == row.digest) }
        #expect(HMAC.isEqual("ab", "ab") && !HMAC.isEqual("ab", "ac") && !HMAC.isEqual("ab", "abc"))
    }
}
