#pragma once

// What the kernels share. No CUDA headers: NVRTC knows all that is used here by itself, and on a CPU the emulation of
// the tests defines it. Matrices are row-major float32; sums over a row are taken by threads in a fixed order, so that
// a result does not depend on timing.

#ifndef KERNEL
#define KERNEL extern "C" __global__ void
#endif

#define MINUS_INFINITY __int_as_float(0xff800000)
#define FULL_WARP 0xffffffffu
#define WARP 32

// Blocks of the kernels that reduce over a whole block.
#define REDUCING_THREADS 256

static __device__ inline float warp_sum(float value) {
    for (int distance = WARP / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(FULL_WARP, value, distance);
    return value;
}

static __device__ inline double warp_sum(double value) {
    for (int distance = WARP / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(FULL_WARP, value, distance);
    return value;
}

// The sum over all threads of a block of REDUCING_THREADS, given to all of them. May be called again at once.
template <typename Number>
static __device__ inline Number block_sum(Number value) {
    __shared__ Number sums[REDUCING_THREADS / WARP];
    value = warp_sum(value);
    if (threadIdx.x % WARP == 0) sums[threadIdx.x / WARP] = value;
    __syncthreads();
    Number sum = 0;
    for (int warp = 0; warp < REDUCING_THREADS / WARP; warp++) sum += sums[warp];
    // Nobody writes the next sums before all have read these.
    __syncthreads();
    return sum;
}

// This thread's place among all threads of the launch, and their number: loops over elements stride by it.
static __device__ inline long long thread_index() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
static __device__ inline long long thread_count() { return (long long)gridDim.x * blockDim.x; }
