import Glibc
import Testing

@testable import Tensor

@Suite("Safetensors")
struct SafeTensorsTests {
    private func path(_ name: String) -> String {
        let folder = "/tmp/saga-tensor-tests-\(getpid())"
        mkdir(folder, 0o755)
        return "\(folder)/\(name)"
    }

    private func bytes(of path: String) throws -> [UInt8] {
        let file = try FileBytes(mapping: path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    @Test("What is written is read back, with its metadata")
    func roundTrip() throws {
        let path = path("roundtrip.safetensors")
        try SafeTensors.write(
            [
                .init("b", shape: [3], uint8s: [1, 2, 3]),
                .init("a.weight", shape: [2, 2], floats: [1, -2, 3.5, .pi]),
                .init("n", shape: [2], int32s: [-7, .max]), .init("none", shape: [0, 4], floats: []),
            ], metadata: ["dim": "4", "modalities": "['image']"], to: path)
        let file = try SafeTensors(contentsOf: path)
        #expect(try file.floats("a.weight") == [1, -2, 3.5, .pi])
        #expect(try file.int32s("n") == [-7, .max])
        #expect(try file.uint8s("b") == [1, 2, 3])
        #expect(try file.floats("none") == [])
        #expect(file.metadata == ["dim": "4", "modalities": "['image']"])
        #expect(try file.entry("a.weight").shape == [2, 2])
    }

    @Test("A file cut at any byte is refused")
    func truncated() throws {
        let path = path("cut.safetensors")
        try SafeTensors.write([.init("w", shape: [2], floats: [1, 2])], metadata: ["k": "v"], to: path)
        let whole = try bytes(of: path)
        _ = try SafeTensors(bytes: whole)
        for count in whole.indices {
            #expect(throws: TensorError.self) { try SafeTensors(bytes: Array(whole[..<count])) }
        }
        #expect(throws: TensorError.self) { try SafeTensors(bytes: whole + [0]) }
    }

    static let malformedHeaders = [
        "", "[]", "{", "null", #"{"w":{}}"#, #"{"w":7}"#,
        #"{"w":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
        #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
        #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
        #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"__metadata__":{"k":1},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    ]

    @Test("A malformed header is refused with a reason", arguments: malformedHeaders)
    func malformed(header: String) throws {
        let error = try #require(throws: TensorError.self) { try SafeTensors(bytes: file(header, data: 4)) }
        #expect(error.code == "malformed_safetensors")
    }

    @Test("Header lengths beyond the file are refused", arguments: [UInt64.max, 1 << 62, 100_000_001, 13])
    func hugeHeader(size: UInt64) {
        #expect(throws: TensorError.self) {
            try SafeTensors(bytes: withUnsafeBytes(of: size.littleEndian, Array.init) + Array("{}          ".utf8))
        }
    }

    @Test("Missing names, other types and other shapes are told apart")
    func wrongUse() throws {
        let file = try SafeTensors(
            bytes: file(#"{"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 4))
        let storage = FloatStorage(count: 2)
        #expect(throws: TensorError.self) { try file.int32s("weight") }
        #expect(throws: TensorError.self) { try file.copyFloats("weight", shape: [2], to: storage.pointer) }
        let missing = try #require(throws: TensorError.self) { try file.floats("weigth") }
        #expect(missing.code == "missing_tensor")
        #expect(missing.description.contains("did you mean 'weight'"))
    }

    @Test("A failed write leaves the old file and nothing else")
    func atomic() throws {
        let path = path("atomic/checkpoint.safetensors")
        #expect(throws: TensorError.self) { try SafeTensors.write([], to: path) }
        mkdir(self.path("atomic"), 0o755)
        try SafeTensors.write([.init("w", shape: [1], floats: [1])], to: path)
        #expect(throws: TensorError.self) {
            try SafeTensors.write([.init("w", shape: [2], floats: [1])], to: path)
        }
        do {
            let unfinished = try AtomicFile(path)
            try [UInt8(1)].withUnsafeBytes(unfinished.write)
        }
        #expect(try SafeTensors(contentsOf: path).floats("w") == [1])
        #expect(access("\(path).\(getpid()).tmp", F_OK) != 0)
    }

    @Test("A file that is not there is named")
    func missingFile() throws {
        let error = try #require(throws: TensorError.self) { try SafeTensors(contentsOf: "/nowhere/x.safetensors") }
        #expect(error.code == "unreadable_file")
        #expect(error.description.contains("/nowhere/x.safetensors"))
    }

    private func file(_ header: String, data: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }
}
