#pragma once
#include "Common.cuh"

// What activations are kept in: float32, or 16 bits of which all arithmetic is float32. Kernels are templates of the
// type; FOR_NUMBERS makes one of each, with the type's suffix in its name.

struct BFloat16 {
    unsigned short bits;
};

struct Float16 {
    unsigned short bits;
};

#define FOR_NUMBERS(DEFINE)                                                                                        \
    DEFINE(, float)                                                                                                \
    DEFINE(_bf16, BFloat16)                                                                                        \
    DEFINE(_fp16, Float16)

// The upper half of a float32, rounded to nearest, ties to even. NaN stays NaN.
static __device__ inline unsigned short bfloat16_bits(float value) {
    unsigned bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (unsigned short)(bits >> 16 | 0x40);
    return (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

// Two of them as tensor cores take them, the first in the lower half.
static __device__ inline unsigned bfloat16_pair(float first, float second) {
    return (unsigned)bfloat16_bits(second) << 16 | bfloat16_bits(first);
}

static __device__ inline float number(float x) { return x; }
static __device__ inline float number(BFloat16 x) { return __uint_as_float((unsigned)x.bits << 16); }
static __device__ inline float number(Float16 x) {
#if !defined(__CUDA_ARCH__)
    return emulated_half_to_float(x.bits);
#else
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(x.bits));
    return value;
#endif
}

// To nearest, ties to even; beyond float16's 65504 to infinity.
static __device__ inline void put(float &place, float value) { place = value; }
static __device__ inline void put(BFloat16 &place, float value) { place.bits = bfloat16_bits(value); }
static __device__ inline void put(Float16 &place, float value) {
#if !defined(__CUDA_ARCH__)
    place.bits = emulated_float_to_half(value);
#else
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(place.bits) : "f"(value));
#endif
}

// Neighbours, read and written at once where they are 32 bits.
struct Pair {
    float first, second;
};

static __device__ inline Pair pair_at(const float *x) { return Pair{x[0], x[1]}; }
template <typename Number>
static __device__ inline Pair pair_at(const Number *x) {
    unsigned bits = *(const unsigned *)x;
    Number first, second;
    first.bits = (unsigned short)bits;
    second.bits = (unsigned short)(bits >> 16);
    return Pair{number(first), number(second)};
}

static __device__ inline void put_pair(float *place, Pair pair) {
    place[0] = pair.first;
    place[1] = pair.second;
}
template <typename Number>
static __device__ inline void put_pair(Number *place, Pair pair) {
    Number first, second;
    put(first, pair.first);
    put(second, pair.second);
    *(unsigned *)place = (unsigned)second.bits << 16 | first.bits;
}

// Whether pairs can be read from here on.
static __device__ inline bool holds_pairs(const void *place) { return ((unsigned long long)place & 3) == 0; }
