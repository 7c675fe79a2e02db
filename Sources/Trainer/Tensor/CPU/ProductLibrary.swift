import Glibc

/// What computes the matrix products of the CPU.
package enum ProductLibrary: String, Sendable, CaseIterable {
    /// The product among the C kernels: results depend neither on threads nor on how work is shared out.
    case own
    /// OpenBLAS, one thread a call.
    case openBLAS = "openblas"

    /// `SAGA_PRODUCTS`, else our own: OpenBLAS does not know processors newer than itself and then uses its slowest
    /// kernel (see docs/decisions/0018-matrix-products.md).
    package static var chosen: ProductLibrary {
        getenv("SAGA_PRODUCTS").flatMap { ProductLibrary(rawValue: String(cString: $0)) } ?? .own
    }
}
