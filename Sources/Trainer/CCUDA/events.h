#pragma once
#include "functions.h"

// libcuda.so.1: what several streams need, and what tells cards apart.

#define CUDA_EVENT_FUNCTIONS(F)                                                                                    \
    F(cuEventCreate, (void *_Nullable *_Nonnull event, unsigned flags))                                            \
    F(cuEventDestroy_v2, (void *_Nullable event))                                                                  \
    F(cuEventRecord, (void *_Nullable event, void *_Nullable stream))                                              \
    F(cuStreamWaitEvent, (void *_Nullable stream, void *_Nullable event, unsigned flags))                          \
    F(cuDeviceGetUuid_v2, (void *_Nonnull uuid, int device))

FUNCTION_TABLE(CUDAEvents, CUDA_EVENT_FUNCTIONS)

enum {
    cuda_event_disable_timing = 2,
};
