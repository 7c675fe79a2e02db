/// How a device keeps activations.
package enum Number: String, CaseIterable, Sendable {
    case float32 = ""
    case bfloat16 = "bf16"
    case float16 = "fp16"

    package var size: Int { self == .float32 ? 4 : 2 }
}
