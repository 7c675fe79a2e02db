/// The kernels' source text, which the binary carries.
package enum KernelSources {
    /// By file name; `.cuh` are included by others.
    package static let files: [(name: String, text: String)] = [
        ("AdamW.cu", PackageResources.AdamW_cu),
        ("AttentionBackward.cu", PackageResources.AttentionBackward_cu),
        ("AttentionBackwardBF16.cu", PackageResources.AttentionBackwardBF16_cu),
        ("AttentionForward.cu", PackageResources.AttentionForward_cu),
        ("AttentionForwardBF16.cu", PackageResources.AttentionForwardBF16_cu),
        ("AttentionTiles.cuh", PackageResources.AttentionTiles_cuh),
        ("ColumnSums.cu", PackageResources.ColumnSums_cu),
        ("Common.cuh", PackageResources.Common_cuh),
        ("CrossEntropy.cu", PackageResources.CrossEntropy_cu),
        ("Elementwise.cu", PackageResources.Elementwise_cu),
        ("Embedding.cu", PackageResources.Embedding_cu),
        ("GELU.cu", PackageResources.GELU_cu),
        ("GatedSiLU.cu", PackageResources.GatedSiLU_cu),
        ("LayerNorm.cu", PackageResources.LayerNorm_cu),
        ("Norm.cu", PackageResources.Norm_cu),
        ("Numbers.cuh", PackageResources.Numbers_cuh),
        ("Rotation.cu", PackageResources.Rotation_cu),
        ("Rounding.cu", PackageResources.Rounding_cu),
        ("Sampling.cu", PackageResources.Sampling_cu),
        ("StepControl.cuh", PackageResources.StepControl_cuh),
        ("TensorCores.cuh", PackageResources.TensorCores_cuh),
    ].map { ($0, String(decoding: $1, as: UTF8.self)) }

    /// A program that is all of them.
    package static let program =
        files.map(\.name).filter { $0.hasSuffix(".cu") }.map { "#include \"\($0)\"\n" }.joined()
}
