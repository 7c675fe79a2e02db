@testable import Tensor
