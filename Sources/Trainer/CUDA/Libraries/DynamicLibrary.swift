import Glibc

/// A shared library that was opened while the program runs. It stays open: what it started may still run.
package struct DynamicLibrary: @unchecked Sendable {
    /// The name or path that it was opened by.
    package let path: String
    private let handle: UnsafeMutableRawPointer

    package struct Failure: Error, Hashable {
        /// What the dynamic linker said.
        package let message: String
    }

    package init(_ path: String) throws(Failure) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
            throw Failure(message: dlerror().map { String(cString: $0) } ?? "cannot open \(path)")
        }
        self.path = path
        self.handle = handle
    }

    package func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

    /// A C function; nil where the library lacks it.
    func function<Function>(_ name: String, _ type: Function.Type) -> Function? {
        symbol(name).map { unsafeBitCast($0, to: type) }
    }

    /// Fills a structure of nothing but function pointers; throws the names that the library lacks.
    package func functions<Table>(
        _ type: Table.Type, count: Int, name: (Int32) -> UnsafePointer<CChar>
    ) throws(MissingSymbols) -> Table {
        let places = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: count)
        defer { places.deallocate() }
        var missing: [String] = []
        for place in 0..<count {
            let name = String(cString: name(Int32(place)))
            if let symbol = symbol(name) { (places + place).initialize(to: symbol) } else { missing.append(name) }
        }
        guard missing.isEmpty else { throw MissingSymbols(names: missing) }
        return UnsafeRawPointer(places).load(as: Table.self)
    }

    package struct MissingSymbols: Error, Hashable {
        package let names: [String]
    }
}
