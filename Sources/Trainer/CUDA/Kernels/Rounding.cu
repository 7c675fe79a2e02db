#include "Numbers.cuh"

// Copies rows x columns; rows lie in_stride and out_stride apart. Columns beyond, up to out_stride, become 0.
template <typename Number>
static __device__ inline void round_rows(
    Number *out, const float *in, long long rows, int columns, int in_stride, int out_stride) {
    for (long long i = thread_index(); i < rows * out_stride; i += thread_count()) {
        int column = i % out_stride;
        put(out[i], column < columns ? in[i / out_stride * in_stride + column] : 0);
    }
}

KERNEL round_bf16(
    BFloat16 *out, const float *in, long long rows, int columns, int in_stride, int out_stride) {
    round_rows(out, in, rows, columns, in_stride, out_stride);
}

KERNEL round_fp16(
    Float16 *out, const float *in, long long rows, int columns, int in_stride, int out_stride) {
    round_rows(out, in, rows, columns, in_stride, out_stride);
}
