/// What a kernel is called with, as it lies in memory.
package enum KernelArgument {
    case buffer(UnsafeMutableRawPointer?)
    case int(Int)
    case long(Int)
    case float(Float)
    case double(Double)
    /// The kernels' `Heads`: a pointer and two ints.
    case heads(UnsafeMutableRawPointer?, rowStride: Int, headStride: Int)

    var size: Int {
        switch self {
        case .buffer, .long, .double: 8
        case .int, .float: 4
        case .heads: 16
        }
    }

    /// Two words, of which the first ``size`` bytes count. Ints that do not fit become the largest that do.
    var words: (UInt64, UInt64) {
        switch self {
        case .buffer(let pointer): (UInt64(UInt(bitPattern: pointer)), 0)
        case .long(let value): (UInt64(bitPattern: Int64(value)), 0)
        case .int(let value): (UInt64(UInt32(bitPattern: Int32(clamping: value))), 0)
        case .float(let value): (UInt64(value.bitPattern), 0)
        case .double(let value): (value.bitPattern, 0)
        case .heads(let pointer, let rowStride, let headStride):
            (
                UInt64(UInt(bitPattern: pointer)),
                UInt64(UInt32(bitPattern: Int32(clamping: rowStride)))
                    | UInt64(UInt32(bitPattern: Int32(clamping: headStride))) << 32
            )
        }
    }
}
