#include "kernels.h"

#include <math.h>
#include <string.h>

#define NAME(kernel) baseline_##kernel
#include "body.h"
#undef NAME

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(kernel) avx2_##kernel
#include "body.h"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define NAME(kernel) avx512_##kernel
#include "body.h"
#undef NAME
#pragma clang attribute pop

int kernels_best_level(void) {
    if (__builtin_cpu_supports("x86-64-v4")) return kernels_avx512;
    if (__builtin_cpu_supports("x86-64-v3")) return kernels_avx2;
    return kernels_baseline;
}

const Kernels *kernels_for(int level) {
    if (level < kernels_baseline || level > kernels_best_level()) return NULL;
    return level == kernels_avx512 ? &avx512_table : level == kernels_avx2 ? &avx2_table : &baseline_table;
}

#else

int kernels_best_level(void) { return kernels_baseline; }

const Kernels *kernels_for(int level) { return level == kernels_baseline ? &baseline_table : NULL; }

#endif
