#include "Numbers.cuh"

static __device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Each row of in is a gate and a value of `half` elements each: out = silu(gate) * value.
template <typename Number>
static __device__ inline void gated_silu(Number *out, const Number *in, long long rows, int half) {
    for (long long i = thread_index(); i < rows * half; i += thread_count()) {
        const Number *row = in + i / half * 2 * half;
        float gate = number(row[i % half]), value = number(row[half + i % half]);
        put(out[i], gate * sigmoid(gate) * value);
    }
}

template <typename Number>
static __device__ inline void gated_silu_gradient(
    Number *in_gradient, const Number *out_gradient, const Number *in, long long rows, int half) {
    for (long long i = thread_index(); i < rows * half; i += thread_count()) {
        long long place = i / half * 2 * half + i % half;
        float gate = number(in[place]), s = sigmoid(gate), g = number(out_gradient[i]);
        put(in_gradient[place], g * number(in[place + half]) * s * (1.0f + gate * (1.0f - s)));
        put(in_gradient[place + half], g * gate * s);
    }
}

#define GATED_SILU(suffix, Number)                                                                                 \
    KERNEL gated_silu_forward##suffix(Number *out, const Number *in, long long rows, int half) {                   \
        gated_silu(out, in, rows, half);                                                                           \
    }                                                                                                              \
    KERNEL gated_silu_backward##suffix(                                                                            \
        Number *in_gradient, const Number *out_gradient, const Number *in, long long rows, int half) {             \
        gated_silu_gradient(in_gradient, out_gradient, in, rows, half);                                            \
    }
FOR_NUMBERS(GATED_SILU)
#undef GATED_SILU
