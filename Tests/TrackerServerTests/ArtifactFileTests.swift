import Experiment
import Foundation
import Testing
import TrackerStore

@testable import TrackerServer

@Suite("Files of artifacts")
struct ArtifactFileTests {
    @Test(
        "MD5 is RFC 1321's, in pieces too",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"
            ),
        ])
    func md5(text: String, digest: String) {
        for piece in [1, 7, 64, 1000] {
            var sum = MD5()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                sum.update(bytes[start..<min(bytes.count, start + piece)])
            }
            #expect(sum.finish() == digest)
        }
    }

    @Test("A manifest's files, and what lies elsewhere")
    func manifest() throws {
        let manifest = try ArtifactManifest(
            json: Array(
                """
                {"version":1,"storagePolicy":"wandb-storage-policy-v1","contents":{
                "b.txt":{"digest":"XUFAKrxLKna5cZ2REBfFkg==","size":5,"birthArtifactID":"x"},
                "a/ä":{"digest":"1B2M2Y8AsgTpgAmY7PhCfg==","size":0},
                "r":{"digest":"etag","ref":"s3://bucket/key","size":9}}}
                """.utf8))
        #expect(
            manifest.files == [
                ArtifactContent(name: "a/ä", md5: "d41d8cd98f00b204e9800998ecf8427e", bytes: 0),
                ArtifactContent(name: "b.txt", md5: "5d41402abc4b2a76b9719d911017c592", bytes: 5),
            ])
        #expect(manifest.references == 1)
        #expect(ArtifactManifest.base64("5d41402abc4b2a76b9719d911017c592") == "XUFAKrxLKna5cZ2REBfFkg==")
    }

    @Test(
        "A manifest that says too little is refused",
        arguments: [
            "", "[]", "{}", #"{"contents":[]}"#, #"{"contents":{"a":{"size":1}}}"#,
            #"{"contents":{"a":{"digest":"XUFAKrxLKna5cZ2REBfFkg=="}}}"#,
            #"{"contents":{"a":{"digest":"XUFAKrxLKna5cZ2REBfFkg==","size":-1}}}"#,
            #"{"contents":{"a":{"digest":"../../etc/passwd","size":1}}}"#,
        ])
    func badManifest(text: String) {
        #expect(throws: StoreError.self) { try ArtifactManifest(json: Array(text.utf8)) }
    }

    @Test(
        "Ranges of bytes",
        arguments: [
            ("bytes=0-9", 0, 10), ("bytes=90-", 90, 10), ("bytes=90-500", 90, 10), ("bytes=-5", 95, 5),
            ("bytes=-500", 0, 100), ("bytes=99-99", 99, 1),
        ])
    func range(header: String, start: Int, count: Int) {
        let range = ByteRange(header, size: 100)
        #expect(range?.start == start && range?.count == count)
    }

    @Test(
        "What is no range of the file is looked past",
        arguments: [
            "bytes=100-", "bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=-0",
            "bytes=+1-2", "bytes=99999999999999999999-",
        ])
    func noRange(header: String) {
        #expect(ByteRange(header, size: 100) == nil)
    }
}
