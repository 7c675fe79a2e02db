#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

// What CUDA C++ has built in, for compiling the kernels as plain C++. Included before them.

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

struct float2 {
    float x, y;
};

static inline float2 make_float2(float x, float y) { return float2{x, y}; }

namespace emulation {

struct Place {
    dim3 thread, block, block_size, grid_size;
};

// Of the fiber that runs now.
const Place &place();
// Waits until all threads of the block are here. The place in the source is for leaving a barrier out.
void block_barrier(const char *file, int line);
// Waits until all threads of the warp are here, and gives the `source` lane's value.
uint64_t exchange(uint64_t value, int source);
int lane();
// The same, and gives the values of all 32 lanes.
void exchange_all(uint64_t value, uint64_t (&values)[32]);

template <typename Number>
Number exchange_number(Number value, int source) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = exchange(bits, source);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace emulation

#define KERNEL static void
#define __device__
#define __global__
// One block runs at a time.
#define __shared__ static
#define __launch_bounds__(...)

#define threadIdx (emulation::place().thread)
#define blockIdx (emulation::place().block)
#define blockDim (emulation::place().block_size)
#define gridDim (emulation::place().grid_size)

#define __syncthreads() emulation::block_barrier(__FILE__, __LINE__)

template <typename Number>
static inline Number __shfl_xor_sync(unsigned, Number value, int distance) {
    return emulation::exchange_number(value, emulation::lane() ^ distance);
}

static inline float __int_as_float(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

static inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float __uint_as_float(unsigned bits) { return __int_as_float(bits); }

static inline float emulated_half_to_float(unsigned short half) {
    unsigned sign = half & 0x8000u, exponent = half >> 10 & 31, fraction = half & 1023u;
    if (exponent == 0) {
        float value = float(fraction) / 16777216.0f;
        return sign ? -value : value;
    }
    unsigned bits = exponent == 31 ? 0x7f800000u | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    return __uint_as_float(sign << 16 | bits);
}

// To nearest, ties to even, as cvt.rn.f16.f32.
static inline unsigned short emulated_float_to_half(float value) {
    unsigned bits = __float_as_uint(value), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (unsigned short)(sign | 0x7fffu);
    // 65520 and what is above.
    if (magnitude >= 0x477ff000u) return (unsigned short)(sign | 0x7c00u);
    // Below 2^-14 numbers are multiples of 2^-24.
    if (magnitude < 0x38800000u)
        return (unsigned short)(sign | unsigned(std::nearbyint(std::fabs(value) * 16777216.0f)));
    return (unsigned short)(sign | (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13);
}

// What mma.m16n8k16 does with the operands of all lanes, as TensorCores.cuh describes them.
static inline void emulated_multiply_add(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    struct Operands {
        unsigned a[4], b[2];
    };
    Operands own = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
    uint64_t lanes[32];
    emulation::exchange_all(reinterpret_cast<uint64_t>(&own), lanes);
    auto operands = [&](int lane) { return reinterpret_cast<const Operands *>(lanes[lane]); };
    auto number = [](unsigned pair, int half) { return __int_as_float(half ? pair & 0xffff0000u : pair << 16); };
    int group = emulation::lane() / 4, within = emulation::lane() % 4;
    for (int i = 0; i < 4; i++) {
        int row = group + i / 2 * 8, column = 2 * within + i % 2;
        for (int k = 0; k < 16; k++) {
            unsigned left = operands(row % 8 * 4 + k % 8 / 2)->a[row / 8 + k / 8 * 2];
            unsigned right = operands(column * 4 + k % 8 / 2)->b[k / 8];
            c[i] += number(left, k % 2) * number(right, k % 2);
        }
    }
    // Nobody's operands go away before all have been read.
    emulation::exchange_all(0, lanes);
}

static inline float __fdividef(float a, float b) { return a / b; }

static inline int min(int a, int b) { return a < b ? a : b; }
