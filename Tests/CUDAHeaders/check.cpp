// Holds what Sources/Trainer/CCUDA writes down by hand against NVIDIA's own headers. It is only compiled:
// scripts/cuda-headers does that, where the packages of Tests/requirements.txt bring the headers.

#include <cublasLt.h>
#include <cuda.h>
#include <nccl.h>
#include <nvml.h>
#include <nvrtc.h>

#include <cstddef>
#include <type_traits>

#include "../../Sources/Trainer/CCUDA/functions.h"

namespace ours {
#include "../../Sources/Trainer/CCUDA/collectives.h"
#include "../../Sources/Trainer/CCUDA/cublaslt.h"
#include "../../Sources/Trainer/CCUDA/driver.h"
#include "../../Sources/Trainer/CCUDA/management.h"
#include "../../Sources/Trainer/CCUDA/nvrtc.h"
}  // namespace ours

// Two types that are passed alike: both whole numbers of one size and signedness or enumerations, both floating, or
// both pointers.
template <typename Ours, typename Theirs>
constexpr bool alike() {
    if (sizeof(Ours) != sizeof(Theirs)) return false;
    if (std::is_pointer_v<Ours> != std::is_pointer_v<Theirs>) return false;
    if (std::is_floating_point_v<Ours> != std::is_floating_point_v<Theirs>) return false;
    if (std::is_integral_v<Ours> && std::is_integral_v<Theirs>)
        return std::is_signed_v<Ours> == std::is_signed_v<Theirs>;
    return true;
}

template <typename Ours, typename Theirs>
struct Signature;

template <typename OurResult, typename... Ours, typename TheirResult, typename... Theirs>
struct Signature<OurResult (*)(Ours...), TheirResult (*)(Theirs...)> {
    static constexpr bool is_alike() {
        if constexpr (sizeof...(Ours) != sizeof...(Theirs)) {
            return false;
        } else {
            return alike<OurResult, TheirResult>() && (alike<Ours, Theirs>() && ...);
        }
    }
};

#define CHECK_DRIVER(name, arguments)                                                                              \
    static_assert(Signature<decltype(ours::CUDADriver::name), decltype(&::name)>::is_alike(), #name);
#define CHECK_NVRTC(name, arguments)                                                                               \
    static_assert(Signature<decltype(ours::NVRTCLibrary::name), decltype(&::name)>::is_alike(), #name);
#define CHECK_CUBLASLT(name, arguments)                                                                            \
    static_assert(Signature<decltype(ours::CUBLASLtLibrary::name), decltype(&::name)>::is_alike(), #name);

#define CHECK_NCCL(name, arguments)                                                                                \
    static_assert(Signature<decltype(ours::NCCLLibrary::name), decltype(&::name)>::is_alike(), #name);
#define CHECK_TYPE(name, arguments)                                                                                \
    static_assert(Signature<ours::name##_type, decltype(&::name)>::is_alike(), #name);

CUDA_DRIVER_FUNCTIONS(CHECK_DRIVER)
CUDA_LATER_FUNCTIONS(CHECK_TYPE)
NCCL_FUNCTIONS(CHECK_NCCL)
NVML_FUNCTIONS(CHECK_TYPE)
static_assert(Signature<ours::NCCLLastError, decltype(&::ncclGetLastError)>::is_alike(), "ncclGetLastError");
NVRTC_FUNCTIONS(CHECK_NVRTC)
CUBLASLT_FUNCTIONS(CHECK_CUBLASLT)

#define CHECK_NUMBER(own, theirs) static_assert(int(ours::own) == int(theirs), #own)

CHECK_NUMBER(cuda_success, CUDA_SUCCESS);
CHECK_NUMBER(cuda_error_out_of_memory, CUDA_ERROR_OUT_OF_MEMORY);
CHECK_NUMBER(cuda_error_no_device, CUDA_ERROR_NO_DEVICE);
CHECK_NUMBER(cuda_error_invalid_image, CUDA_ERROR_INVALID_IMAGE);
CHECK_NUMBER(cuda_error_no_binary_for_gpu, CUDA_ERROR_NO_BINARY_FOR_GPU);
CHECK_NUMBER(cuda_multiprocessor_count, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
CHECK_NUMBER(cuda_compute_capability_major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
CHECK_NUMBER(cuda_compute_capability_minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
CHECK_NUMBER(cuda_concurrent_managed_access, CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS);
CHECK_NUMBER(cuda_attach_global, CU_MEM_ATTACH_GLOBAL);
CHECK_NUMBER(cuda_advise_preferred_location, CU_MEM_ADVISE_SET_PREFERRED_LOCATION);
CHECK_NUMBER(cuda_stream_non_blocking, CU_STREAM_NON_BLOCKING);
CHECK_NUMBER(cuda_event_disable_timing, CU_EVENT_DISABLE_TIMING);
CHECK_NUMBER(cuda_capture_thread_local, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);

CHECK_NUMBER(nccl_success, ncclSuccess);
CHECK_NUMBER(nccl_in_progress, ncclInProgress);
CHECK_NUMBER(nccl_float32, ncclFloat32);
CHECK_NUMBER(nccl_sum, ncclSum);
static_assert(sizeof(ours::CollectiveID) == sizeof(ncclUniqueId) && alignof(ours::CollectiveID) == alignof(ncclUniqueId));

CHECK_NUMBER(nvml_success, NVML_SUCCESS);
CHECK_NUMBER(nvml_temperature_gpu, NVML_TEMPERATURE_GPU);
CHECK_NUMBER(nvml_clock_graphics, NVML_CLOCK_GRAPHICS);
CHECK_NUMBER(nvml_clock_sm, NVML_CLOCK_SM);
CHECK_NUMBER(nvml_clock_memory, NVML_CLOCK_MEM);
static_assert(sizeof(ours::ManagedUtilization) == sizeof(nvmlUtilization_t));
static_assert(offsetof(ours::ManagedUtilization, gpu) == offsetof(nvmlUtilization_t, gpu));
static_assert(offsetof(ours::ManagedUtilization, memory) == offsetof(nvmlUtilization_t, memory));
static_assert(sizeof(ours::ManagedMemory) == sizeof(nvmlMemory_t));
static_assert(offsetof(ours::ManagedMemory, total) == offsetof(nvmlMemory_t, total));
static_assert(offsetof(ours::ManagedMemory, used) == offsetof(nvmlMemory_t, used));

CHECK_NUMBER(nvrtc_success, NVRTC_SUCCESS);
CHECK_NUMBER(nvrtc_error_invalid_option, NVRTC_ERROR_INVALID_OPTION);
CHECK_NUMBER(nvrtc_error_builtin_operation_failure, NVRTC_ERROR_BUILTIN_OPERATION_FAILURE);

CHECK_NUMBER(cublas_success, CUBLAS_STATUS_SUCCESS);
CHECK_NUMBER(cublas_not_initialized, CUBLAS_STATUS_NOT_INITIALIZED);
CHECK_NUMBER(cublas_alloc_failed, CUBLAS_STATUS_ALLOC_FAILED);
CHECK_NUMBER(cublas_not_supported, CUBLAS_STATUS_NOT_SUPPORTED);
CHECK_NUMBER(cublas_op_n, CUBLAS_OP_N);
CHECK_NUMBER(cublas_op_t, CUBLAS_OP_T);
CHECK_NUMBER(cublas_compute_32f, CUBLAS_COMPUTE_32F);
CHECK_NUMBER(cublas_compute_32f_fast_tf32, CUBLAS_COMPUTE_32F_FAST_TF32);
CHECK_NUMBER(cuda_type_32f, CUDA_R_32F);
CHECK_NUMBER(cuda_type_16f, CUDA_R_16F);
CHECK_NUMBER(cuda_type_16bf, CUDA_R_16BF);
CHECK_NUMBER(cublaslt_description_epilogue, CUBLASLT_MATMUL_DESC_EPILOGUE);
CHECK_NUMBER(cublaslt_description_bias_pointer, CUBLASLT_MATMUL_DESC_BIAS_POINTER);
CHECK_NUMBER(cublaslt_epilogue_bias, CUBLASLT_EPILOGUE_BIAS);
CHECK_NUMBER(cublaslt_description_transpose_a, CUBLASLT_MATMUL_DESC_TRANSA);
CHECK_NUMBER(cublaslt_description_transpose_b, CUBLASLT_MATMUL_DESC_TRANSB);
CHECK_NUMBER(cublaslt_preference_workspace, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
CHECK_NUMBER(cublaslt_preference_alignment_a, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES);
CHECK_NUMBER(cublaslt_preference_alignment_b, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES);
CHECK_NUMBER(cublaslt_preference_alignment_c, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES);
CHECK_NUMBER(cublaslt_preference_alignment_d, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);

static_assert(sizeof(ours::MatmulAlgorithm) == sizeof(cublasLtMatmulAlgo_t));
static_assert(sizeof(ours::MatmulHeuristic) == sizeof(cublasLtMatmulHeuristicResult_t));
static_assert(
    offsetof(ours::MatmulHeuristic, workspace_size) == offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize));
static_assert(offsetof(ours::MatmulHeuristic, status) == offsetof(cublasLtMatmulHeuristicResult_t, state));
