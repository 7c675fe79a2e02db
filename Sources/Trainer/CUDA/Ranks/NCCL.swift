import CCUDA
import Tensor

/// NVIDIA's library of sums over GPUs.
struct NCCL {
    let functions: NCCLLibrary
    private let lastError: NCCLLastError?
    private let path: String

    init(_ search: LibrarySearch = LibrarySearch()) throws(CUDAError) {
        let opened = try search.open("libnccl.so", major: 2, package: "nvidia-nccl-cu12")
        path = opened.path
        do throws(DynamicLibrary.MissingSymbols) {
            functions = try opened.functions(NCCLLibrary.self, count: Int(NCCLLibrary_count), name: NCCLLibrary_name)
        } catch {
            throw CUDAError(
                .missingLibrary, "\(opened.path) lacks \(error.names.joined(separator: ", ")); use NCCL 2.4 or later")
        }
        lastError = opened.symbol("ncclGetLastError").map { unsafeBitCast($0, to: NCCLLastError.self) }
    }

    /// As 22707 is 2.27.7.
    var version: Int {
        var version: Int32 = 0
        _ = functions.ncclGetVersion(&version)
        return Int(version)
    }

    func check(_ status: Int32, _ doing: String, _ communicator: UnsafeMutableRawPointer?) throws(RankError) {
        guard status != nccl_success, status != nccl_in_progress else { return }
        let words = lastError?(communicator).map { String(cString: $0) } ?? ""
        throw RankError(
            .collectiveFailed,
            "NCCL (\(path)) cannot \(doing): its error \(status)\(words.isEmpty ? "" : ", \(words)"); set NCCL_DEBUG=WARN "
                + "to see more")
    }
}
