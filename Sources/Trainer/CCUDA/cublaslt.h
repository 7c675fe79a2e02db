#pragma once
#include "functions.h"

// libcublasLt.so: matrix products.

typedef struct {
    uint64_t data[8];
} MatmulAlgorithm;

typedef struct {
    MatmulAlgorithm algorithm;
    size_t workspace_size;
    int status;
    float waves;
    int reserved[4];
} MatmulHeuristic;

#define CUBLASLT_FUNCTIONS(F)                                                                                      \
    F(cublasLtCreate, (void *_Nullable *_Nonnull handle))                                                          \
    F(cublasLtDestroy, (void *_Nullable handle))                                                                   \
    F(cublasLtMatmulDescCreate, (void *_Nullable *_Nonnull description, int compute_type, int scale_type))         \
    F(cublasLtMatmulDescDestroy, (void *_Nullable description))                                                    \
    F(cublasLtMatmulDescSetAttribute,                                                                              \
      (void *_Nullable description, int attribute, const void *_Nonnull value, size_t size))                       \
    F(cublasLtMatrixLayoutCreate,                                                                                  \
      (void *_Nullable *_Nonnull layout, int type, uint64_t rows, uint64_t columns, int64_t leading_dimension))    \
    F(cublasLtMatrixLayoutDestroy, (void *_Nullable layout))                                                       \
    F(cublasLtMatmulPreferenceCreate, (void *_Nullable *_Nonnull preference))                                      \
    F(cublasLtMatmulPreferenceDestroy, (void *_Nullable preference))                                               \
    F(cublasLtMatmulPreferenceSetAttribute,                                                                        \
      (void *_Nullable preference, int attribute, const void *_Nonnull value, size_t size))                        \
    F(cublasLtMatmulAlgoGetHeuristic,                                                                              \
      (void *_Nullable handle, void *_Nullable description, void *_Nullable a, void *_Nullable b, void *_Nullable c,\
       void *_Nullable d, void *_Nullable preference, int wanted, MatmulHeuristic *_Nonnull results,               \
       int *_Nonnull found))                                                                                       \
    F(cublasLtMatmul,                                                                                              \
      (void *_Nullable handle, void *_Nullable description, const void *_Nonnull alpha, const void *_Nullable a,   \
       void *_Nullable a_layout, const void *_Nullable b, void *_Nullable b_layout, const void *_Nonnull beta,     \
       const void *_Nullable c, void *_Nullable c_layout, void *_Nullable d, void *_Nullable d_layout,             \
       const MatmulAlgorithm *_Nullable algorithm, void *_Nullable workspace, size_t workspace_size,               \
       void *_Nullable stream))

FUNCTION_TABLE(CUBLASLtLibrary, CUBLASLT_FUNCTIONS)

enum {
    cublas_success = 0,
    cublas_not_initialized = 1,
    cublas_alloc_failed = 3,
    cublas_not_supported = 15,

    cublas_op_n = 0,
    cublas_op_t = 1,
    cublas_compute_32f = 68,
    cublas_compute_32f_fast_tf32 = 77,
    cuda_type_32f = 0,
    cuda_type_16f = 2,
    cuda_type_16bf = 14,

    cublaslt_description_transpose_a = 3,
    cublaslt_description_transpose_b = 4,
    cublaslt_description_epilogue = 7,
    cublaslt_description_bias_pointer = 8,
    cublaslt_epilogue_bias = 4,
    cublaslt_preference_workspace = 1,
    cublaslt_preference_alignment_a = 5,
    cublaslt_preference_alignment_b = 6,
    cublaslt_preference_alignment_c = 7,
    cublaslt_preference_alignment_d = 8,
};
