import CCUDA
import Experiment

/// NVRTC: compiles the kernels for a card, without needing one.
package struct KernelCompiler {
    private let library: NVRTCLibrary
    /// As 12.9.
    package let version: String

    /// A program for one kind of card, and what the compiler said about it.
    package struct Compiled {
        package let cubin: [UInt8]
        /// Registers and memory of each kernel, as ptxas tells them.
        package let log: String
    }

    /// Uses no NVRTC of a major version above the driver's, whose programs the driver would refuse.
    package init(_ search: LibrarySearch = LibrarySearch(), major: Int = 99) throws(CUDAError) {
        // NVRTC of CUDA 13 does not look for its own second file beside itself.
        let opened = try search.open(
            "libnvrtc.so", major: major, companion: "libnvrtc-builtins.so", package: "nvidia-cuda-nvrtc-cu12")
        do throws(DynamicLibrary.MissingSymbols) {
            library = try opened.functions(
                NVRTCLibrary.self, count: Int(NVRTCLibrary_count), name: NVRTCLibrary_name)
        } catch {
            throw CUDAError(
                .missingLibrary,
                "\(opened.path) lacks \(error.names.joined(separator: ", ")); use NVRTC of CUDA 12 or later")
        }
        var (first, second): (Int32, Int32) = (0, 0)
        _ = library.nvrtcVersion(&first, &second)
        version = "\(first).\(second)"
    }

    /// Compiles the program for an architecture such as sm_90.
    package func compile(
        _ program: String = KernelSources.program, headers: [(name: String, text: String)] = KernelSources.files,
        architecture: String
    ) throws(CUDAError) -> Compiled {
        var handle: UnsafeMutableRawPointer?
        let names = CStrings(headers.map(\.name)), texts = CStrings(headers.map(\.text))
        let created = withExtendedLifetime((names, texts)) {
            library.nvrtcCreateProgram(
                &handle, program, "kernels.cu", Int32(headers.count), texts.pointers, names.pointers)
        }
        guard created == nvrtc_success else {
            throw CUDAError(.kernelsNotCompiled, "NVRTC \(version) cannot begin a program (its error \(created))")
        }
        defer { _ = library.nvrtcDestroyProgram(&handle) }
        let options = CStrings(["--gpu-architecture=\(architecture)", "--std=c++17", "--ptxas-options=-v"])
        let status = withExtendedLifetime(options) {
            library.nvrtcCompileProgram(handle, Int32(options.count), options.pointers)
        }
        let log = text(
            size: { library.nvrtcGetProgramLogSize(handle, $0) }, copy: { library.nvrtcGetProgramLog(handle, $0) })
        guard status == nvrtc_success else {
            let advice =
                status == nvrtc_error_invalid_option
                ? "NVRTC \(version) knows no \(architecture): a newer one is needed for this card"
                : "NVRTC \(version) cannot compile the kernels for \(architecture) (its error \(status))"
            throw CUDAError(.kernelsNotCompiled, log.isEmpty ? advice : "\(advice): \(log)")
        }
        let cubin = bytes(size: { library.nvrtcGetCUBINSize(handle, $0) }, copy: { library.nvrtcGetCUBIN(handle, $0) })
        guard !cubin.isEmpty else {
            throw CUDAError(.kernelsNotCompiled, "NVRTC \(version) made no program for \(architecture)")
        }
        return Compiled(cubin: cubin, log: log)
    }

    private func bytes(
        size: (UnsafeMutablePointer<Int>) -> Int32, copy: (UnsafeMutablePointer<CChar>) -> Int32
    ) -> [UInt8] {
        var count = 0
        guard size(&count) == nvrtc_success, count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            buffer.initialize(repeating: 0)
            initialized = buffer.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { copy($0) } == Int32(nvrtc_success) ? count : 0
            }
        }
    }

    private func text(
        size: (UnsafeMutablePointer<Int>) -> Int32, copy: (UnsafeMutablePointer<CChar>) -> Int32
    ) -> String {
        String(decoding: bytes(size: size, copy: copy).prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// C strings that live as long as this.
private final class CStrings {
    private var strings: [UnsafeMutablePointer<CChar>]
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    var count: Int { strings.count }

    init(_ texts: [String]) {
        strings = texts.map { text in
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            copy.initialize(from: Array(bytes), count: bytes.count)
            return copy
        }
        pointers = .allocate(capacity: max(1, texts.count))
        pointers.initialize(repeating: nil, count: max(1, texts.count))
        for (place, string) in strings.enumerated() { pointers[place] = UnsafePointer(string) }
    }

    deinit {
        for string in strings { string.deallocate() }
        pointers.deallocate()
    }
}
