#pragma once
#include "functions.h"

// libcuda.so.1

#define CUDA_DRIVER_FUNCTIONS(F)                                                                                   \
    F(cuInit, (unsigned flags))                                                                                    \
    F(cuDriverGetVersion, (int *_Nonnull version))                                                                 \
    F(cuGetErrorName, (int result, const char *_Nullable *_Nonnull name))                                          \
    F(cuGetErrorString, (int result, const char *_Nullable *_Nonnull text))                                        \
    F(cuDeviceGetCount, (int *_Nonnull count))                                                                     \
    F(cuDeviceGet, (int *_Nonnull device, int ordinal))                                                            \
    F(cuDeviceGetName, (char *_Nonnull name, int length, int device))                                              \
    F(cuDeviceGetAttribute, (int *_Nonnull value, int attribute, int device))                                      \
    F(cuDevicePrimaryCtxRetain, (void *_Nullable *_Nonnull context, int device))                                   \
    F(cuDevicePrimaryCtxRelease_v2, (int device))                                                                  \
    F(cuCtxSetCurrent, (void *_Nullable context))                                                                  \
    F(cuStreamCreate, (void *_Nullable *_Nonnull stream, unsigned flags))                                          \
    F(cuStreamDestroy_v2, (void *_Nullable stream))                                                                \
    F(cuStreamSynchronize, (void *_Nullable stream))                                                               \
    F(cuMemGetInfo_v2, (size_t *_Nonnull available, size_t *_Nonnull total))                                       \
    F(cuMemAlloc_v2, (unsigned long long *_Nonnull address, size_t bytes))                                         \
    F(cuMemAllocManaged, (unsigned long long *_Nonnull address, size_t bytes, unsigned flags))                     \
    F(cuMemFree_v2, (unsigned long long address))                                                                  \
    F(cuMemAdvise, (unsigned long long address, size_t bytes, int advice, int device))                             \
    F(cuMemsetD32Async, (unsigned long long address, unsigned value, size_t count, void *_Nullable stream))        \
    F(cuMemcpyHtoDAsync_v2,                                                                                        \
      (unsigned long long to, const void *_Nonnull from, size_t bytes, void *_Nullable stream))                    \
    F(cuMemcpyDtoHAsync_v2,                                                                                        \
      (void *_Nonnull to, unsigned long long from, size_t bytes, void *_Nullable stream))                          \
    F(cuMemcpyDtoDAsync_v2,                                                                                        \
      (unsigned long long to, unsigned long long from, size_t bytes, void *_Nullable stream))                      \
    F(cuMemPrefetchAsync, (unsigned long long address, size_t bytes, int device, void *_Nullable stream))          \
    F(cuMemHostAlloc, (void *_Nullable *_Nonnull pointer, size_t bytes, unsigned flags))                           \
    F(cuMemFreeHost, (void *_Nullable pointer))                                                                    \
    F(cuEventCreate, (void *_Nullable *_Nonnull event, unsigned flags))                                            \
    F(cuEventDestroy_v2, (void *_Nullable event))                                                                  \
    F(cuEventRecord, (void *_Nullable event, void *_Nullable stream))                                              \
    F(cuEventSynchronize, (void *_Nullable event))                                                                 \
    F(cuStreamWaitEvent, (void *_Nullable stream, void *_Nullable event, unsigned flags))                          \
    F(cuModuleLoadData, (void *_Nullable *_Nonnull module, const void *_Nonnull image))                            \
    F(cuModuleUnload, (void *_Nullable module))                                                                    \
    F(cuModuleGetFunction,                                                                                         \
      (void *_Nullable *_Nonnull function, void *_Nullable module, const char *_Nonnull name))                     \
    F(cuLaunchKernel,                                                                                              \
      (void *_Nullable function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,              \
       unsigned block_y, unsigned block_z, unsigned shared_bytes, void *_Nullable stream,                          \
       void *_Nullable *_Nullable arguments, void *_Nullable *_Nullable extra))

FUNCTION_TABLE(CUDADriver, CUDA_DRIVER_FUNCTIONS)

// Each of these may be missing: some are, before CUDA 11.4.
#define CUDA_LATER_FUNCTIONS(F)                                                                                    \
    F(cuDeviceGetUuid_v2, (void *_Nonnull uuid, int device))                                                       \
    F(cuStreamBeginCapture_v2, (void *_Nullable stream, int mode))                                                 \
    F(cuStreamEndCapture, (void *_Nullable stream, void *_Nullable *_Nonnull graph))                               \
    F(cuGraphInstantiateWithFlags,                                                                                 \
      (void *_Nullable *_Nonnull executable, void *_Nullable graph, unsigned long long flags))                     \
    F(cuGraphLaunch, (void *_Nullable executable, void *_Nullable stream))                                         \
    F(cuGraphDestroy, (void *_Nullable graph))                                                                     \
    F(cuGraphExecDestroy, (void *_Nullable executable))

CUDA_LATER_FUNCTIONS(FUNCTION_TYPE)

enum {
    cuda_success = 0,
    cuda_error_out_of_memory = 2,
    cuda_error_no_device = 100,
    cuda_error_invalid_image = 200,
    cuda_error_no_binary_for_gpu = 209,

    cuda_multiprocessor_count = 16,
    cuda_compute_capability_major = 75,
    cuda_compute_capability_minor = 76,
    cuda_concurrent_managed_access = 89,

    cuda_attach_global = 1,
    cuda_advise_preferred_location = 3,
    cuda_stream_non_blocking = 1,
    cuda_event_disable_timing = 2,
    cuda_capture_thread_local = 1,
};
