import CCUDA
import Tensor

/// Matrix products by cuBLASLt. Sums are float32; operands and results are as they lie in memory.
///
/// It counts matrices by columns. A row-major matrix is its own transpose so counted, and Cᵀ = op(B)ᵀ op(A)ᵀ: operands
/// change places and no data moves.
final class GPUProducts {
    private let library: CUBLASLtLibrary
    private var handle: UnsafeMutableRawPointer?
    private var workspace: UnsafeMutableRawPointer?
    private var plans: [Shape: Plan] = [:]

    private static let workspaceSize = 32 << 20
    /// Plans kept: packed batches have many row counts.
    private static let mostPlans = 4096

    /// What a plan depends on.
    private struct Shape: Hashable {
        let m, n, k, lda, ldb, ldd: Int
        let transposeA, transposeB, isTF32, hasBias: Bool
        let operand, result: Number
        let alignments: [UInt32]

        init(_ product: DeviceProduct) {
            (m, n, k) = (product.m, product.n, product.k)
            (lda, ldb, ldd) = (product.a.stride, product.b.stride, product.d.stride)
            (transposeA, transposeB) = (product.transposeA, product.transposeB)
            (isTF32, hasBias) = (product.isTF32, product.bias != nil)
            (operand, result) = (product.a.number, product.d.number)
            alignments = [product.a, product.b, product.c, product.d].map {
                let address = UInt(bitPattern: $0.pointer)
                return UInt32(min(256, address & (~address &+ 1)))
            }
        }
    }

    /// How a product is computed.
    final class Plan {
        var description: UnsafeMutableRawPointer?
        var a: UnsafeMutableRawPointer?
        var b: UnsafeMutableRawPointer?
        var c: UnsafeMutableRawPointer?
        var algorithm = MatmulAlgorithm()
    }

    /// Opens cuBLASLt of a major version that the driver knows.
    init(_ search: LibrarySearch, major: Int) throws(CUDAError) {
        let opened = try search.open("libcublasLt.so", major: major, package: "nvidia-cublas-cu12")
        do throws(DynamicLibrary.MissingSymbols) {
            library = try opened.functions(
                CUBLASLtLibrary.self, count: Int(CUBLASLtLibrary_count), name: CUBLASLtLibrary_name)
        } catch {
            throw CUDAError(
                .missingLibrary, "\(opened.path) lacks \(error.names.joined(separator: ", ")); use that of CUDA 12")
        }
        let status = library.cublasLtCreate(&handle)
        guard status == cublas_success else {
            throw CUDAError(.driverFailed, "\(opened.path) does not start (its error \(status)); see 'nvidia-smi'")
        }
    }

    /// Gives everything back; nothing may be computed any more.
    func close(_ driver: GPUDriver) {
        plans.values.forEach(destroy)
        plans = [:]
        if let workspace { _ = driver.functions.cuMemFree_v2(GPU.address(workspace)) }
        workspace = nil
        if let handle { _ = library.cublasLtDestroy(handle) }
        handle = nil
    }

    func multiply(
        _ product: DeviceProduct, device: GPU, stream: UnsafeMutableRawPointer?
    ) throws(TensorError) {
        let plan = try prepare(product, device: device)
        if product.bias != nil { try setBias(product, plan) }
        var (alpha, beta) = (product.alpha, product.beta)
        try check(
            library.cublasLtMatmul(
                handle, plan.description, &alpha, product.b.pointer, plan.a, product.a.pointer, plan.b, &beta,
                product.c.pointer, plan.c, product.d.pointer, plan.c, &plan.algorithm, workspace,
                GPUProducts.workspaceSize, stream), product)
    }

    /// Allocates what the product needs beside its matrices, and chooses how to compute it, unless that is done.
    @discardableResult
    func prepare(_ product: DeviceProduct, device: GPU) throws(TensorError) -> Plan {
        if workspace == nil { workspace = try device.allocate(bytes: GPUProducts.workspaceSize) }
        let shape = Shape(product)
        if let known = plans[shape] { return known }
        if plans.count >= GPUProducts.mostPlans {
            try device.finish()
            plans.values.forEach(destroy)
            plans = [:]
        }
        let plan = try self.plan(product, shape)
        plans[shape] = plan
        return plan
    }

    private func plan(_ product: DeviceProduct, _ shape: Shape) throws(TensorError) -> Plan {
        let plan = Plan()
        do throws(TensorError) {
            try describe(product, shape, plan)
            return plan
        } catch {
            destroy(plan)
            throw error
        }
    }

    /// cuBLASLt's A is our B. Its bias is added to columns, which are our rows.
    private func describe(_ product: DeviceProduct, _ shape: Shape, _ plan: Plan) throws(TensorError) {
        let (m, n, k) = (UInt64(product.m), UInt64(product.n), UInt64(product.k))
        let compute = product.isTF32 ? cublas_compute_32f_fast_tf32 : cublas_compute_32f
        try check(
            library.cublasLtMatmulDescCreate(&plan.description, Int32(compute), Int32(cuda_type_32f)), product)
        for (attribute, isTransposed) in [
            (cublaslt_description_transpose_a, product.transposeB),
            (cublaslt_description_transpose_b, product.transposeA),
        ] {
            try set(attribute, Int32(isTransposed ? cublas_op_t : cublas_op_n), of: plan, product)
        }
        if product.bias != nil {
            try set(cublaslt_description_epilogue, Int32(cublaslt_epilogue_bias), of: plan, product)
            // Algorithms are chosen for a bias.
            try setBias(product, plan)
        }
        let (operand, result) = (shape.operand.cudaType, shape.result.cudaType)
        let (a, b) = (product.transposeB ? (k, n) : (n, k), product.transposeA ? (m, k) : (k, m))
        try check(library.cublasLtMatrixLayoutCreate(&plan.a, operand, a.0, a.1, Int64(shape.ldb)), product)
        try check(library.cublasLtMatrixLayoutCreate(&plan.b, operand, b.0, b.1, Int64(shape.lda)), product)
        try check(library.cublasLtMatrixLayoutCreate(&plan.c, result, n, m, Int64(shape.ldd)), product)
        plan.algorithm = try algorithm(plan, shape, product)
    }

    private func set(
        _ attribute: Int, _ value: Int32, of plan: Plan, _ product: DeviceProduct
    ) throws(TensorError) {
        var value = value
        try check(
            library.cublasLtMatmulDescSetAttribute(
                plan.description, Int32(attribute), &value, MemoryLayout<Int32>.size), product)
    }

    private func setBias(_ product: DeviceProduct, _ plan: Plan) throws(TensorError) {
        var bias = product.bias
        try check(
            library.cublasLtMatmulDescSetAttribute(
                plan.description, Int32(cublaslt_description_bias_pointer), &bias,
                MemoryLayout<UnsafeMutableRawPointer?>.size), product)
    }

    private func algorithm(
        _ plan: Plan, _ shape: Shape, _ product: DeviceProduct
    ) throws(TensorError) -> MatmulAlgorithm {
        var preference: UnsafeMutableRawPointer?
        try check(library.cublasLtMatmulPreferenceCreate(&preference), product)
        defer { _ = library.cublasLtMatmulPreferenceDestroy(preference) }
        var size = GPUProducts.workspaceSize
        try check(
            library.cublasLtMatmulPreferenceSetAttribute(
                preference, Int32(cublaslt_preference_workspace), &size, MemoryLayout<Int>.size), product)
        // It would take 256 bytes for granted.
        for (attribute, alignment) in [
            (cublaslt_preference_alignment_a, shape.alignments[1]),
            (cublaslt_preference_alignment_b, shape.alignments[0]),
            (cublaslt_preference_alignment_c, shape.alignments[2]),
            (cublaslt_preference_alignment_d, shape.alignments[3]),
        ] {
            var alignment = alignment
            try check(
                library.cublasLtMatmulPreferenceSetAttribute(
                    preference, Int32(attribute), &alignment, MemoryLayout<UInt32>.size), product)
        }
        var heuristic = MatmulHeuristic()
        var found: Int32 = 0
        try check(
            library.cublasLtMatmulAlgoGetHeuristic(
                handle, plan.description, plan.a, plan.b, plan.c, plan.c, preference, 1, &heuristic, &found), product)
        guard found > 0 else { throw failed(Int32(cublas_not_supported), product) }
        return heuristic.algorithm
    }

    private func destroy(_ plan: Plan) {
        for layout in [plan.a, plan.b, plan.c] where layout != nil { _ = library.cublasLtMatrixLayoutDestroy(layout) }
        if plan.description != nil { _ = library.cublasLtMatmulDescDestroy(plan.description) }
    }

    private func check(_ status: Int32, _ product: DeviceProduct) throws(TensorError) {
        guard status != cublas_success else { return }
        throw failed(status, product)
    }

    private func failed(_ status: Int32, _ product: DeviceProduct) -> TensorError {
        TensorError(
            .deviceFailed,
            "cuBLASLt cannot multiply \(product.m) x \(product.k) by \(product.k) x \(product.n) (its error \(status))")
    }
}

extension Number {
    fileprivate var cudaType: Int32 {
        switch self {
        case .float32: Int32(cuda_type_32f)
        case .bfloat16: Int32(cuda_type_16bf)
        case .float16: Int32(cuda_type_16f)
        }
    }
}
