#include "Common.cuh"

static __device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Each row of in is a gate and a value of `half` elements each: out = silu(gate) * value.
KERNEL gated_silu_forward(float *out, const float *in, long long rows, int half) {
    for (long long i = thread_index(); i < rows * half; i += thread_count()) {
        const float *row = in + i / half * 2 * half;
        float gate = row[i % half], value = row[half + i % half];
        out[i] = gate * sigmoid(gate) * value;
    }
}

KERNEL gated_silu_backward(
    float *in_gradient, const float *out_gradient, const float *in, long long rows, int half) {
    for (long long i = thread_index(); i < rows * half; i += thread_count()) {
        long long place = i / half * 2 * half + i % half;
        float gate = in[place], s = sigmoid(gate);
        in_gradient[place] = out_gradient[i] * in[place + half] * s * (1.0f + gate * (1.0f - s));
        in_gradient[place + half] = out_gradient[i] * gate * s;
    }
}
