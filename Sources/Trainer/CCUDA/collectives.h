#pragma once
#include "functions.h"

// libnccl.so.2: sums over the GPUs of several processes.

typedef struct {
    char bytes[128];
} CollectiveID;

#define NCCL_FUNCTIONS(F)                                                                                          \
    F(ncclGetVersion, (int *_Nonnull version))                                                                     \
    F(ncclGetUniqueId, (CollectiveID *_Nonnull id))                                                                \
    F(ncclCommInitRank, (void *_Nullable *_Nonnull communicator, int ranks, CollectiveID id, int rank))            \
    F(ncclCommDestroy, (void *_Nullable communicator))                                                             \
    F(ncclCommAbort, (void *_Nullable communicator))                                                               \
    F(ncclCommGetAsyncError, (void *_Nullable communicator, int *_Nonnull error))                                  \
    F(ncclAllReduce,                                                                                               \
      (const void *_Nonnull from, void *_Nonnull to, size_t count, int type, int operation,                        \
       void *_Nullable communicator, void *_Nullable stream))

FUNCTION_TABLE(NCCLLibrary, NCCL_FUNCTIONS)

// What went wrong last, in words.
typedef const char *_Nullable (*_Nonnull NCCLLastError)(void *_Nullable communicator);

enum {
    nccl_success = 0,
    nccl_in_progress = 7,
    nccl_float32 = 7,
    nccl_sum = 0,
};
