#include "BFloat16.cuh"

// Copies rows x columns; rows lie in_stride and out_stride apart. Columns beyond, up to out_stride, become 0.
KERNEL to_bfloat16(
    unsigned short *out, const float *in, long long rows, int columns, int in_stride, int out_stride) {
    for (long long i = thread_index(); i < rows * out_stride; i += thread_count()) {
        int column = i % out_stride;
        out[i] = column < columns ? bfloat16(in[i / out_stride * in_stride + column]) : 0;
    }
}
