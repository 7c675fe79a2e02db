#pragma once
#include "functions.h"

// libnvrtc.so: the compiler of kernels.

#define NVRTC_FUNCTIONS(F)                                                                                         \
    F(nvrtcVersion, (int *_Nonnull major, int *_Nonnull minor))                                                    \
    F(nvrtcCreateProgram,                                                                                          \
      (void *_Nullable *_Nonnull program, const char *_Nonnull source, const char *_Nonnull name, int header_count,\
       const char *_Nullable const *_Nonnull headers, const char *_Nullable const *_Nonnull header_names))         \
    F(nvrtcDestroyProgram, (void *_Nullable *_Nonnull program))                                                    \
    F(nvrtcCompileProgram,                                                                                         \
      (void *_Nullable program, int option_count, const char *_Nullable const *_Nonnull options))                  \
    F(nvrtcGetProgramLogSize, (void *_Nullable program, size_t *_Nonnull size))                                    \
    F(nvrtcGetProgramLog, (void *_Nullable program, char *_Nonnull log))                                           \
    F(nvrtcGetCUBINSize, (void *_Nullable program, size_t *_Nonnull size))                                         \
    F(nvrtcGetCUBIN, (void *_Nullable program, char *_Nonnull cubin))

FUNCTION_TABLE(NVRTCLibrary, NVRTC_FUNCTIONS)

enum {
    nvrtc_success = 0,
    nvrtc_error_invalid_option = 5,
    nvrtc_error_builtin_operation_failure = 7,
};
