import FoundationEssentials

/// Where NVIDIA's libraries may lie: known to the linker, a CUDA toolkit, or the packages of a Python environment, as
/// PyTorch brings them.
package struct LibrarySearch: Sendable {
    private let environment: [String: String]
    private let files: @Sendable (_ folder: String) -> [String]

    /// `files` lists a folder; empty where there is none.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        files: @escaping @Sendable (_ folder: String) -> [String] = {
            (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
        }
    ) {
        self.environment = environment
        self.files = files
    }

    /// Folders in the order that they are looked through.
    package var folders: [String] {
        var folders: [String] = []
        for variable in ["CUDA_HOME", "CUDA_PATH"] {
            if let root = environment[variable], !root.isEmpty { folders += ["\(root)/lib64", "\(root)/lib"] }
        }
        // Conda's own packages, not pip's.
        if let root = environment["CONDA_PREFIX"], !root.isEmpty { folders.append("\(root)/lib") }
        folders += ["/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"]
        for root in pythonRoots {
            for python in files("\(root)/lib").filter({ $0.hasPrefix("python3") }).sorted().reversed() {
                // Debian's own Python puts packages elsewhere.
                for kind in ["site-packages", "dist-packages"] {
                    let packages = "\(root)/lib/\(python)/\(kind)/nvidia"
                    folders += files(packages).sorted().map { "\(packages)/\($0)/lib" }
                }
            }
        }
        return folders
    }

    /// The active Python environment, and what `pip install --user` has put aside.
    private var pythonRoots: [String] {
        var roots = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap { environment[$0] }.filter { !$0.isEmpty }
        if let home = environment["HOME"], !home.isEmpty { roots.append("\(home)/.local") }
        return roots + ["/usr/local", "/usr"]
    }

    /// Paths of a library such as `libnvrtc.so`: in each folder the newest first, none of a major version above `major`.
    package func paths(of name: String, major: Int = .max) -> [String] {
        folders.flatMap { folder in
            files(folder).compactMap { file in version(of: file, name).map { (file: file, version: $0) } }
                .filter { ($0.version.first ?? 0) <= major }
                .sorted { $1.version.lexicographicallyPrecedes($0.version) }
                .map { "\(folder)/\($0.file)" }
        }
    }

    /// 12.4 of libnvrtc.so.12.4; nothing of libnvrtc.so; nil of another file.
    private func version(of file: String, _ name: String) -> [Int]? {
        guard file.hasPrefix(name) else { return nil }
        let rest = file.dropFirst(name.count)
        guard rest.isEmpty || rest.hasPrefix(".") else { return nil }
        let numbers = rest.split(separator: ".").map { Int($0) }
        return numbers.contains(nil) ? nil : numbers.compactMap { $0 }
    }

    /// Opens the first that can be opened. `companion` is opened before it, where one lies beside it.
    package func open(
        _ name: String, major: Int, companion: String? = nil, package pip: String
    ) throws(CUDAError) -> DynamicLibrary {
        var message = ""
        for path in paths(of: name, major: major) {
            let folder = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
            if let companion, let beside = files(folder).filter({ $0.hasPrefix(companion + ".") }).sorted().last {
                _ = try? DynamicLibrary("\(folder)/\(beside)")
            }
            do throws(DynamicLibrary.Failure) {
                return try DynamicLibrary(path)
            } catch {
                message = " (\(error.message))"
            }
        }
        // What only the linker knows, as by LD_LIBRARY_PATH.
        for version in stride(from: min(major, 99), to: 10, by: -1) {
            if let library = try? DynamicLibrary("\(name).\(version)") { return library }
        }
        throw CUDAError(
            .missingLibrary,
            "\(name) is needed to compute on the GPU and was not found\(message); install the CUDA toolkit and set "
                + "CUDA_HOME, or activate a Python environment with the package \(pip), as PyTorch's with CUDA are")
    }
}
