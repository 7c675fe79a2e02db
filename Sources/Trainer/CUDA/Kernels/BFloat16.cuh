#pragma once
#include "Common.cuh"

// The upper half of a float32, rounded to nearest, ties to even. NaN stays NaN.
static __device__ inline unsigned short bfloat16(float value) {
    unsigned bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (unsigned short)(bits >> 16 | 0x40);
    return (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

// Two of them as tensor cores take them, the first in the lower half.
static __device__ inline unsigned bfloat16_pair(float first, float second) {
    return (unsigned)bfloat16(second) << 16 | bfloat16(first);
}
