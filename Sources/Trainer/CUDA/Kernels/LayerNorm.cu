#include "Numbers.cuh"

#define EPSILON 1e-6f
// Widest row of the backward pass: its weight gradient is summed up in shared memory.
#define WIDEST 8192

// Normalises each row to mean 0 and variance 1, then multiplies by weight; keeps each row's mean and inverse deviation.
// One warp a row.
template <typename Number>
static __device__ inline void normalize_rows(
    Number *out, float *mean, float *inverse_deviation, const float *in, const float *weight, long long rows,
    int dim) {
    int lane = threadIdx.x % WARP;
    long long warps = thread_count() / WARP;
    for (long long row = thread_index() / WARP; row < rows; row += warps) {
        const float *x = in + row * dim;
        float sum = 0, squares = 0;
        for (int i = lane; i < dim; i += WARP) sum += x[i];
        float m = warp_sum(sum) / dim;
        for (int i = lane; i < dim; i += WARP) squares += (x[i] - m) * (x[i] - m);
        float r = 1.0f / sqrtf(warp_sum(squares) / dim + EPSILON);
        for (int i = lane; i < dim; i += WARP) put(out[row * dim + i], (x[i] - m) * r * weight[i]);
        if (lane == 0) {
            mean[row] = m;
            inverse_deviation[row] = r;
        }
    }
}

// Adds to in_gradient; writes what each block's rows give to the weight's gradient to weight_gradients[block], for
// column_sums. One block of REDUCING_THREADS a row; a thread keeps to its own columns.
template <typename Number>
static __device__ inline void normalize_rows_backward(
    float *in_gradient, float *weight_gradients, const Number *out_gradient, const float *in, const float *mean,
    const float *inverse_deviation, const float *weight, long long rows, int dim) {
    __shared__ float weight_gradient[WIDEST];
    for (int i = threadIdx.x; i < dim; i += REDUCING_THREADS) weight_gradient[i] = 0;
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *x = in + row * dim;
        const Number *g = out_gradient + row * dim;
        float m = mean[row], r = inverse_deviation[row];
        float sum = 0, dot = 0;
        for (int i = threadIdx.x; i < dim; i += REDUCING_THREADS) {
            float weighted = number(g[i]) * weight[i];
            sum += weighted;
            dot += weighted * ((x[i] - m) * r);
        }
        sum = block_sum(sum) / dim;
        dot = block_sum(dot) / dim;
        for (int i = threadIdx.x; i < dim; i += REDUCING_THREADS) {
            float normal = (x[i] - m) * r, gradient = number(g[i]);
            weight_gradient[i] += gradient * normal;
            in_gradient[row * dim + i] += r * (gradient * weight[i] - sum - normal * dot);
        }
    }
    for (int i = threadIdx.x; i < dim; i += REDUCING_THREADS)
        weight_gradients[(long long)blockIdx.x * dim + i] = weight_gradient[i];
}

#define LAYER_NORM(suffix, Number)                                                                                 \
    KERNEL layer_norm_forward##suffix(                                                                             \
        Number *out, float *mean, float *inverse_deviation, const float *in, const float *weight, long long rows,  \
        int dim) {                                                                                                 \
        normalize_rows(out, mean, inverse_deviation, in, weight, rows, dim);                                       \
    }                                                                                                              \
    KERNEL __launch_bounds__(REDUCING_THREADS) layer_norm_backward##suffix(                                        \
        float *in_gradient, float *weight_gradients, const Number *out_gradient, const float *in,                  \
        const float *mean, const float *inverse_deviation, const float *weight, long long rows, int dim) {         \
        normalize_rows_backward(                                                                                   \
            in_gradient, weight_gradients, out_gradient, in, mean, inverse_deviation, weight, rows, dim);          \
    }
FOR_NUMBERS(LAYER_NORM)
#undef LAYER_NORM
