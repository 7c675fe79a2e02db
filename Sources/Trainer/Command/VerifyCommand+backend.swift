import ArgumentParser
import CUDA
import Experiment
import Tensor

extension VerifyCommand {
    /// Eight bits of a rounded operand, in sums of a few hundred products.
    private static let roundedTolerance = 3e-2

    func verifyBackend() throws {
        let findings: [BackendContract.Finding]
        do {
            let backend = try device.open(precision).backend
            findings =
                try precision == .float32
                ? BackendContract.check(backend)
                : BackendContract.check(backend, productTolerance: VerifyCommand.roundedTolerance)
        } catch {
            StandardError.write("trainer verify: \(error)")
            throw ExitCode(2)
        }
        switch format {
        case .json: print(String(decoding: try JSONCoding.encode(findings), as: UTF8.self))
        case .table:
            for finding in findings {
                print("\(finding.passes ? "agrees " : "DIFFERS") \(digits(finding.error))  \(finding.check)")
            }
        }
        if findings.contains(where: { !$0.passes }) { throw ExitCode.failure }
    }
}
