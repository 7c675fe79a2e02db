import Experiment
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "Digests equal those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA256.hex(text) == digest)
    }

    @Test("A message may come in any pieces", arguments: [1, 3, 63, 64, 65, 127])
    func pieces(size: Int) {
        let message = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = SHA256()
        for start in stride(from: 0, to: message.count, by: size) {
            hash.update(message[start..<min(start + size, message.count)])
        }
        #expect(hash.finish() == SHA256.hex(message))
    }
}
