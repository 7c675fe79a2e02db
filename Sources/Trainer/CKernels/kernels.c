#include "kernels.h"

#include <math.h>
#include <string.h>

typedef float four __attribute__((vector_size(16)));

// Half of the vector registers or more hold a tile: there are 16 of them, but 32 on AArch64 and with AVX-512.
#if defined(__aarch64__)
#define BASELINE_ROWS 8
#else
#define BASELINE_ROWS 4
#endif

#define NAME(kernel) baseline_##kernel
#define LEVEL "baseline"
#define LANES 4
#define TILE_ROWS BASELINE_ROWS
#define BLOCK_ROWS 96
#define TILE_VECTORS 2
#include "packing.h"
#include "product.h"
#include "body.h"
#undef LEVEL
#undef LANES
#undef TILE_ROWS
#undef BLOCK_ROWS
#undef TILE_VECTORS
#undef NAME

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(kernel) avx2_##kernel
#define LEVEL "avx2"
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define BLOCK_ROWS 120
#include "packing.h"
#include "product.h"
#include "body.h"
#undef LEVEL
#undef LANES
#undef TILE_ROWS
#undef BLOCK_ROWS
#undef TILE_VECTORS
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define NAME(kernel) avx512_##kernel
#define LEVEL "avx512"
#define LANES 16
#define TILE_ROWS 12
#define BLOCK_ROWS TILE_ROWS
#define TILE_VECTORS 2
#include "packing.h"
#include "product.h"
#include "body.h"
#undef LEVEL
#undef LANES
#undef TILE_ROWS
#undef BLOCK_ROWS
#undef TILE_VECTORS
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
