import CCUDA

extension GPU {
    /// Tells cards apart, as NVML and `CUDA_VISIBLE_DEVICES` write it; nil where the driver does not tell.
    package var uuid: String? {
        guard let get = driver.symbols.function("cuDeviceGetUuid_v2", cuDeviceGetUuid_v2_type.self) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        return get(&bytes, device) == cuda_success ? GPU.text(ofUUID: bytes) : nil
    }

    /// GPU-8-4-4-4-12 digits.
    static func text(ofUUID bytes: [UInt8]) -> String {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "GPU-" + groups.joined(separator: "-")
    }
}
